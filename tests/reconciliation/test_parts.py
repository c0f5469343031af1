"""A run divided into parts comes to the same as in one piece, and stays so as long as it says."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.parts import PartInputs
from connector.reconciliation.run import run_reconciliation, whole_of
from connector.reconciliation.run_assignment import Assignment
from tests.reconciliation.books import Books, at, day
from tests.reconciliation.divided import assert_same, divided, in_parts
from tests.reconciliation.test_properties import KEY_DATES, histories

EMPTY = MoneyMovements()


def assignment_of(books: Books, key_date: str) -> Assignment:
    return Assignment(day(key_date), (books.company_code,), "Europe/Berlin")


@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from(KEY_DATES), st.randoms(use_true_random=False))
def test_however_the_records_are_divided_the_run_is_the_same(
    books: Books, key_date: str, chance: random.Random
) -> None:
    assignment = assignment_of(books, key_date)
    orders, extract = list(books.mirrored.values()), books.extract(assignment.key_date)
    now = at(assignment.key_date)
    whole = whole_of(
        assignment, orders, extract, now=now, intake_complete_until=None, movements=EMPTY
    )
    expected = run_reconciliation(assignment, orders, extract, now=now)

    for drawn in (None, chance):
        parts = divided(PartInputs(orders, extract), assignment.rules, drawn)
        run, *_ = in_parts(assignment, parts, whole)
        assert_same(run, expected)
