"""A run divided into parts comes to the same as in one piece, and stays so as long as it says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconciliation.adding_up import Whole, add_up
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.part_result import PartResult
from connector.reconciliation.parts import PartInputs, evaluate
from connector.reconciliation.run import run_reconciliation, whole_of
from connector.reconciliation.run_assignment import Assignment
from tests.reconciliation.books import Books, at
from tests.reconciliation.divided import assert_same, divided, in_parts
from tests.reconciliation.test_properties import KEY_DATES, START, histories

NO_MONEY = MoneyMovements()
#: Days of which each is the next key date; the stories happen in them.
DAYS = [START + timedelta(days=days) for days in range(0, 60, 5)]


def inputs_of(books: Books, key_date: date) -> PartInputs:
    return PartInputs(list(books.mirrored.values()), books.extract(key_date))


def whole(assignment: Assignment, inputs: PartInputs) -> Whole:
    return whole_of(
        assignment,
        inputs.orders,
        inputs.extract,
        now=at(assignment.key_date),
        intake_complete_until=None,
        movements=NO_MONEY,
    )


def ageless(result: PartResult) -> PartResult:
    """The same without how many days differences are old."""
    return replace(
        result,
        pending=tuple(each.model_copy(update={"age_days": 0}) for each in result.pending),
        breaks=tuple(each.model_copy(update={"age_days": 0}) for each in result.breaks),
    )


def content(inputs: PartInputs) -> str:
    return repr((inputs.orders, inputs.extract))


@settings(max_examples=40, deadline=None)
@given(histories, st.sampled_from(KEY_DATES), st.randoms(use_true_random=False))
def test_however_the_records_are_divided_the_run_is_the_same(
    books: Books, key_date: str, chance: random.Random
) -> None:
    assignment = books.assignment(key_date)
    inputs = inputs_of(books, assignment.key_date)
    expected = run_reconciliation(
        assignment, inputs.orders, inputs.extract, now=at(assignment.key_date)
    )

    for drawn in (None, chance):
        parts = divided(inputs, assignment.rules, drawn)
        run, *_ = in_parts(assignment, parts, whole(assignment, inputs))
        assert_same(run, expected)


@settings(max_examples=40, deadline=None)
@given(histories, st.sampled_from(KEY_DATES))
def test_a_part_says_until_which_key_date_time_alone_changes_nothing(
    books: Books, key_date: str
) -> None:
    assignment = books.assignment(key_date)
    inputs = inputs_of(books, assignment.key_date)
    parts = divided(inputs, assignment.rules)
    _, results, bearings = in_parts(assignment, parts, whole(assignment, inputs))

    for part, result in zip(parts, results, strict=True):
        last = result.valid_until or assignment.key_date + timedelta(days=1000)
        for later in (assignment.key_date + timedelta(days=1), last):
            if later <= last:
                again = evaluate(replace(assignment, key_date=later), bearings, part)
                assert ageless(again) == ageless(replace(result, valid_until=again.valid_until))
                assert again.valid_until == result.valid_until


@settings(max_examples=15, deadline=None)
@given(histories)
def test_what_holds_still_is_taken_from_the_key_date_before(books: Books) -> None:
    """From key date to key date only parts with new records, or whose time is over, are made."""
    known: dict[str, PartResult] = {}
    before = ""
    for key_date in DAYS:
        assignment = books.assignment(key_date.isoformat())
        inputs = inputs_of(books, key_date)
        of_whole = whole(assignment, inputs)
        parts = divided(inputs, assignment.rules)
        expected, made, bearings = in_parts(assignment, parts, of_whole)
        if bearings.fingerprint != before:
            known = {}
        made = [
            _kept(known.get(content(p)), key_date) or r for p, r in zip(parts, made, strict=True)
        ]

        assert_same(add_up(assignment, bearings, made, of_whole), expected)

        known = {content(part): result for part, result in zip(parts, made, strict=True)}
        before = bearings.fingerprint


def _kept(result: PartResult | None, key_date: date) -> PartResult | None:
    still = result is not None and (result.valid_until is None or key_date <= result.valid_until)
    return result if still else None
