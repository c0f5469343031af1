"""A run of some company codes lists what is theirs, matches included."""

from __future__ import annotations

from dataclasses import replace

from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import run_reconciliation
from tests.reconciliation.books import NET_30, Books, at, day, line

ON = day("2026-03-10")


def two_companies() -> tuple[Books, Books]:
    """Each sells, bills and is paid for one order; the second one has another without invoice."""
    ours, theirs = Books("1000"), Books("2000")
    for books, name in ((ours, "EXT-1"), (theirs, "EXT-2")):
        books.sell(
            name, [line(1, "100.00")], "2026-03-01", paid=[(f"P-{name}", "119.00", "2026-03-02")]
        )
        order = books.order(name, "2026-03-01")
        books.deliver(order, "2026-03-01")
        invoice = books.bill(order, "2026-03-01", terms=NET_30)
        receipt = books.receive(f"P-{name}", "119.00", "2026-03-02")
        books.clear([invoice, receipt], receipt, "2026-03-02")
    return ours, theirs


def reconcile(books: Books, *company_codes: str, restricted: bool) -> ReconciliationRun:
    assignment = replace(
        books.assignment("2026-03-10"), company_codes=company_codes, restricted=restricted
    )
    return run_reconciliation(assignment, books.mirrored.values(), books.extract(ON), now=at(ON))


def named(run: ReconciliationRun) -> set[str]:
    return {each.outside for each in run.matches}


def test_matches_of_other_company_codes_are_left_out() -> None:
    ours, theirs = two_companies()

    assert len(named(reconcile(ours, "1000", restricted=True))) == 3
    assert named(reconcile(theirs, "1000", restricted=True)) == set()


def test_matches_that_belong_to_no_company_code_yet_are_listed_only_where_nothing_is_left_out() -> (
    None
):
    books = Books("1000")
    books.sell("EXT-1", [line(1, "100.00")], "2026-03-09")
    books.order("EXT-1", "2026-03-09")

    whole = reconcile(books, "1000", "2000", restricted=False)
    part = reconcile(books, "1000", "2000", restricted=True)

    assert len(named(whole)) == 1
    assert named(part) == set()
    assert part.match_count == 0
