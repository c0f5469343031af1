"""The printed billing document: what it says, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.odata.entities.pdf import Line, document

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument
    from connector.simulator.odata.entities.forms import Forms

ZERO = Decimal(0)
_TITLE, _TEXT = 16, 10


def printed(forms: Forms, record: BillingDocument) -> bytes:
    """Return a billing document as PDF."""
    master = forms.master
    type_ = master.billing_types[record.billing_type]
    company = master.company_codes[record.company_code]
    terms = master.terms_of_payment.get(record.terms_of_payment)
    return document(
        [
            Line(f"{type_.text} {forms.number(record.number)}", _TITLE),
            Line(""),
            Line(f"{company.name}, {company.city}"),
            Line(""),
            *_address(forms, record),
            Line(""),
            *_references(forms, record),
            Line(""),
            *_items(forms, record),
            Line(""),
            *_totals(forms, record),
            *([Line(""), Line(terms.text)] if terms is not None else []),
        ]
    )


def _address(forms: Forms, record: BillingDocument) -> Iterator[Line]:
    """Yield the bill-to's address: that of the document, else that of the customer."""
    own = next((each.address for each in record.partners if each.function == "RE"), None)
    to = own or forms.erp.customer(record.bill_to)
    if to is not None:
        yield from (Line(each) for each in (to.name, to.name_2, to.street) if each)
        yield Line(f"{to.country} {to.postal_code} {to.city}".strip())


def _references(forms: Forms, record: BillingDocument) -> Iterator[Line]:
    yield Line(f"Customer {forms.number(record.payer)}")
    yield Line(f"Billing date {record.billing_date:%d.%m.%Y}")
    if record.purchase_order_by_customer:
        yield Line(f"Your reference {record.purchase_order_by_customer}")
    if record.cancelled_document:
        yield Line(f"Cancels {forms.number(record.cancelled_document)}")


def _items(forms: Forms, record: BillingDocument) -> Iterator[Line]:
    for item in record.items:
        quantity = forms.quantity(item.quantity, item.sales_unit)
        net = forms.amount(item.net_value, record.currency)
        yield Line(f"{item.item_number}  {item.material}  {item.description}")
        yield Line(f"      {quantity:f} {forms.unit(item.sales_unit)}      {net} {record.currency}")


def _totals(forms: Forms, record: BillingDocument) -> Iterator[Line]:
    """Yield net, the tax of each tax code, and gross."""
    yield Line(f"Net {forms.amount(record.net_value, record.currency)} {record.currency}")
    taxes: dict[str, Decimal] = {}
    for item in record.items:
        taxes[item.tax_code] = taxes.get(item.tax_code, ZERO) + item.tax_amount
    for code, amount in taxes.items():
        yield Line(f"Tax {code} {forms.amount(amount, record.currency)} {record.currency}")
    gross = forms.amount(record.net_value + record.tax_amount, record.currency)
    yield Line(f"Total {gross} {record.currency}", _TEXT + 2)
