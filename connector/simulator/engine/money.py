"""Commercial rounding, and sharing an amount out so that nothing is lost."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@functools.cache
def quantum(decimals: int) -> Decimal:
    """Return the smallest amount with *decimals* places: 0.01 for 2."""
    return Decimal(1).scaleb(-decimals)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Return *amount* rounded half away from zero."""
    return amount.quantize(quantum(decimals), ROUND_HALF_UP)


def carrier(weights: Sequence[Decimal]) -> int:
    """
    Return the position that carries a rounding remainder: the largest weight, of equal ones the
    last. *weights* must not be empty.

    Source: rounding read off the documents of a real system; SAP KBA 3267065, 3629060.
    """
    best = 0
    for position, weight in enumerate(weights):
        if weight >= weights[best]:
            best = position
    return best


def settle(
    exact: Sequence[Decimal], total: Decimal, weights: Sequence[Decimal], decimals: int
) -> list[Decimal]:
    """
    Return *exact* rounded one by one, with the whole remainder to *total* on one position.

    The result adds up to *total*.
    """
    shares = [rounded(each, decimals) for each in exact]
    remainder = total - sum(shares, ZERO)
    if remainder:
        shares[carrier(weights)] += remainder
    return shares


def distribute(
    total: Decimal,
    weights: Sequence[Decimal],
    decimals: int,
    judged_by: Sequence[Decimal] | None = None,
) -> list[Decimal]:
    """
    Return *total* shared out in proportion to *weights*; equally when all of them are zero.

    The remainder goes to the largest of *judged_by* (None: of the weights), of equal ones the last.
    """
    whole = sum(weights, ZERO)
    if not whole:
        weights = [Decimal(1)] * len(weights)
        whole = Decimal(len(weights))
    exact = [total * weight / whole for weight in weights]
    return settle(exact, total, judged_by or weights, decimals)
