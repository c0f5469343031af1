"""How much the agreed tolerances have absorbed: counted and added up, so that nobody forgets it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Explained, ExplainedReason
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


class ToleranceUse(Frozen):
    """
    What the tolerances of one code and currency have absorbed in a run.

    ``net`` is the sum with signs, ``gross`` without: opposite differences do not hide each other.
    """

    code: BreakCode
    currency: str
    count: int
    net: Money
    gross: Money


def absorbed(explained: Iterable[Explained]) -> tuple[ToleranceUse, ...]:
    """Add up what was explained by tolerance, per code and currency."""
    sums: dict[tuple[BreakCode, str], tuple[int, Decimal, Decimal]] = {}
    for ending in explained:
        if ending.reason is not ExplainedReason.TOLERANCE or ending.code is None:
            continue
        key = ending.code, ending.amount.currency
        count, net, gross = sums.get(key, (0, Decimal(0), Decimal(0)))
        amount = ending.amount.amount
        sums[key] = count + 1, net + amount, gross + abs(amount)
    return tuple(
        ToleranceUse(
            code=code,
            currency=currency,
            count=count,
            net=Money(amount=net, currency=currency),
            gross=Money(amount=gross, currency=currency),
        )
        for (code, currency), (count, net, gross) in sorted(sums.items())
    )
