"""Documents that could not exist cannot be built."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.payment import (
    AccountingDocumentKey,
    CustomerItem,
    IncomingPayment,
    ItemToClear,
    TaxAdjustment,
)
from connector.sd_documents.quotation import Quotation
from connector.sd_documents.returns_order import ReturnsOrder
from connector.sd_documents.sales_document import SalesArea, SalesDocumentItem
from connector.sd_documents.sales_order import SalesOrder
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status, roll_up
from connector.sd_documents.values import DocumentCategory, Money, Quantity


def pieces(value: int) -> Quantity:
    return Quantity(value=Decimal(value), unit="PC")


def header(**changes: Any) -> dict[str, Any]:
    return {
        "sales_order_type": "OR",
        "sales_area": SalesArea(
            sales_organization="1000", distribution_channel="10", division="00"
        ),
        "purchase_order_by_customer": "EXT-1001",
        "requested_delivery_date": date(2026, 1, 12),
        "currency": "EUR",
        "partners": (Partner(function=PartnerFunction.SOLD_TO_PARTY, customer="100001"),),
        "items": (
            SalesDocumentItem(item_number=10, material="M-01", requested_quantity=pieces(1)),
        ),
        **changes,
    }


def test_an_order_without_sold_to_party_is_refused() -> None:
    with pytest.raises(ValidationError, match="sold-to party is required"):
        SalesOrder(**header(partners=()))


def test_two_items_with_one_number_are_refused() -> None:
    item = SalesDocumentItem(item_number=10, material="M-01", requested_quantity=pieces(1))
    with pytest.raises(ValidationError, match="unique"):
        SalesOrder(**header(items=(item, item)))


def test_a_misspelt_field_is_an_error_and_not_a_lost_value() -> None:
    with pytest.raises(ValidationError, match="payment_term"):
        SalesOrder(**header(payment_term="Z030"))


def test_a_reference_longer_than_the_field_is_refused_and_not_cut() -> None:
    with pytest.raises(ValidationError, match="35 characters"):
        SalesOrder(**header(purchase_order_by_customer="x" * 36))


def test_a_sales_order_is_no_inquiry() -> None:
    with pytest.raises(ValidationError, match="cannot have category"):
        SalesOrder(**header(category=DocumentCategory.INQUIRY))


def test_schedule_lines_must_add_up_to_their_item() -> None:
    line = ScheduleLine(requested_delivery_date=date(2026, 1, 12), requested_quantity=pieces(60))
    with pytest.raises(ValidationError, match="add up to 60, the item to 100"):
        SalesDocumentItem(
            item_number=10, material="M-01", requested_quantity=pieces(100), schedule_lines=(line,)
        )


def test_a_quotation_needs_its_validity_and_a_return_its_reason() -> None:
    with pytest.raises(ValidationError, match="valid_from and valid_to"):
        Quotation(**header())
    with pytest.raises(ValidationError, match="order reason"):
        ReturnsOrder(**header())


@pytest.mark.parametrize(
    ("items", "of_header"),
    [
        ("", ""),
        ("AA", "A"),
        ("CC", "C"),
        ("AC", "B"),
        ("B", "B"),
    ],
)
def test_items_roll_up_to_the_header(items: str, of_header: str) -> None:
    assert roll_up(Status(letter) for letter in items) == of_header


def test_an_item_that_is_not_relevant_does_not_count() -> None:
    assert roll_up([Status.NOT_RELEVANT, Status.COMPLETELY]) is Status.COMPLETELY


KEY = AccountingDocumentKey(company_code="1000", accounting_document="0090000001", fiscal_year=2026)


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def payment(received: str, cleared: str) -> IncomingPayment:
    return IncomingPayment(
        payment_reference="PAY-1",
        company_code="1000",
        payer="100001",
        document_date=date(2026, 1, 28),
        posting_date=date(2026, 1, 28),
        received=euros(received),
        bank_account="113100",
        cash_discount=euros("200.00"),
        tax_adjustments=(TaxAdjustment(tax_code="A1", amount=euros("38.00")),),
        items=(ItemToClear(key=KEY, line_item=1, amount=euros(cleared)),),
    )


def test_a_payment_settles_what_came_in_plus_discount_and_tax() -> None:
    assert payment("11662.00", "11900.00").settled == euros("11900.00")


def test_a_payment_that_does_not_settle_its_items_exactly_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"clears 11900\.00 but settles 11,899\.99 EUR"):
        payment("11661.99", "11900.00")


def item(amount: str, **changes: Any) -> CustomerItem:
    values: dict[str, Any] = {
        "key": KEY,
        "line_item": 1,
        "document_type": "RV",
        "customer": "100001",
        "amount": euros(amount),
        "posting_date": date(2026, 3, 1),
        "document_date": date(2026, 3, 1),
        "entry_date": date(2026, 3, 1),
        "baseline_date": date(2026, 3, 1),
        "net_days": 30,
        **changes,
    }
    return CustomerItem(**values)


def test_an_item_cleared_later_still_counts_as_open_on_the_key_date() -> None:
    cleared = item("1190.00", clearing_document="1400000006", cleared_on=date(2026, 4, 10))

    assert not cleared.is_open_on(date(2026, 2, 28))
    assert cleared.is_open_on(date(2026, 4, 9))
    assert not cleared.is_open_on(date(2026, 4, 10))


def test_a_credit_without_invoice_is_due_at_its_baseline_date() -> None:
    assert item("1190.00").net_due_on == date(2026, 3, 31)
    assert item("-150.00").net_due_on == date(2026, 3, 1)
    assert item("-100.00", invoice_reference="0090000101").net_due_on == date(2026, 3, 31)
