"""The printed billing document: what it says, line by line."""

from __future__ import annotations

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
    customer = forms.erp.customer(record.bill_to)
    lines = [
        Line(f"{type_.text} {forms.number(record.number)}", _TITLE),
        Line(""),
        Line(f"{company.name}, {company.city}"),
        Line(""),
    ]
    own = next((each.address for each in record.partners if each.function == "RE"), None)
    to = own or customer
    if to is not None:
        lines += [Line(each) for each in (to.name, to.name_2, to.street) if each]
        lines.append(Line(f"{to.country} {to.postal_code} {to.city}".strip()))
    lines += [
        Line(""),
        Line(f"Customer {forms.number(record.payer)}"),
        Line(f"Billing date {record.billing_date:%d.%m.%Y}"),
    ]
    if record.purchase_order_by_customer:
        lines.append(Line(f"Your reference {record.purchase_order_by_customer}"))
    if record.cancelled_document:
        lines.append(Line(f"Cancels {forms.number(record.cancelled_document)}"))
    lines.append(Line(""))
    for item in record.items:
        quantity = forms.quantity(item.quantity, item.sales_unit)
        net = forms.amount(item.net_value, record.currency)
        lines += [
            Line(f"{item.item_number}  {item.material}  {item.description}"),
            Line(f"      {quantity:f} {forms.unit(item.sales_unit)}      {net} {record.currency}"),
        ]
    lines.append(Line(""))
    lines.append(Line(f"Net {forms.amount(record.net_value, record.currency)} {record.currency}"))
    taxes: dict[str, Decimal] = {}
    for item in record.items:
        taxes[item.tax_code] = taxes.get(item.tax_code, ZERO) + item.tax_amount
    for code, amount in taxes.items():
        shown = forms.amount(amount, record.currency)
        lines.append(Line(f"Tax {code} {shown} {record.currency}"))
    gross = forms.amount(record.net_value + record.tax_amount, record.currency)
    lines.append(Line(f"Total {gross} {record.currency}", _TEXT + 2))
    terms = master.terms_of_payment.get(record.terms_of_payment)
    if terms is not None:
        lines += [Line(""), Line(terms.text)]
    return document(lines)
