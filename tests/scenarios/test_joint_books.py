"""
All worked cases in one set of books: one ERP, one store, nine channels, four company codes.

The orders come in through the channels, the money over bank statements; people in accounting do in
the ERP what is theirs. Fifteen key dates are reconciled as the days pass, and all of them once more
when everything is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.ageing_reasons import OpenReason
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.verification import all_entries, verify
from tests.scenarios.joint import expected
from tests.scenarios.joint.story import Story
from tests.scenarios.joint.whole_story import whole_story
from tests.scenarios.worked_cases import PROFILES

JUNE = "2026-06-30"


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(name, marks=[pytest.mark.torture] if name == "s4-mixed" else [])
        for name in PROFILES
    ],
)
def story(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Story]:
    """Told once for all tests, which only look at it. The mixed system is as the two others are."""
    with whole_story(tmp_path_factory.mktemp("joint"), request.param) as told:
        yield told


def ties(run: ReconciliationRun) -> dict[tuple[str, str, str], str]:
    found = {}
    for each in run.identities:
        if each.number == 4:
            assert each.left.amount == each.right[0].amount, each
            scope = each.scope
            valued = f" in {scope.valued_in}" if scope.valued_in else ""
            place = scope.company_code, scope.currency + valued, scope.special_gl_indicator
            found[place] = str(each.left.amount.amount)
    return found


def terms(run: ReconciliationRun, number: int) -> dict[tuple[str, str, str], dict[str, str]]:
    """The terms of one comparison that are not zero, by scope."""
    return {
        (i.scope.company_code, i.scope.currency, i.scope.special_gl_indicator): {
            term.label: str(term.amount.amount) for term in (i.left, *i.right) if term.amount.amount
        }
        for i in run.identities
        if i.number == number and i.scope.reconciliation_account != "stripe"
    }


def aged(run: ReconciliationRun) -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (row.scope.company_code, row.scope.currency): tuple(
            str(each.amount)
            for each in (
                *(row.not_due, row.up_to_30, row.up_to_60, row.up_to_90),
                *(row.over_90, row.unapplied, row.total),
            )
        )
        for row in run.ageing
    }


def breaks(run: ReconciliationRun) -> list[tuple[str, str]]:
    return sorted((each.code.value, str(each.difference)) for each in run.breaks)


def pending(run: ReconciliationRun) -> list[tuple[str, str, str]]:
    return sorted(
        (each.code.value, str(each.difference), each.break_on.isoformat()) for each in run.pending
    )


def test_every_key_date_ties_out_to_what_each_case_leaves_open(story: Story) -> None:
    assert list(story.runs) == list(expected.KEY_DATES)
    for key_date, run in story.runs.items():
        assert run.verdict is not Verdict.INCOMPLETE, [s.problems for s in run.sources]
        assert all(identity.holds for identity in run.identities)
        assert ties(run) == expected.open_on(key_date), key_date


def test_every_difference_of_every_case_is_told_on_its_days_and_nothing_else(story: Story) -> None:
    for key_date, run in story.runs.items():
        assert breaks(run) == sorted(expected.BREAKS[key_date]), key_date
        assert pending(run) == sorted(expected.PENDING.get(key_date, ())), key_date


def test_ageing_payers_and_comparisons_are_those_of_the_cases(story: Story) -> None:
    for key_date, rows in expected.AGEING.items():
        assert aged(story.runs[key_date]) == rows, key_date
    run = story.runs[JUNE]
    assert {
        row.payer: (row.items, str(row.open), str(row.overdue), str(row.on_account))
        for row in run.payers
    } == expected.PAYERS
    assert {key[:2]: found for key, found in terms(run, 1).items()} == expected.ORDERS
    # Part payments count against what they paid, and a transfer of a down payment is one.
    to_dun = {row.payer: str(row.to_dun) for row in run.payers}
    assert (to_dun["C-100"], to_dun["C-130"]) == ("119.00 EUR", "2,150.00 EUR")
    assert to_dun["D-02"] == "63,000.00 CNY"
    parts = {
        (row.scope.currency, row.bucket.value): str(row.amount.amount)
        for row in run.ageing_reasons
        if row.reason is OpenReason.PARTIAL_PAYMENT
    }
    assert parts == {
        ("EUR", "31-60"): "-200.00", ("EUR", ">90"): "-2975.00", ("CNY", "1-30"): "-50000.00",
    }  # fmt: skip
    received = {key: found for key, found in terms(run, 3).items() if found}
    assert received == expected.RECEIPTS
    assert terms(run, 2)["1000", "EUR", ""]["billed gross"] == "26568.20"
    (paid_out,) = [i for i in run.identities if i.scope.reconciliation_account == "stripe"]
    told = {t.label: str(t.amount.amount) for t in (paid_out.left, *paid_out.right)}
    assert {label: amount for label, amount in told.items() if Decimal(amount)} == expected.PAYOUT
    realised = [e.amount for e in run.explained if e.reason is ExplainedReason.EXCHANGE]
    assert sorted(map(str, realised)) == expected.EXCHANGE


def test_items_and_dunning_of_c13_are_named_with_their_days(story: Story) -> None:
    run = story.runs[JUNE]
    arrears = {
        story.order_of(row.document.accounting_document): row.days_in_arrears
        for row in run.dunning
        if row.payer.lstrip("0") == "C-130"
    }
    assert arrears == {
        "PO-13103": 1, "PO-13104": 30, "PO-13105": 31, "PO-13106": 92, "PO-13109": 11,
    }  # fmt: skip
    due = {
        story.order_of(row.document.accounting_document)
        for row in run.dunning
        if row.is_due_for_dunning and row.payer.lstrip("0") == "C-130"
    }
    assert due == set(arrears) - {"PO-13103"}, "three days of grace"


def test_a_difference_keeps_its_id_and_its_cause_while_its_amount_moves(story: Story) -> None:
    def the(key_date: str, code: BreakCode, about: str) -> tuple[str, str]:
        (one,) = [b for b in story.runs[key_date].breaks if b.code is code and about in b.subject]
        return one.id, one.cause

    twice = BreakCode.DUPLICATE_PAYMENT
    assert the("2026-03-12", twice, "BANKREF-2") == the(JUNE, twice, "BANKREF-2")
    short = story.invoice_of("PO-5005").lstrip("0")
    code = BreakCode.UNDERPAYMENT
    assert the("2026-04-05", code, short) == the("2026-04-15", code, short)
    over = the("2026-03-08", BreakCode.QTY_OVER_DELIVERED, "WH-2002")[0]
    assert the("2026-03-08", code, story.invoice_of("WH-2002").lstrip("0"))[1] == over


def test_each_run_rolls_forward_from_the_one_before_to_the_cent(story: Story) -> None:
    runs = list(story.runs.items())
    for (day_before, _), (key_date, run) in pairwise(runs):
        forward = run.roll_forward
        assert forward is not None and forward.closes, key_date
        assert run.restated is None
        moved = {
            (
                r.scope.company_code,
                r.scope.currency + (f" in {r.scope.valued_in}" if r.scope.valued_in else ""),
                r.scope.special_gl_indicator,
            ): r
            for r in forward.items
        }
        before, now = expected.open_on(day_before), expected.open_on(key_date)
        assert {k: str(r.closing.amount) for k, r in moved.items()} == {k: now[k] for k in moved}
        assert {k: str(r.opening.amount) for k, r in moved.items() if k in before} == {
            k: before[k] for k in moved if k in before
        }
        gone = {k for k in now if k not in moved and (now[k].strip("0.") or k in before)}
        assert not {k for k in gone if now[k].strip("0.") or before[k].strip("0.")}, key_date


def test_all_key_dates_read_the_same_when_everything_is_over(story: Story) -> None:
    application = story.books.application
    for key_date, first in story.runs.items():
        again = run_reconciliation(application, date.fromisoformat(key_date))
        live = key_date == expected.KEY_DATES[-1]
        assert again.header.mode is (RunMode.LIVE if live else RunMode.VERIFICATION)
        assert again.restated is None, key_date
        assert ties(again) == ties(first)
        assert aged(again) == aged(first)
        assert again.payers == first.payers
        assert terms(again, 1) == terms(first, 1) and terms(again, 3) == terms(first, 3)
        assert breaks(again) == breaks(first) and pending(again) == pending(first), key_date
        assert {b.id for b in again.breaks} == {b.id for b in first.breaks}
    entries = list(all_entries(application.reconciliation_log))
    assert verify(entries, application.reconciliation_runs.content_hashes()) == ()


def test_the_replayed_bank_line_was_posted_once(story: Story) -> None:
    posted = [
        item.reference
        for item in story.books.application.erp.open_items.posted_items(
            "1000", posted_until=story.books.today
        )
        if item.reference.startswith("BANKREF")
    ]
    assert sorted(posted) == ["BANKREF-1", "BANKREF-13", "BANKREF-2"]
