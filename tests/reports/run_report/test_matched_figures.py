"""What was matched shows in reports without its matches, of runs kept today and long ago."""

from __future__ import annotations

from pathlib import Path

from connector.reconciliation.report import ReconciliationRun
from connector.reports.run_report.figure_parts import endings_part, matching_parts
from connector.reports.run_report.run_report import RunReport
from tests.reconciliation import test_kept_matches


def matched(run: ReconciliationRun) -> list[tuple[object, ...]]:
    """The rows of what was matched: comparison, currency, count, net, gross."""
    rows = [row for row in endings_part(run).rows if row[2] == "matched"]
    return [(row[0], *row[3:]) for row in rows]


def by_hand(run: ReconciliationRun) -> list[tuple[object, ...]]:
    """The same, added up from the matches themselves."""
    found: list[tuple[object, ...]] = []
    for number in range(1, 5):
        of = [each.amount for each in run.matches if each.identity == number]
        for currency in sorted({each.currency for each in of}):
            amounts = [each.amount for each in of if each.currency == currency]
            found.append((number, currency, len(amounts), sum(amounts), sum(map(abs, amounts))))
    return found


def plain(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [tuple(getattr(cell, "amount", cell) for cell in row) for row in rows]


def test_how_matches_ended_is_what_they_add_up_to(report: RunReport) -> None:
    assert plain(matched(report.run)) == by_hand(report.run) != []


def test_a_run_that_was_read_back_shows_the_same_without_its_matches(report: RunReport) -> None:
    read = ReconciliationRun.from_json(report.run.to_json())

    assert not read.matches
    assert endings_part(read) == endings_part(report.run)
    assert matching_parts(read) == matching_parts(report.run)


def test_a_run_with_its_matches_inside_shows_them_too() -> None:
    old = ReconciliationRun.from_json(Path(test_kept_matches.OLD).read_text("utf-8"))

    assert plain(matched(old)) == by_hand(old) != []
    rows = matching_parts(old)[0].rows
    assert sum(int(str(row[4])) for row in rows) == old.match_count == 4
