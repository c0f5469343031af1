"""The one subset of amounts that adds up to another, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

#: With more amounts than these a sum fits by chance.
_MOST_AMOUNTS: Final = 24
_MOST_PARTS: Final = 8
#: Steps after which the search is given up; nothing is proposed then.
_MOST_STEPS: Final = 50_000


def only_subset(amounts: Sequence[Decimal], wanted: Decimal) -> tuple[int, ...] | None:
    """
    Return the places of the two or more *amounts* that add up to *wanted*, if just one set does.

    Amounts are above zero. None where no set fits, where two do, or where there are too many to be
    sure of that.
    """
    places = [at for at, amount in enumerate(amounts) if 0 < amount <= wanted]
    if len(places) < 2 or len(places) > _MOST_AMOUNTS:
        return None
    places.sort(key=lambda at: (-amounts[at], at))
    rest = [Decimal(0)] * (len(places) + 1)
    for at in reversed(range(len(places))):
        rest[at] = rest[at + 1] + amounts[places[at]]
    found: list[tuple[int, ...]] = []
    steps = 0
    stack: list[tuple[int, Decimal, tuple[int, ...]]] = [(0, wanted, ())]
    while stack and len(found) < 2:
        steps += 1
        if steps > _MOST_STEPS:
            return None
        start, missing, chosen = stack.pop()
        if not missing:
            if len(chosen) > 1:
                found.append(chosen)
            continue
        if start == len(places) or len(chosen) == _MOST_PARTS or rest[start] < missing:
            continue
        stack.append((start + 1, missing, chosen))
        amount = amounts[places[start]]
        if amount <= missing:
            stack.append((start + 1, missing - amount, (*chosen, places[start])))
    return tuple(sorted(found[0])) if len(found) == 1 else None
