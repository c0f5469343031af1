"""
The parts of a report: tables with typed cells, from which every format is written.

Whatever is counted or added up is counted here, once: formats only show it, so that all of them
say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.sd_documents.currency import decimals_of
from connector.sd_documents.values import Money

#: What a cell may be; None is an empty one.
Cell = str | int | Decimal | date | datetime | Money | None


#: Columns whose numbers name something, and count nothing.
NUMBERS: Final = frozenset({"identity", "proposal", "line_item"})


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    COUNT = "number"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    DATE = "date"
    INSTANT = "instant (UTC)"


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column.

    ``name`` is its heading in CSV and its key in JSONL, and never changes; ``title`` is what
    people read. Amounts are in the currency of the row's column ``currency``, unless ``about``
    says otherwise. ``width`` is in characters.
    """

    name: str
    title: str
    about: str
    kind: Kind = Kind.TEXT
    width: int = 14


@dataclass(frozen=True, slots=True)
class Part:
    """
    One table. ``name`` is that of its CSV file and of its records in JSONL.

    Rows have a cell for each column. ``adds_up`` names the columns that have a total.
    """

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    adds_up: tuple[str, ...] = ()

    def with_rows(self, rows: Iterable[Sequence[Cell]]) -> Part:
        """Return the same part with *rows*; raises ValueError for a row of another length."""
        made = tuple(tuple(row) for row in rows)
        for row in made:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: {len(row)} cells for {len(self.columns)} columns")
        return Part(self.name, self.title, self.about, self.columns, made, self.adds_up)

    def position(self, column: str) -> int:
        """Return the position of a column; raises ValueError where there is none of that name."""
        return [each.name for each in self.columns].index(column)

    def has(self, column: str) -> bool:
        """Tell whether there is a column of that name."""
        return any(each.name == column for each in self.columns)

    def values(self, column: str) -> Iterator[Cell]:
        """Yield the cells of one column."""
        at = self.position(column)
        return (row[at] for row in self.rows)

    def currencies(self) -> tuple[str, ...]:
        """Return the currencies of the rows, empty where there is no column for them."""
        if not self.has("currency"):
            return ()
        return tuple(sorted({str(cell) for cell in self.values("currency") if cell}))

    def total(self, column: str, currency: str = "") -> Decimal:
        """Add up one column, of the rows in *currency* where one is given."""
        at = self.position(column)
        of = self.position("currency") if currency else None
        cells = (row[at] for row in self.rows if of is None or row[of] == currency)
        return sum((number_of(cell) for cell in cells), Decimal(0))


def number_of(cell: Cell) -> Decimal:
    """Return what a cell counts in a sum; nothing for an empty one and for text."""
    if isinstance(cell, Money):
        return cell.amount
    return Decimal(cell) if isinstance(cell, int | Decimal) else Decimal(0)


def plain(cell: Cell) -> str:
    """Return a cell as a file for programs has it: decimals with a point, ISO 8601, no grouping."""
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return f"{cell.amount:f}"
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def shown(cell: Cell) -> str:
    """Return a cell as people read it: thousands apart, and a minus that is as wide as a plus."""
    if isinstance(cell, Money):
        return f"{cell.amount:,f}".replace("-", "−")
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, int):
        return f"{cell:,}".replace("-", "−")
    if isinstance(cell, Decimal):
        return f"{cell.normalize():,f}".replace("-", "−")
    if isinstance(cell, datetime):
        return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return plain(cell)


def money(amount: Decimal, currency: str) -> Money | None:
    """Return an amount with its currency; None where there is no currency."""
    return Money(amount=amount, currency=currency) if currency else None


def amount_format(currency: str) -> str:
    """Return the number format of spreadsheets for a currency's decimals."""
    decimals = decimals_of(currency)
    return "#,##0" + ("." + "0" * decimals if decimals else "")
