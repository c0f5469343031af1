"""Share an amount so that the parts are whole cents and add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from connector.sd_documents.currency import quantum

ZERO = Decimal(0)


def shares_of(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """
    Return the parts of *amount* in the order of *weights*, in the decimals of *currency*.

    Largest remainders: each part is cut off, and the cents that are left go to those that lost
    most, the first of equals before the others. Weights that are all zero share equally. What is
    finer than the currency stays with the first part, so that the parts always add up.

    Raises:
        ValueError: there is nobody to share among, or a weight is below zero.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("an amount is shared among weights of which none is below zero")
    whole = sum(weights, ZERO)
    used = list(weights) if whole else [Decimal(1)] * len(weights)
    whole = whole or Decimal(len(weights))
    unit = quantum(currency)
    exact = [amount * weight / whole for weight in used]
    parts = [share.quantize(unit, rounding=ROUND_DOWN) for share in exact]
    left = amount - sum(parts, ZERO)
    step = unit if left > 0 else -unit
    by_loss = sorted(range(len(parts)), key=lambda i: (-abs(exact[i] - parts[i]), i))
    for position in by_loss:
        if abs(left) < unit:
            break
        parts[position] += step
        left -= step
    parts[0] += left
    return parts
