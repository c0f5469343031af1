"""The roll-forward of breaks: by count and amount per currency, from the run before to this one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Final

from connector.reconciliation.break_register import (
    ACCEPTED,
    CHANGED,
    NEW,
    REOPENED,
    RESOLVED,
    BreakRegister,
    BreakState,
    Movement,
)
from connector.reconciliation.differences import Break
from connector.reconciliation.figures import currency_of, difference_amount
from connector.reconciliation.roll_forward import BreakMovement, Tally

#: Amount by break id and currency (empty for a break without amount).
OpenBreaks = Mapping[str, tuple[str, Decimal]]

_KINDS: Final = (NEW, REOPENED, CHANGED, RESOLVED, ACCEPTED)


def open_breaks(breaks: Iterable[Break], register: BreakRegister | None = None) -> OpenBreaks:
    """Return the *breaks* that count as open: without those that *register* has as accepted."""
    accepted: Collection[str] = ()
    if register is not None:
        accepted = {
            each.id for each in register.records.values() if each.state is BreakState.ACCEPTED
        }
    return {
        each.id: (currency_of(each), difference_amount(each) or Decimal(0))
        for each in breaks
        if each.id not in accepted
    }


def tallies(breaks: OpenBreaks) -> dict[str, Tally]:
    """Return count and sum of *breaks* per currency."""
    sums: dict[str, Tally] = defaultdict(Tally)
    for currency, amount in breaks.values():
        sums[currency] += Tally(count=1, amount=amount)
    return dict(sums)


def roll_breaks(
    opening: Mapping[str, Tally], movements: Iterable[Movement], closing: Mapping[str, Tally]
) -> tuple[BreakMovement, ...]:
    """
    Put the rows together: *opening* as the run before sealed it, *movements* from the log since
    then, *closing* as this run counted its own breaks. Nothing is made to fit.
    """
    moved: dict[str, dict[str, Tally]] = defaultdict(lambda: dict.fromkeys(_KINDS, Tally()))
    for each in movements:
        kinds = moved[each.currency]
        kinds[each.kind] += Tally(count=each.count, amount=each.amount)
    return tuple(
        BreakMovement(
            currency=currency,
            opening=opening.get(currency, Tally()),
            closing=closing.get(currency, Tally()),
            **moved[currency],
        )
        for currency in sorted({*opening, *moved, *closing})
    )


def compared(before: OpenBreaks, after: OpenBreaks) -> list[Movement]:
    """
    Return how *before* became *after*, by nothing but the two lists.

    For runs that leave the register alone: whether a break was seen at some other time is not told.
    """
    movements = []
    for break_id in sorted({*before, *after}):
        old, new = before.get(break_id), after.get(break_id)
        if old == new:
            continue
        if old is not None and new is not None and old[0] == new[0]:
            movements.append(Movement(0, CHANGED, break_id, old[0], 1, new[1] - old[1]))
            continue
        if old is not None:
            movements.append(Movement(0, RESOLVED, break_id, old[0], 1, old[1]))
        if new is not None:
            movements.append(Movement(0, NEW, break_id, new[0], 1, new[1]))
    return movements
