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
REFERENCED_BY = frozenset("ABCGHKL")
#: A delivery or a returns delivery.
DELIVERED_BY = frozenset("JT")
#: Goods issue, and its reversal.
ISSUED_BY = frozenset("Rh")
#: Invoice, credit and debit memo, and their cancellations.
BILLED_BY = frozenset("MNOPS")
#: Cancellations among them.
REVERSED_BY = frozenset("NS")

FlowKey = tuple[str, int, str, int, str]
FlowAfter = Callable[[str], tuple[FlowRow, ...]]


def quantity_after(
    rows: Iterable[FlowRow], item_number: int, categories: Collection[str]
) -> Decimal:
    """Return the signed quantity that follows an item in *categories*, in the rows' unit."""
    total = ZERO
    for row in rows:
        if row.preceding_item == item_number and row.subsequent_category in categories:
            total += row.signed_quantity
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
        self._after: dict[str, list[FlowRow]] = {}
        self._before: dict[str, list[FlowRow]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, row: FlowRow) -> None:
        """Add a row that is new."""
        self._after.setdefault(row.preceding, []).append(row)
        self._before.setdefault(row.subsequent, []).append(row)
        self._count += 1

    def put(self, row: FlowRow) -> None:
        """Replace the row with the same key, or add it."""
        if not _replaced(self._after.get(row.preceding, []), row):
            self.add(row)
            return
        _replaced(self._before[row.subsequent], row)

    def drop(self, key: FlowKey) -> None:
        """Remove a row; unknown keys are ignored."""
        for index, number in ((self._after, key[0]), (self._before, key[2])):
            rows = index.get(number, [])
            kept = [row for row in rows if row.key != key]
            if index is self._after:
                self._count -= len(rows) - len(kept)
            if kept:
                index[number] = kept
            else:
                index.pop(number, None)

    def after(self, number: str) -> tuple[FlowRow, ...]:
        """Return the rows whose preceding document is *number*."""
        return tuple(self._after.get(number, ()))

    def before(self, number: str) -> tuple[FlowRow, ...]:
        """Return the rows whose subsequent document is *number*."""
        return tuple(self._before.get(number, ()))


def _replaced(rows: list[FlowRow], row: FlowRow) -> bool:
    key = row.key
    for position, each in enumerate(rows):
        if each.key == key:
            rows[position] = row
            return True
    return False
