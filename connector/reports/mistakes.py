"""
What a mistake would cost: everything that does not match, was guessed or taken by default, each
with the amount that it concerns, and summed by kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, NamedTuple

from connector.mappings.external_order import ExternalLine, ExternalOrder
from connector.mappings.problems import NOTICES, Notice, Problem
from connector.reports.tried_order import TriedOrder, name_of, value_of
from connector.sd_documents.values import Money

DIFFERENCE: Final = "total that does not match"
GUESS: Final = "guess with two candidates"
DEFAULT: Final = "default taken"
MISSING: Final = "not in a table"
UNCERTAIN: Final = "not certain"
DECISION: Final = "other decision"
#: In the order in which they are listed.
KINDS: Final = (DIFFERENCE, GUESS, DEFAULT, MISSING, UNCERTAIN, DECISION)

_BY_CODE: Final = {
    "TOTALS_DO_NOT_ADD_UP": DIFFERENCE,
    "TAX_ROUNDING": DIFFERENCE,
    "CURRENCY_MISMATCH": DIFFERENCE,
    "TWO_CANDIDATES": GUESS,
    "AMBIGUOUS_LOOKUP": GUESS,
    "DEFAULT_ROW": DEFAULT,
    "DEFAULT_WITHOUT_ROW": DEFAULT,
    "ONE_TIME_CUSTOMER": DEFAULT,
    "NO_RULE_FOR_CURRENCY": MISSING,
    "MASTER_DATA_NOT_READ": MISSING,
}
_LINE: Final = re.compile(r"(?:lines|items)\[(\d+)\]")
_PAYMENT: Final = re.compile(r"payments\[(\d+)\]")


class Mistake(NamedTuple):
    """
    One thing of one order that is not as it should be, or might not be.

    ``amount`` is what it concerns: the difference where money is the matter, else the value of the
    line, the payment or the order; None where no price is known. ``of_order`` tells that it is the
    order's, so that several of them concern the same money. ``holds`` tells whether the order is
    held for it.
    """

    kind: str
    code: str
    message: str
    where: str
    rule: str
    amount: Money | None
    of_order: bool
    holds: bool


def kind_of(code: str) -> str:
    """Return the kind of a problem or notice by its code."""
    known = _BY_CODE.get(code)
    if known is not None:
        return known
    if code.endswith("_DIFF"):
        return DIFFERENCE
    if code.startswith("UNKNOWN_") or code.endswith("_NOT_IN_ERP"):
        return MISSING
    return UNCERTAIN if code in NOTICES else DECISION


def mistakes_of(tried: TriedOrder) -> Iterator[Mistake]:
    """Yield what is wrong or uncertain with one order: what holds it first."""
    for problem in tried.problems:
        yield _mistake(tried.order, problem, "", holds=True)
    for notice in tried.notices:
        yield _mistake(tried.order, notice, notice.rule, holds=False)


def _mistake(
    order: ExternalOrder | None, each: Problem | Notice, rule: str, *, holds: bool
) -> Mistake:
    amount, of_order = each.amount, False
    if amount is None and order is not None:
        amount, of_order = _concerned(order, each.where)
    return Mistake(
        kind_of(each.code), each.code, each.message, each.where, rule, amount, of_order, holds
    )


def _concerned(order: ExternalOrder, where: str) -> tuple[Money | None, bool]:
    """Return the value of the line or payment that *where* names, else the whole order's."""
    line, payment = _LINE.search(where), _PAYMENT.search(where)
    if payment is not None and int(payment[1]) < len(order.payments):
        paid = order.payments[int(payment[1])]
        return Money.rounded(paid.amount, paid.currency), False
    if line is not None and int(line[1]) < len(order.lines):
        value = _value(order.lines[int(line[1])])
        return (None if value is None else Money.rounded(value, order.currency)), False
    return value_of(order), True


def _value(line: ExternalLine) -> Decimal | None:
    """Return what a line comes to less its discounts, None where it has no price."""
    if line.price is None:
        return None
    gross = line.price * line.quantity
    off = sum(
        (
            discount.amount
            if discount.amount is not None
            else gross * (discount.percent or Decimal(0)) / 100
            for discount in line.discounts
        ),
        Decimal(0),
    )
    return gross - off - line.allocated_discount


@dataclass(slots=True)
class MistakeSum:
    """
    All mistakes of one code in one currency (empty where no price is known).

    ``amount`` adds what they concern, differences without their sign; the value of an order counts
    once for it. ``times`` counts the mistakes, ``orders`` the orders, ``example`` is one of them.
    """

    kind: str
    code: str
    currency: str
    holds: bool
    example: str
    times: int = 0
    orders: int = 0
    amount: Decimal = field(default_factory=Decimal)


class MistakeSums:
    """Sums mistakes over any number of orders; memory grows with their kinds, not with orders."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str, bool], MistakeSum] = {}

    def add(self, tried: TriedOrder) -> None:
        """Take in the mistakes of one order."""
        self.add_all(tuple(mistakes_of(tried)), name_of(tried))

    def add_all(self, mistakes: Sequence[Mistake], order: str) -> None:
        """Take in the *mistakes* of one *order*, by its name."""
        counted: set[tuple[str, str, bool]] = set()
        whole: set[tuple[str, str, bool]] = set()
        for each in mistakes:
            currency = each.amount.currency if each.amount else ""
            key = each.code, currency, each.holds
            found = self._sums.get(key)
            if found is None:
                found = MistakeSum(each.kind, each.code, currency, each.holds, order)
                self._sums[key] = found
            found.times += 1
            found.orders += key not in counted
            counted.add(key)
            if each.amount is not None and not (each.of_order and key in whole):
                found.amount += abs(each.amount.amount)
                if each.of_order:
                    whole.add(key)

    def sums(self) -> Sequence[MistakeSum]:
        """Return the sums: by kind, and of a kind the largest amounts of each currency first."""
        return sorted(
            self._sums.values(),
            key=lambda found: (
                KINDS.index(found.kind), found.currency, -found.amount, -found.times, found.code,
            ),
        )  # fmt: skip
