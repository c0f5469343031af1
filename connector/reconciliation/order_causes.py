"""Which difference of an order weighs most: it brought later ones about."""

from __future__ import annotations

from decimal import Decimal

from connector.reconciliation.differences import Break
from connector.reconciliation.identities import Comparison


def causes_by_order(*comparisons: Comparison) -> dict[str, str]:
    """Return, by order name, the id of the difference that weighs most in *comparisons*."""
    weights: dict[str, tuple[bool, Decimal, str]] = {}
    for difference in (one for each in comparisons for one in (*each.pending, *each.breaks)):
        name = f"{difference.key('channel')}/{difference.key('external_id')}"
        amount = abs(difference.difference.amount) if difference.difference else Decimal(0)
        weight = isinstance(difference, Break), amount, difference.id
        weights[name] = max(weights.get(name, weight), weight)
    return {name: id_ for name, (_, _, id_) in weights.items()}
