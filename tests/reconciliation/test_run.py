"""A run as a whole: verdict, hash, JSON, and what happens when a source cannot be relied on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connector.reconciliation import rows
from connector.reconciliation.breaks import CATALOGUE, BreakCode, catalogue_markdown, stable_id
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import ReconciliationRules, ToleranceRule
from connector.reconciliation.run import run_reconciliation
from connector.resources import shipped
from tests.reconciliation.books import Books, at, day, line

NOW = datetime(2026, 2, 10, 6, 0, tzinfo=UTC)


def books_with_everything() -> Books:
    """One order in order, one not billed yet, one missing, one paid in part."""
    books = Books()
    for number in (1, 2, 4):
        books.sell(f"EXT-{number}", [line(10, "80.00")], "2026-02-02")
    books.sell("EXT-3", [line(1, "10.00")], "2026-02-02")
    first = books.order("EXT-1", "2026-02-02")
    books.deliver(first, "2026-02-03")
    books.bill(first, "2026-02-03")
    second = books.order("EXT-2", "2026-02-02")
    books.deliver(second, "2026-02-09")
    fourth = books.order("EXT-4", "2026-02-02")
    books.deliver(fourth, "2026-02-03")
    invoice = books.bill(fourth, "2026-02-03")
    books.receive("", "100.00", "2026-02-05", invoice_reference=invoice)
    return books


def run_of(books: Books, **more: Any) -> ReconciliationRun:
    return run_reconciliation(
        books.assignment("2026-02-09"),
        books.mirrored.values(),
        books.extract(day("2026-02-09")),
        now=NOW,
        **more,
    )


def test_the_same_inputs_give_the_same_hash_whenever_they_are_run() -> None:
    books = books_with_everything()
    once = books.reconcile("2026-02-09")
    again = run_of(books)

    assert once.content_hash == again.content_hash
    assert once.header.run_id != again.header.run_id


@pytest.mark.parametrize(
    "rules",
    [
        ReconciliationRules(billing_grace_days=4),
        ReconciliationRules(
            tolerances=(
                ToleranceRule(
                    code=BreakCode.PRICE_DIFF,
                    currency="EUR",
                    amount=Decimal(1),
                    percent=Decimal(1),
                ),
            )
        ),
    ],
)
def test_other_rules_give_another_hash(rules: ReconciliationRules) -> None:
    books = books_with_everything()

    assert (
        books.reconcile("2026-02-09").content_hash
        != books.reconcile("2026-02-09", rules).content_hash
    )


def test_a_cent_more_gives_another_hash() -> None:
    books = books_with_everything()
    before = run_of(books).content_hash
    books.post("1400000099", "DZ", "2026-02-05", "-0.01")

    assert run_of(books).content_hash != before


def test_run_ids_sort_by_time() -> None:
    books = books_with_everything()
    runs = [
        run_reconciliation(
            books.assignment("2026-02-09"),
            books.mirrored.values(),
            books.extract(day("2026-02-09")),
            now=NOW + timedelta(seconds=seconds),
        )
        for seconds in (0, 1, 59, 3600, 86400)
    ]

    ids = [run.header.run_id for run in runs]
    assert ids == sorted(ids)


def test_amounts_are_text_in_json_and_come_back_unchanged() -> None:
    run = run_of(books_with_everything())

    loaded = json.loads(run.to_json(), parse_float=lambda text: pytest.fail(f"float {text}"))

    assert loaded["ageing"][0]["total"] == {"amount": "1804.00", "currency": "EUR"}
    assert loaded["verdict"] == "BREAKS"
    assert ReconciliationRun.from_json(run.to_json()) == run


def test_every_source_has_its_control_totals() -> None:
    run = run_of(books_with_everything())

    sources = {source.name: source for source in run.sources}
    assert sources["external orders"].records == 4
    assert str(sources["external orders"].totals[0].debit) == "2,867.90 EUR"
    assert sources["open items"].records == 3
    assert str(sources["open items"].totals[0].credit) == "100.00 EUR"
    assert sources["open items"].oldest == day("2026-02-03")
    assert sources["open items"].newest == day("2026-02-05")


def test_a_stale_intake_makes_the_run_incomplete_whatever_else_it_shows() -> None:
    """Complete until noon of the key date: what was sold in the evening is not in it."""
    run = run_of(books_with_everything(), intake_complete_until=at(day("2026-02-08")))

    assert run.verdict is Verdict.INCOMPLETE
    stale = [b for b in run.breaks if b.code is BreakCode.STALE_DATA]
    assert {b.key("source") for b in stale} == {"external orders", "channel payments"}


def test_files_of_statements_that_are_short_are_not_stale_as_well() -> None:
    run = run_of(
        books_with_everything(),
        intake_complete_until=at(day("2026-02-08")),
        movements=MoneyMovements(pages=(1, 2)),
    )

    stale = [b for b in run.breaks if b.code is BreakCode.STALE_DATA]
    assert {b.key("source") for b in stale} == {"external orders", "channel payments"}


def test_an_intake_that_reaches_the_end_of_the_key_date_is_recent_enough() -> None:
    """The key date ends at 23:00 UTC, when it is midnight in Berlin."""
    end = datetime(2026, 2, 9, 23, 0, tzinfo=UTC)
    late = datetime(2026, 2, 11, 12, 0, tzinfo=UTC)

    def run(complete_until: datetime) -> Verdict:
        books = books_with_everything()
        return run_reconciliation(
            books.assignment("2026-02-09"),
            books.mirrored.values(),
            books.extract(day("2026-02-09")),
            now=late,
            intake_complete_until=complete_until,
        ).verdict

    assert run(end) is Verdict.BREAKS
    assert run(end - timedelta(seconds=1)) is Verdict.INCOMPLETE


def test_ids_depend_on_category_and_keys_in_any_order() -> None:
    first = stable_id(BreakCode.PRICE_DIFF, [("a", "1"), ("b", "2")])

    assert first == stable_id(BreakCode.PRICE_DIFF, [("b", "2"), ("a", "1")])
    assert first != stable_id(BreakCode.TAX_ROUNDING, [("a", "1"), ("b", "2")])
    assert first != stable_id(BreakCode.PRICE_DIFF, [("a", "1"), ("b", "3")])


def test_each_code_says_what_it_means_where_it_comes_from_and_what_to_do() -> None:
    assert set(CATALOGUE) == set(BreakCode)
    assert all(e.definition and e.usual_cause and e.what_to_do for e in CATALOGUE.values())


def test_the_reference_page_of_codes_is_the_catalogue() -> None:
    page = shipped("docs/reference/break-codes.md").read_text(encoding="utf-8")

    assert page == catalogue_markdown()


def test_rows_show_amounts_with_the_decimals_of_their_currency() -> None:
    run = run_of(books_with_everything())

    summary = {row[0]: row[1] for row in rows.summary_rows(run)}
    assert summary["Verdict"] == "BREAKS"
    assert summary["Key date"] == "2026-02-09 (Europe/Berlin)"
    assert rows.ageing_rows(run) == [
        ("1000", "140000", "EUR", "1,804.00", "0.00", "0.00", "0.00", "0.00", "0.00", "1,804.00")
    ]
    assert ("MISSING_ORDER", "EUR", "1", "-11.90", "11.90") in rows.break_count_rows(run)
    assert [len(row) for row in rows.break_rows(run)] == [len(rows.BREAK_HEADINGS)]
    assert [len(row) for row in rows.pending_rows(run)] == [len(rows.PENDING_HEADINGS)] * 2
    assert all(len(row) == len(rows.IDENTITY_HEADINGS) for row in rows.identity_rows(run))
    assert {row[-1] for row in rows.difference_rows(run)} == {"0.00 EUR"}


def test_opposite_differences_cancel_out_in_net_and_not_in_gross() -> None:
    books = Books()
    books.sell("EXT-1", [line(1, "50.00"), line(1, "50.00")], "2026-02-02")
    books.order("EXT-1", "2026-02-02", lines=[line(1, "55.00"), line(1, "45.00")])

    counted = rows.break_count_rows(books.reconcile("2026-02-02"))

    assert counted == [("PRICE_DIFF", "EUR", "2", "0.00", "11.90")]
