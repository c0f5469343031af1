"""Paid is told by what a clearing consists of, not by its being there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, with_invoice_years
from connector.sd_documents.payment_state import ClearedBy, Clearings, InvoicePayment, PaymentState
from connector.sd_documents.values import Money

ON = date(2026, 3, 31)


def item(document: str, amount: str, kind: str = "RV", **fields: Any) -> CustomerItem:
    values: dict[str, Any] = {
        "key": AccountingDocumentKey(
            company_code="1000", accounting_document=document.zfill(10), fiscal_year=2026
        ),
        "line_item": 1,
        "document_type": kind,
        "customer": "C-100",
        "amount": Money(amount=Decimal(amount), currency="EUR"),
        "posting_date": date(2026, 3, 1),
        "document_date": date(2026, 3, 1),
        "entry_date": date(2026, 3, 1),
        "baseline_date": date(2026, 3, 1),
    }
    return CustomerItem(**{**values, **fields})


def cleared(clearing: str, on: date = date(2026, 3, 10)) -> dict[str, Any]:
    return {"clearing_document": clearing.zfill(10), "cleared_on": on}


def state_of(invoice: CustomerItem, *others: CustomerItem, **more: Any) -> InvoicePayment:
    return Clearings([invoice, *others], ON, **more).payment_of([invoice])


def test_nothing_happened_yet() -> None:
    assert state_of(item("1", "100")).state is PaymentState.OPEN


def test_what_is_cleared_after_the_day_is_still_open() -> None:
    invoice = item("1", "100", **cleared("9", date(2026, 4, 1)))

    assert state_of(invoice).state is PaymentState.OPEN


def test_a_receipt_in_the_clearing_pays() -> None:
    found = state_of(item("1", "100", **cleared("9")), item("9", "-100", "DZ", **cleared("9")))

    assert (found.state, found.settled.amount) == (PaymentState.PAID, Decimal(100))


def test_a_credit_memo_and_money_share_an_invoice() -> None:
    found = state_of(
        item("1", "100", **cleared("9")),
        item("2", "-30", invoice_reference="1", **cleared("9")),
        item("9", "-70", "DZ", **cleared("9")),
    )

    assert found.state is PaymentState.PAID
    assert (found.settled.amount, found.credited.amount) == (Decimal(70), Decimal(30))


def test_of_two_invoices_the_credit_that_names_one_is_its_own() -> None:
    first, second = item("1", "100", **cleared("9")), item("2", "50", **cleared("9"))
    credit = item("3", "-50", invoice_reference="2", **cleared("9"))
    clearings = Clearings([first, second, credit, item("9", "-100", "DZ", **cleared("9"))], ON)

    assert clearings.payment_of([first]).state is PaymentState.PAID
    assert clearings.payment_of([second]).state is PaymentState.CLEARED_WITHOUT_PAYMENT


def test_a_cancellation_is_no_payment() -> None:
    found = state_of(
        item("1", "100", **cleared("2")),
        item("2", "-100", billing_document="0000000002", **cleared("2")),
        cancellations={"0000000002"},
    )

    assert (found.state, found.cleared_by) == (
        PaymentState.CLEARED_WITHOUT_PAYMENT,
        ClearedBy.CANCELLATION,
    )


def test_a_clearing_by_nothing_but_the_ledger_is_a_write_off() -> None:
    found = state_of(item("1", "100", **cleared("9")), item("9", "-100", "SA", **cleared("9")))

    assert found.cleared_by is ClearedBy.WRITE_OFF


def test_a_clearing_that_charges_another_customer_is_a_transfer() -> None:
    found = state_of(
        item("1", "100", **cleared("9")),
        item("9", "-100", "AB", **cleared("9")),
        item("9", "100", "AB", customer="C-200", line_item=2),
    )

    assert found.cleared_by is ClearedBy.TRANSFER


def test_a_rest_of_a_rest_is_followed_to_what_is_owed() -> None:
    invoice = item("1", "100", **cleared("8"))
    first = item("8", "40", "DZ", line_item=2, invoice_reference="1", **cleared("9"))
    second = item("9", "15", "DZ", line_item=2, invoice_reference="1")
    money = (item("8", "-100", "DZ", **cleared("8")), item("9", "-40", "DZ", **cleared("9")))

    found = state_of(invoice, first, second, *money)

    assert found.state is PaymentState.PARTIALLY_PAID
    assert (found.settled.amount, found.open.amount) == (Decimal(85), Decimal(15))


def in_year(year: int, document: str) -> dict[str, Any]:
    key = AccountingDocumentKey(
        company_code="1000", accounting_document=document.zfill(10), fiscal_year=year
    )
    return {"key": key, "posting_date": date(year, 1, 2)}


def test_a_receipt_of_another_year_pays_nothing_though_its_number_is_that_of_the_clearing() -> None:
    invoice = item("1", "100", **cleared("9", date(2026, 1, 20)))
    memo = item("2", "-100", **cleared("9", date(2026, 1, 20)))
    receipt = item("9", "-70", "DZ", **in_year(2025, "9"))
    paid_then = item("5", "70", **in_year(2025, "5"), **cleared("9", date(2025, 1, 20)))

    found = state_of(invoice, memo, receipt, paid_then)

    assert found.state is PaymentState.CLEARED_WITHOUT_PAYMENT
    assert found.settled.amount == 0


def test_a_partial_payment_belongs_to_the_invoice_of_the_year_that_it_names() -> None:
    older = item("1", "100", **in_year(2025, "1"))
    later = item("1", "100", **in_year(2026, "1"))
    part = item(
        "9", "-30", "DZ", **in_year(2026, "9"), invoice_reference="1", invoice_reference_year=2025
    )

    assert state_of(older, later, part).state is PaymentState.PARTIALLY_PAID
    assert state_of(later, older, part).state is PaymentState.OPEN


def test_the_year_of_a_clearing_is_that_of_its_day_where_it_was_not_read() -> None:
    read = item("1", "100", **cleared("9", date(2026, 1, 20)), clearing_year=2025)
    unread = item("1", "100", **cleared("9", date(2027, 1, 20)))
    # A fiscal year that is one ahead of the calendar stays so.
    ahead = item("1", "100", **{**in_year(2026, "1"), "posting_date": date(2025, 12, 30)})

    assert read.clearing == ("1000", "0000000009", 2025)
    assert unread.clearing == ("1000", "0000000009", 2027)
    assert ahead.model_copy(update=cleared("9", date(2025, 12, 31))).clearing == (
        "1000",
        "0000000009",
        2026,
    )
    assert item("1", "100").clearing is None


def test_items_kept_before_years_were_read_name_the_youngest_document_not_of_a_later_year() -> None:
    older = item("1", "100", **in_year(2024, "1"))
    later = item("1", "100", **in_year(2027, "1"))
    part = item("9", "-30", "DZ", **in_year(2026, "9"), invoice_reference="1")
    alone = item("8", "-30", "DZ", **in_year(2026, "8"), invoice_reference="5")

    found = with_invoice_years([older, later, part, alone])

    assert [each.invoice for each in found[2:]] == [older.document, ("1000", "0000000005", 2026)]
