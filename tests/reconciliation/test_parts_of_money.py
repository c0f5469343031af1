"""With bank statements and payouts, too, a run comes to the same however it is divided."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.reconciliation.adding_up import Whole, add_up
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.part_result import PartResult
from connector.reconciliation.parts import PartInputs, movements_of_run
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.run import whole_of
from connector.reconciliation.run_assignment import Assignment
from connector.statements.model import BankLine, PayoutLine, PayoutLineKind
from tests.reconciliation.books import Books, at
from tests.reconciliation.divided import assert_same, divided, in_parts
from tests.reconciliation.money import (
    bank_line,
    movements,
    payout,
    payout_line,
    reconcile,
    statement,
)
from tests.reconciliation.test_properties import START, play, stories

KINDS = (*PayoutLineKind, PayoutLineKind.CHARGE, PayoutLineKind.CHARGE)
LAST = START + timedelta(days=100)

books_in_euros = st.lists(stories("EUR"), min_size=1, max_size=6).map(
    lambda history: play("EUR", history)
)


def money_of(books: Books, chance: random.Random) -> MoneyMovements:
    """Let the bank and a provider say something about what *books* know, right or wrong."""
    numbers = [*books.billing, *books.sales, *books.mirrored, "RENT", "thank you"]
    amounts = [str(abs(item.amount.amount)) for item in books.items] or ["12.00"]
    payments = [
        each.payment_id for order in books.mirrored.values() for each in order.payments
    ] or ["PAY"]
    lines: list[BankLine] = []
    for number in range(chance.randint(0, 8)):
        lines.append(
            bank_line(
                chance.choice([f"B-{number}", chance.choice(payments), f"B-{number}"]),
                str(START + timedelta(days=chance.randint(0, 60))),
                chance.choice(["", "", "-"]) + chance.choice(amounts),
                " ".join(chance.choices(numbers, k=chance.randint(0, 2))),
                payer=chance.choice(["", "DE1", "DE2"]),
                is_reversal=chance.random() < 0.1,
            )
        )
    lines = list({each.key: each for each in lines}.values())
    payouts = []
    for number in range(chance.randint(0, 3)):
        on = str(START + timedelta(days=chance.randint(0, 60)))
        contents = [
            _line(f"txn_{number}_{place}", on, chance, amounts, payments, [*books.mirrored, ""])
            for place in range(chance.randint(0, 4))
        ]
        amount = sum((each.net.amount for each in contents), Decimal(0)) or Decimal("5.00")
        payouts.append(payout(f"po_{number}", on, str(amount), contents))
        if chance.random() < 0.7:
            lines.append(bank_line(f"P-{number}", on, str(amount), f"STRIPE po_{number}"))
    return movements(statement(*lines, until=str(LAST)), payouts=payouts)


def _line(
    name: str,
    on: str,
    chance: random.Random,
    amounts: list[str],
    payments: list[str],
    orders: list[str],
) -> PayoutLine:
    kind = chance.choice(KINDS)
    amount = chance.choice(amounts)
    if kind in (PayoutLineKind.REFUND, PayoutLineKind.DISPUTE):
        amount = f"-{amount}"
    return payout_line(
        name,
        kind,
        amount,
        chance.choice(["0", "1.00"]),
        charge=chance.choice([*payments, ""]),
        order=chance.choice(orders),
        on=on,
    )


def prepared(
    books: Books, money: MoneyMovements, key_date: date
) -> tuple[Assignment, PartInputs, Whole]:
    assignment = books.assignment(key_date.isoformat())
    orders, extract = list(books.mirrored.values()), books.extract(key_date)
    outside = movements_of_run(money, key_date, assignment.rules)
    whole = whole_of(
        assignment,
        orders,
        extract,
        now=at(key_date) + timedelta(days=1),
        intake_complete_until=None,
        movements=money,
    )
    return assignment, PartInputs(orders, extract, outside.bank_lines, outside.payouts), whole


@settings(max_examples=60, deadline=None)
@given(books_in_euros, st.integers(0, 90), st.randoms(use_true_random=False))
def test_however_money_and_orders_are_divided_the_run_is_the_same(
    books: Books, days: int, chance: random.Random
) -> None:
    money, key_date = money_of(books, chance), START + timedelta(days=days)
    assignment, inputs, whole = prepared(books, money, key_date)
    expected: ReconciliationRun = reconcile(books, key_date.isoformat(), money)

    for drawn in (None, chance):
        run, *_ = in_parts(assignment, divided(inputs, assignment.rules, drawn), whole)
        assert_same(run, expected)


@settings(max_examples=15, deadline=None)
@given(books_in_euros, st.randoms(use_true_random=False))
def test_from_key_date_to_key_date_parts_hold_still_until_the_day_they_say(
    books: Books, chance: random.Random
) -> None:
    money = money_of(books, chance)
    known: dict[str, PartResult] = {}
    before = ""
    for days in range(0, 70, 7):
        key_date = START + timedelta(days=days)
        assignment, inputs, whole = prepared(books, money, key_date)
        parts = divided(inputs, assignment.rules)
        expected, made, bearings = in_parts(assignment, parts, whole)
        if bearings.fingerprint != before:
            known = {}
        for place, part in enumerate(parts):
            kept = known.get(repr(part))
            if kept is not None and (kept.valid_until is None or key_date <= kept.valid_until):
                made[place] = kept

        assert_same(add_up(assignment, bearings, made, whole), expected)

        known = {repr(part): result for part, result in zip(parts, made, strict=True)}
        before = bearings.fingerprint
