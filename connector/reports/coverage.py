"""What tables lack, ranked by the revenue that waits for it; and what was taken for certain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from connector.mappings.external_order import ExternalOrder
from connector.mappings.problems import HOLD_REASONS, Notice, Problem
from connector.reports.tried_order import TriedOrder, name_of, value_of

_KINDS: Final = {
    "UNKNOWN_SKU": "SKU",
    "UNKNOWN_UNIT": "unit",
    "UNKNOWN_CUSTOMER": "partner",
    "ONE_TIME_CUSTOMER": "partner",
    "UNKNOWN_GATEWAY": "gateway",
    "NO_RULE_FOR_CURRENCY": "currency",
    "DEFAULT_ROW": "default taken",
    "DEFAULT_WITHOUT_ROW": "default taken",
    "TWO_CANDIDATES": "guess",
    "AMBIGUOUS_LOOKUP": "guess",
}
_STEP: Final = re.compile(r"([a-z_0-9]+)|\[(\d+)\]")
#: As lookups say it: a quoted value, and the table that lacks it.
_LOOKED_UP: Final = re.compile(
    r"(?:'([^']*)' (?:is not|has no row of its own) in|is empty, so) ([^\s:;,]+)"
)


@dataclass(slots=True)
class Gap:
    """
    One value that a table lacks, in one currency.

    ``amount`` is what the orders that need it come to, each order counted once; orders without
    prices count in ``orders`` alone. ``holds`` tells whether they are held for it.
    """

    kind: str
    code: str
    value: str
    table: str
    currency: str
    holds: bool
    example: str
    orders: int = 0
    amount: Decimal = field(default_factory=Decimal)

    @property
    def remedy(self) -> str:
        """What a person does about it."""
        reason = HOLD_REASONS.get(self.code)
        return reason.remedy if reason else "Add a row to the table, then retry."


class Coverage:
    """Collects gaps over any number of orders; memory grows with the gaps, not with the orders."""

    def __init__(self) -> None:
        self._gaps: dict[tuple[str, str, str, str], Gap] = {}

    def add(self, tried: TriedOrder) -> None:
        """Take in what *tried* lacks."""
        order = tried.order
        if order is None:
            return
        counted: set[tuple[str, str, str, str]] = set()
        found: list[tuple[Problem | Notice, bool]] = [(each, True) for each in tried.problems]
        found += [(each, False) for each in tried.notices]
        for each, holds in found:
            kind = _KINDS.get(each.code) or ("other value" if _is_unknown(each.code) else "")
            if not kind:
                continue
            looked_up = _LOOKED_UP.search(each.message)
            value = value_at(order, each.where)
            if value is None:
                value = (looked_up[1] or "") if looked_up else each.where
            table = looked_up[2] if looked_up else ""
            key = (each.code, value, table, order.currency)
            if key in counted:
                continue
            counted.add(key)
            gap = self._gaps.setdefault(
                key,
                Gap(kind, each.code, value, table, order.currency, holds, name_of(tried)),
            )
            gap.orders += 1
            at_risk = value_of(order)
            gap.amount += at_risk.amount if at_risk else 0

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps: what holds orders first, in each currency the most revenue first."""
        return sorted(
            self._gaps.values(),
            key=lambda gap: (not gap.holds, gap.currency, -gap.amount, -gap.orders, gap.value),
        )


def _is_unknown(code: str) -> bool:
    return code.startswith("UNKNOWN_")


def value_at(order: ExternalOrder, path: str) -> str | None:
    """Return the text at *path* (``lines[0].sku``) of *order*, None where there is no such."""
    value: Any = order
    steps = list(_STEP.finditer(path.removeprefix("order.")))
    if not steps:
        return None
    for step in steps:
        name, index = step.groups()
        try:
            if index is not None:
                value = value[int(index)]
            else:
                value = value[name] if isinstance(value, dict) else getattr(value, name)
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return str(value) if isinstance(value, str | Decimal) else None
