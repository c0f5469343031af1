"""Money by week: what open items bring in when they are due, and what receipts brought in."""

from __future__ import annotations

from decimal import Decimal

from connector.reconciliation.cash_flow import CashFlowRow, CashPeriod
from tests.reconciliation.books import NET_30, Books

KEY_DATE = "2026-03-31"


def rows_of(books: Books) -> dict[str, CashFlowRow]:
    """The weeks of the end of March by their Monday, or by what stands for it."""
    run = books.reconcile(KEY_DATE)
    return {str(row.begins_on or row.period.value): row for row in run.cash_flow}


def invoice(books: Books, number: str, on: str, amount: str) -> None:
    """Post an invoice that is due 30 days later."""
    books.post(number, "RV", on, amount, billing_document=number, **NET_30)


def test_an_item_is_expected_in_the_week_of_its_due_date() -> None:
    books = Books()
    invoice(books, "90000001", "2026-03-10", "100.00")  # due on Thursday, 9 April

    row = rows_of(books)["2026-04-06"]

    assert (row.period, row.expected.amount, row.expected_items) == (
        CashPeriod.WEEK, Decimal("100.00"), 1,
    )  # fmt: skip


def test_what_is_due_on_the_key_date_is_not_overdue() -> None:
    books = Books()
    invoice(books, "90000001", "2026-03-01", "100.00")  # due on the key date itself
    invoice(books, "90000002", "2026-02-28", "50.00")  # due the day before

    rows = rows_of(books)

    assert rows["2026-03-30"].expected.amount == Decimal("100.00")
    assert rows["overdue"].expected.amount == Decimal("50.00")


def test_what_is_due_after_eight_weeks_is_later() -> None:
    books = Books()
    books.post("90000001", "RV", "2026-03-10", "100.00", net_days=90)

    assert rows_of(books)["later"].expected.amount == Decimal("100.00")


def test_a_partial_payment_lowers_what_its_invoice_brings_in() -> None:
    books = Books()
    invoice(books, "90000001", "2026-03-10", "100.00")
    books.receive("90000001", "30.00", "2026-03-20", invoice_reference="0090000001")

    rows = rows_of(books)

    assert rows["2026-04-06"].expected.amount == Decimal("70.00")
    assert (rows["2026-03-16"].received.amount, rows["2026-03-16"].received_items) == (
        Decimal("30.00"), 1,
    )  # fmt: skip


def test_money_on_account_is_received_and_not_expected() -> None:
    books = Books()
    books.receive("nobody", "30.00", "2026-03-20")

    rows = rows_of(books)

    assert list(rows) == ["2026-03-16"]
    assert rows["2026-03-16"].expected.amount == 0


def test_receipts_of_more_than_eight_weeks_ago_or_after_the_key_date_are_not_told() -> None:
    books = Books()
    books.receive("old", "30.00", "2026-02-08")
    books.receive("of the first week", "40.00", "2026-02-09")
    books.receive("too late", "50.00", "2026-04-01")

    assert {name: row.received.amount for name, row in rows_of(books).items()} == {
        "2026-02-09": Decimal("40.00")
    }
