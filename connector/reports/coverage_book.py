"""
What tables lack, as spreadsheets to be filled in: one for each table, and an overview.

Loaded back with `sd-connector mapping tables load`. Keys are filled in, values are left empty; how
much waits for each row stands beside it. A workbook has a sheet for each table, as CSV each table
is a file of its own beside the overview (`missing.skus.csv` beside `missing.csv`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from connector.mappings.fill_in_sheets import BESIDE, OVERVIEW, guarded, sheet_names
from connector.mappings.rules import MappingRules
from connector.mappings.value_tables import ValueTable
from connector.reports.coverage import Coverage, Gap
from connector.reports.tried_order import TriedOrder
from connector.sd_documents.currency import decimals_of

_WORKBOOK: Final = ".xlsx"
_CSV: Final = ".csv"
SUFFIXES: Final = (_WORKBOOK, _CSV)

_OVERVIEW: Final = (
    ("Kind", 18), ("Value", 34), ("Table", 18), ("File", 30), ("Holds", 8), ("Orders", 9),
    ("Revenue at risk", 16), ("Currency", 9), ("Example", 18), ("Read from", 26),
    ("What to do", 70),
)  # fmt: skip
_WIDEST: Final = 44

Cell = str | int | Decimal


class CoverageBook:
    """
    Collects what *rules* lack and writes it to *path* at the end; use it in ``with``.

    The format goes by the name (:data:`SUFFIXES`). After an error nothing is written.

    Raises (at the end):
        OSError: a file cannot be written.
    """

    def __init__(self, path: Path, rules: MappingRules) -> None:
        self._path, self._rules = path, rules
        self._coverage = Coverage()
        self.files: tuple[Path, ...] = ()

    def __enter__(self) -> CoverageBook:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is not None:
            return
        gaps = self._coverage.gaps()
        sheets = {name: rows for name in self._tables() if (rows := fill_in_rows(gaps, name))}
        if self._path.suffix.lower() == _WORKBOOK:
            self._write_workbook(gaps, sheets)
        else:
            self._write_files(gaps, sheets)

    def add(self, tried: TriedOrder) -> None:
        """Take in what one order lacks."""
        self._coverage.add(tried)

    @property
    def gaps(self) -> Sequence[Gap]:
        """What was found so far, ranked."""
        return self._coverage.gaps()

    def _tables(self) -> Mapping[str, ValueTable]:
        """The tables that a person can add rows to."""
        tables = self._rules.tables
        return {name: each for name, each in tables.items() if isinstance(each, ValueTable)}

    def _write_workbook(
        self, gaps: Sequence[Gap], sheets: Mapping[str, Sequence[FillInRow]]
    ) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        try:
            book: Any = Workbook(str(part), {"strings_to_formulas": False})
            formats = _Formats(book)
            _write_sheet(book, formats, OVERVIEW, _OVERVIEW, map(_overview_row, gaps))
            names, tables = sheet_names(self._tables()), self._tables()
            for name, rows in sheets.items():
                _write_fill_in(book, formats, names[name], tables[name], rows)
            book.close()
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)
        self.files = (self._path,)

    def _write_files(self, gaps: Sequence[Gap], sheets: Mapping[str, Sequence[FillInRow]]) -> None:
        header = tuple(title for title, _ in _OVERVIEW)
        written = [_write_csv(self._path, header, map(_overview_row, gaps))]
        for name, rows in sheets.items():
            table = self._tables()[name]
            path = self._path.with_name(f"{self._path.stem}.{name}{self._path.suffix}")
            cells = ((*row.own(table), *row.beside) for row in rows)
            written.append(_write_csv(path, (*table.columns, *BESIDE), cells))
        self.files = tuple(written)


class FillInRow:
    """A row to be filled in: its key, and what stands beside it, of all currencies together."""

    def __init__(self, gaps: Sequence[Gap]) -> None:
        most, *others = sorted(gaps, key=lambda gap: (-gap.orders, -gap.amount))
        self.key = most.key
        self.currency = most.currency
        self.rank = (not any(gap.holds for gap in gaps), -max(gap.amount for gap in gaps))
        self.beside: tuple[Cell, ...] = (
            sum(gap.orders for gap in gaps),
            most.amount,
            most.currency,
            ", ".join(f"{gap.amount:f} {gap.currency}" for gap in others),
            "yes" if any(gap.holds for gap in gaps) else "no",
            most.example,
            most.where,
        )

    def own(self, table: ValueTable) -> tuple[str, ...]:
        """Return the cells of the table's own columns: the key alone is filled in."""
        known = dict(zip(table.key, self.key, strict=True))
        return tuple(known.get(column, "") for column in table.columns)


def fill_in_rows(gaps: Iterable[Gap], table: str) -> Sequence[FillInRow]:
    """
    Return the rows that *table* lacks, what holds most revenue first.

    An order that says nothing where it is looked up needs an order that does, not a row.
    """
    by_key: dict[tuple[str, ...], list[Gap]] = {}
    for gap in gaps:
        if gap.table == table and any(part.strip() for part in gap.key):
            by_key.setdefault(gap.key, []).append(gap)
    return sorted(map(FillInRow, by_key.values()), key=lambda row: row.rank)


def _overview_row(gap: Gap) -> tuple[Cell, ...]:
    return (
        gap.kind, gap.value, gap.table, gap.label, "yes" if gap.holds else "no", gap.orders,
        gap.amount, gap.currency, gap.example, gap.where, gap.remedy,
    )  # fmt: skip


class _Formats:
    def __init__(self, book: Any) -> None:
        self._book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.known = book.add_format({"num_format": "@", "bg_color": "#EEEEEE"})
        #: Text: a spreadsheet program then keeps leading zeros of what is typed.
        self.wanted = book.add_format({"num_format": "@", "bg_color": "#FFF9DB", "border": 4})
        self.beside = book.add_format({"font_color": "#666666"})
        self._amounts: dict[int, Any] = {}

    def amount(self, currency: str) -> Any:
        decimals = decimals_of(currency)
        if decimals not in self._amounts:
            shown = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._amounts[decimals] = self._book.add_format({"num_format": shown})
        return self._amounts[decimals]


def _write_sheet(
    book: Any,
    formats: _Formats,
    name: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Cell]],
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for position, (title, width) in enumerate(columns):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, title, formats.head)
    line = 0
    currency = [title for title, _ in columns].index("Currency")
    for line, cells in enumerate(rows, start=1):
        for position, cell in enumerate(cells):
            _write(sheet, line, position, cell, (formats.amount(str(cells[currency])), None))
    sheet.autofilter(0, 0, max(line, 1), len(columns) - 1)


def _write_fill_in(
    book: Any, formats: _Formats, name: str, table: ValueTable, rows: Sequence[FillInRow]
) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, len(table.key))
    columns = (*table.columns, *BESIDE)
    for position, title in enumerate(columns):
        is_own = position < len(table.columns)
        sheet.write_string(0, position, title, formats.head)
        sheet.set_column(
            position, position, min(max(len(title) + 3, 16 if is_own else 12), _WIDEST)
        )
    for line, row in enumerate(rows, start=1):
        for position, (column, text) in enumerate(zip(table.columns, row.own(table), strict=True)):
            if column in table.key:
                sheet.write_string(line, position, text, formats.known)
            else:
                sheet.write_blank(line, position, None, formats.wanted)
        for position, cell in enumerate(row.beside, start=len(table.columns)):
            _write(sheet, line, position, cell, (formats.amount(row.currency), formats.beside))
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def _write(sheet: Any, line: int, position: int, cell: Cell, style: tuple[Any, Any]) -> None:
    """Write *cell*; *style* are the formats of an amount and of a text."""
    amount, text = style
    if isinstance(cell, str):
        if cell:
            sheet.write_string(line, position, cell, text)
    elif isinstance(cell, Decimal):
        sheet.write_number(line, position, cell, amount)
    else:
        sheet.write_number(line, position, cell)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Path:
    part = path.with_name(f".{path.name}.part")
    try:
        # A lone surrogate, as JSON may have it, cannot be written as UTF-8.
        with part.open("w", encoding="utf-8-sig", errors="replace", newline="") as stream:
            lines = csv.writer(stream)
            lines.writerow(header)
            lines.writerows(_texts(rows))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _texts(rows: Iterable[Sequence[Cell]]) -> Iterator[list[str]]:
    for row in rows:
        yield [guarded(cell) if isinstance(cell, str) else f"{cell:f}" if isinstance(cell, Decimal)
               else str(cell) for cell in row]  # fmt: skip
