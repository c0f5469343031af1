"""Run by run: what was there, what came, what went, and that it adds up to what is there now."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.ports.reconciliation import EntryKind, NewEntry
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.roll_forward import BreakMovement, ItemMovement, Tally
from connector.sd_documents.payment import CustomerItem
from connector.store.sql_store import SqlStore
from tests.reconciliation.books import Books, line
from tests.reconciliation.logbook import Logbook


def tally(count: int, amount: str = "0") -> Tally:
    return Tally(count=count, amount=Decimal(amount))


def breaks_of(run: ReconciliationRun, currency: str = "EUR") -> BreakMovement:
    assert run.roll_forward is not None
    (row,) = (row for row in run.roll_forward.breaks if row.currency == currency)
    assert not row.difference
    return row


def items_of(run: ReconciliationRun) -> ItemMovement:
    assert run.roll_forward is not None
    (row,) = run.roll_forward.items
    return row


def figures(row: ItemMovement) -> dict[str, str]:
    names = ("opening", "restated", "invoices", "credits", "receipts", "other", "closing")
    return {name: str(getattr(row, name).amount) for name in names if getattr(row, name).amount}


def accept(logbook: Logbook, account: str) -> None:
    record = logbook.record(account)
    body = {"by": "Chief", "reason": "too small to chase"}
    logbook.store.reconciliation_log.append(
        [NewEntry(EntryKind.BREAK_ACCEPTED, record.id, body)], at=logbook.clock.now()
    )


def test_breaks_roll_forward_over_three_runs_by_count_and_amount(store: SqlStore) -> None:
    """New, changed, resolved, accepted, reopened, and a pending one that becomes a break."""
    logbook = Logbook(store)
    books = logbook.books
    books.sell("EXT-1", [line(1, "100.00")], "2026-03-01")
    books.deliver(books.order("EXT-1", "2026-03-01"), "2026-03-08")  # not billed: 3 days of grace
    for account, amount in (("1", "10.00"), ("2", "20.00"), ("3", "30.00"), ("4", "40.00")):
        logbook.misstate(account, amount, "2026-03-05")

    first = logbook.run("2026-03-10")

    row = breaks_of(first)
    assert (row.opening, row.new, row.closing) == (tally(0), tally(4, "100"), tally(4, "100"))
    assert [pending.code for pending in first.pending] == [BreakCode.MISSING_BILLING]
    pending_id = first.pending[0].id

    accept(logbook, "4")
    logbook.misstate("1", "-10.00", "2026-03-11")  # resolved
    logbook.misstate("2", "5.00", "2026-03-11")  # changed by 5.00

    second = logbook.run("2026-03-12")

    row = breaks_of(second)
    (overdue,) = (b for b in second.breaks if b.code is BreakCode.MISSING_BILLING)
    assert overdue.id == pending_id
    assert str(overdue.difference) == "-119.00 EUR"
    assert row.opening == tally(4, "100")
    assert row.new == tally(1, "-119")
    assert row.changed == tally(1, "5")
    assert row.resolved == tally(1, "10")
    assert row.accepted == tally(1, "40")
    assert row.closing == tally(3, "-64")  # 25 + 30 - 119
    assert second.header.previous is not None
    assert second.header.previous.run_id == first.header.run_id
    assert second.header.previous.content_hash == first.content_hash

    logbook.misstate("1", "12.00", "2026-03-13")  # comes back, with another amount
    logbook.misstate("4", "1.00", "2026-03-13")  # not the amount that was accepted
    logbook.misstate("3", "-30.00", "2026-03-13")

    third = logbook.run("2026-03-14")

    row = breaks_of(third)
    assert row.opening == breaks_of(second).closing
    assert row.reopened == tally(2, "53")
    assert row.resolved == tally(1, "30")
    assert (row.new, row.changed, row.accepted) == (tally(0), tally(0), tally(0))
    assert row.closing == tally(4, "-41")  # 12 + 25 + 41 - 119
    again = logbook.record("1")
    assert again.first_seen_on.isoformat() == "2026-03-10"
    assert [on.isoformat() for on in again.reopened_on] == ["2026-03-14"]


def test_open_items_roll_forward_from_invoices_credits_and_receipts(store: SqlStore) -> None:
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000001", "RV", "2026-03-01", "1190.00", billing_document="90000001")
    assert items_of_none(logbook.run("2026-03-01"))

    books.post("90000002", "RV", "2026-03-02", "595.00", billing_document="90000002")
    books.post("90000003", "RV", "2026-03-02", "-285.60", billing_document="90000003")
    books.receive("PAY-1", "400.00", "2026-03-03")
    books.post("1700000001", "AB", "2026-03-03", "-0.40")
    row = items_of(logbook.run("2026-03-04"))

    assert figures(row) == {
        "opening": "1190.00", "invoices": "595.00", "credits": "285.60", "receipts": "400.00",
        "other": "-0.40", "closing": "1099.00",
    }  # fmt: skip
    assert (row.invoice_count, row.credit_count, row.receipt_count, row.other_count) == (1, 1, 1, 1)
    assert not row.difference


def items_of_none(run: ReconciliationRun) -> bool:
    """The first run has nothing to start from."""
    return run.roll_forward is not None and run.roll_forward.items == ()


def test_a_long_time_is_read_a_few_days_at_a_time(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of lines need not be held to add them up; none is left out and none counted twice."""
    logbook = Logbook(store)
    logbook.run("2026-03-01")
    for on in ("2026-03-02", "2026-03-08", "2026-03-09", "2026-03-15", "2026-04-10"):
        logbook.books.post(f"18{on[5:7]}{on[8:]}", "DR", on, "1.00")
    asked: list[tuple[date, date]] = []
    posted_items = logbook.posted_items

    def noted(code: str, *, posted_until: date, **more: Any) -> tuple[CustomerItem, ...]:
        if more.get("posted_after"):
            asked.append((more["posted_after"], posted_until))
        return posted_items(code, posted_until=posted_until, **more)

    monkeypatch.setattr(logbook.recorder.items, "posted_items", noted)

    row = items_of(logbook.run("2026-04-10"))

    assert figures(row) == {"invoices": "5.00", "closing": "5.00"}
    assert row.invoice_count == 5
    assert asked[0][0] == date(2026, 3, 1)
    assert asked[-1][1] == date(2026, 4, 10)
    assert [until for _, until in asked[:-1]] == [after for after, _ in asked[1:]]
    assert max(until - after for after, until in asked) == timedelta(days=7)


def test_a_residual_item_counts_as_part_of_its_receipt(store: SqlStore) -> None:
    """The payment settles 790 and leaves 290 open: the debt went down by 500."""
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000006", "RV", "2026-03-01", "1190.00", billing_document="90000006")
    logbook.run("2026-03-01")
    partial = books.receive("P1", "400.00", "2026-03-20", invoice_reference="0090000006")
    assert figures(items_of(logbook.run("2026-03-25")))["receipts"] == "400.00"

    books.post("1400000006", "DZ", "2026-04-10", "-790.00")
    books.clear(["90000006", partial, "1400000006"], "1400000006", "2026-04-10")
    books.post("1400000006", "DZ", "2026-04-10", "290.00", invoice_reference="0090000006")
    row = items_of(logbook.run("2026-04-15"))

    assert figures(row) == {"opening": "790.00", "receipts": "500.00", "closing": "290.00"}


def test_what_was_entered_late_restates_the_opening_instead_of_breaking_it(store: SqlStore) -> None:
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    logbook.run("2026-03-31")
    books.post(
        "90000002", "RV", "2026-03-30", "50.00", billing_document="90000002",
        entry_date="2026-04-01",
    )  # fmt: skip

    row = items_of(logbook.run("2026-04-01"))

    assert figures(row) == {"opening": "100.00", "restated": "50.00", "closing": "150.00"}


def test_lines_of_the_day_of_reading_are_told_apart_though_the_erp_names_no_time(
    store: SqlStore,
) -> None:
    """Entered in the morning and known; entered at night and not known: both on the same day."""
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000001", "RV", "2026-03-31", "100.00", billing_document="90000001")
    logbook.run("2026-03-31")
    books.post("90000002", "RV", "2026-03-31", "7.00", billing_document="90000002")

    row = items_of(logbook.run("2026-04-01"))

    assert figures(row) == {"opening": "100.00", "restated": "7.00", "closing": "107.00"}


def test_a_balance_that_moved_without_a_posting_makes_the_run_incomplete(store: SqlStore) -> None:
    """An item of March is gone in April, and nothing was posted: somebody must look."""
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    books.post("90000002", "RV", "2026-03-01", "5.00", billing_document="90000002")
    logbook.run("2026-03-31")
    del books.items[1]
    del books.ledger[1]

    run = logbook.run("2026-04-01")

    assert run.verdict is Verdict.INCOMPLETE
    assert run.roll_forward is not None
    (row,) = run.roll_forward.items
    assert str(row.difference) == "-5.00 EUR"


def test_postings_while_it_reads_make_it_read_again_and_not_fail(store: SqlStore) -> None:
    logbook = Logbook(store)
    books = logbook.books
    books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    logbook.run("2026-03-01")
    key_date = books.assignment("2026-03-02").key_date
    readings = [books.extract(key_date)]

    def post_after_the_extract() -> None:
        if readings:
            stale = readings.pop()
            books.post("90000002", "RV", "2026-03-02", "9.00", billing_document="90000002")
            logbook.change_extract = lambda read: stale
        else:
            logbook.change_extract = lambda read: read

    logbook.during = post_after_the_extract

    run = logbook.run("2026-03-02")

    assert run.verdict is not Verdict.INCOMPLETE
    assert figures(items_of(run))["closing"] == "109.00"


def test_an_earlier_key_date_is_a_verification_that_leaves_the_register_alone(
    store: SqlStore,
) -> None:
    """What was found in April is neither resolved nor reopened by looking at March again."""
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-05")
    logbook.run("2026-03-10")
    logbook.misstate("2", "20.00", "2026-04-05")
    logbook.run("2026-04-10")
    before = logbook.register.records

    run = logbook.run("2026-03-20", at="2026-04-11")

    assert run.header.mode is RunMode.VERIFICATION
    assert [b.key("account") for b in run.breaks] == ["1"]
    assert logbook.register.records == before
    row = breaks_of(run)
    assert (row.opening, row.closing) == (tally(1, "10"), tally(1, "10"))
    assert run.header.previous is not None
    assert run.header.previous.key_date.isoformat() == "2026-03-10"


def test_a_run_of_another_company_code_is_no_base_and_resolves_nothing(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-05")
    logbook.run("2026-03-10")
    ours, logbook.books = logbook.books, Books("2000")

    other = logbook.run("2026-03-11")
    logbook.books = ours

    assert other.header.previous is None
    assert logbook.record("1").state == "open"


def test_amounts_of_other_currencies_are_kept_apart(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-05")
    logbook.run("2026-03-10")
    logbook.books.currency = "JPY"
    logbook.misstate("2", "300", "2026-03-11")

    run = logbook.run("2026-03-12")

    assert breaks_of(run, "EUR").closing == tally(1, "10")
    assert (breaks_of(run, "JPY").new, breaks_of(run, "JPY").closing) == (
        tally(1, "300"),
        tally(1, "300"),
    )
