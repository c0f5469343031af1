"""Each day that a comparison holds against the key date ends what holds still."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connector.reconciliation.erp_extract import ErpExtract
from connector.reconciliation.mirror import MirroredOrder, MirroredPayment
from connector.reconciliation.validity import valid_until
from connector.sd_documents.payment import CustomerItem
from connector.statements.model import Payout, PayoutLineKind
from tests.reconciliation.books import Books, day, line
from tests.reconciliation.money import eur, payout, payout_line

KEY_DATE, LATER = day("2026-03-10"), day("2026-04-01")


@pytest.fixture
def books() -> Books:
    """An order that was delivered, billed and paid before the key date."""
    books = Books()
    books.sell("EXT", [line(1, "100.00")], "2026-03-01", paid=[("PAY", "119.00", "2026-03-01")])
    order = books.order("EXT", "2026-03-01")
    books.deliver(order, "2026-03-02")
    invoice = books.bill(order, "2026-03-02")
    receipt = books.receive("PAY", "119.00", "2026-03-03")
    books.clear([invoice, receipt], receipt, "2026-03-03")
    return books


def last_day(
    books: Books, *, orders: tuple[MirroredOrder, ...] = (), payouts: tuple[Payout, ...] = (),
    **of_erp: Any,
) -> date | None:  # fmt: skip
    extract = replace(books.extract(KEY_DATE), **of_erp)
    return valid_until(KEY_DATE, orders or books.mirrored.values(), extract, payouts, ())


def in_payout(happened_on: date) -> Payout:
    refund = payout_line("1", PayoutLineKind.REFUND, "-1.00", on=str(happened_on))
    return payout("po", str(KEY_DATE), "-1.00", [refund])


def test_what_lies_behind_holds_for_ever(books: Books) -> None:
    assert last_day(books, payouts=(in_payout(KEY_DATE),)) is None


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("sales_documents", "document_date"),
        ("deliveries", "document_date"),
        ("deliveries", "actual_goods_issue_date"),
        ("billing_documents", "billing_date"),
        ("items", "posting_date"),
        ("items", "cleared_on"),
        ("open_items", "posting_date"),
        ("open_items", "cleared_on"),
    ],
)
def test_a_document_of_a_later_day_ends_it_the_day_before(
    books: Books, where: str, field: str
) -> None:
    record = (books.items if where == "open_items" else getattr(books.extract(KEY_DATE), where))[0]
    changed: dict[str, Any] = {where: (record.model_copy(update={field: LATER}),)}

    assert last_day(books, **changed) == LATER - timedelta(days=1)


@pytest.mark.parametrize("field", ["ordered_on", "cancelled_on"])
def test_an_order_of_a_later_day_ends_it_the_day_before(books: Books, field: str) -> None:
    changes: dict[str, Any] = {field: LATER}
    order = replace(books.mirrored["EXT"], **changes)

    assert last_day(books, orders=(order,)) == LATER - timedelta(days=1)


@pytest.mark.parametrize("field", ["payments", "refunds"])
def test_a_payment_of_a_later_day_ends_it_the_day_before(books: Books, field: str) -> None:
    changes: dict[str, Any] = {field: (MirroredPayment("P", "card", eur("1.00"), LATER),)}
    order = replace(books.mirrored["EXT"], **changes)

    assert last_day(books, orders=(order,)) == LATER - timedelta(days=1)


def test_a_refund_in_a_payout_counts_from_its_day_on(books: Books) -> None:
    assert last_day(books, payouts=(in_payout(LATER),)) == LATER - timedelta(days=1)


def test_what_is_pending_holds_until_the_day_before_it_breaks(books: Books) -> None:
    waiting = Books()
    waiting.sell("EXT", [line(1, "100.00")], "2026-03-10")
    (pending,) = waiting.reconcile("2026-03-10").pending

    last = valid_until(KEY_DATE, (), ErpExtract(), (), [pending])

    assert last == pending.break_on - timedelta(days=1)
    assert [each.break_on for each in waiting.reconcile(str(last)).pending] == [pending.break_on]
    assert not waiting.reconcile(str(pending.break_on)).pending


def test_the_first_of_several_days_ends_it(books: Books) -> None:
    item: CustomerItem = books.items[0]
    later = [
        item.model_copy(update={"posting_date": LATER + timedelta(days=days)}) for days in (5, 0, 9)
    ]

    assert last_day(books, items=tuple(later)) == LATER - timedelta(days=1)
