"""
The document flow: rows item to item, found from either end.

Source of the letters: domain VBTYP.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

from connector.simulator.engine.sales_records import FlowRow

ZERO = Decimal(0)

#: Categories of sales documents that may refer to another.
REFERENCED_BY = frozenset("ABCHKL")
#: A delivery or a returns delivery.
DELIVERED_BY = frozenset("JT")
#: Goods issue, and its reversal.
ISSUED_BY = frozenset("Rh")
#: Invoice, credit and debit memo, and their cancellations.
BILLED_BY = frozenset("MNOPS")

FlowKey = tuple[str, int, str, int, str]
FlowAfter = Callable[[str], tuple[FlowRow, ...]]


def quantity_after(
    rows: Iterable[FlowRow], item_number: int, categories: Collection[str]
) -> Decimal:
    """Return the signed quantity that follows an item in *categories*, in the rows' unit."""
    total = ZERO
    for row in rows:
        if row.preceding_item == item_number and row.subsequent_category in categories:
            total = total - row.quantity if row.sign == "-" else total + row.quantity
    return total


def billed_quantity(after: FlowAfter, number: str, item_number: int) -> Decimal:
    """
    Return how much of a sales document's item is billed, directly or by its deliveries.

    *after* gives the rows that follow a document.
    """
    rows = after(number)
    billed = quantity_after(rows, item_number, BILLED_BY)
    for row in rows:
        if row.preceding_item == item_number and row.subsequent_category in DELIVERED_BY:
            billed += quantity_after(after(row.subsequent), row.subsequent_item, BILLED_BY)
    return billed


class FlowIndex:
    """All rows, by preceding and by subsequent document, oldest first."""

    def __init__(self) -> None:
        self._after: dict[str, dict[FlowKey, FlowRow]] = {}
        self._before: dict[str, dict[FlowKey, FlowRow]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, row: FlowRow) -> None:
        """Add *row*, or replace the one with the same key."""
        key = row.key
        following = self._after.setdefault(row.preceding, {})
        if key not in following:
            self._count += 1
        following[key] = row
        self._before.setdefault(row.subsequent, {})[key] = row

    def drop(self, key: FlowKey) -> None:
        """Remove a row; unknown keys are ignored."""
        if self._after.get(key[0], {}).pop(key, None) is not None:
            self._count -= 1
        self._before.get(key[2], {}).pop(key, None)

    def after(self, number: str) -> tuple[FlowRow, ...]:
        """Return the rows whose preceding document is *number*."""
        rows = self._after.get(number)
        return tuple(rows.values()) if rows else ()

    def before(self, number: str) -> tuple[FlowRow, ...]:
        """Return the rows whose subsequent document is *number*."""
        rows = self._before.get(number)
        return tuple(rows.values()) if rows else ()
