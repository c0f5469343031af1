"""The rows of a workbook's sheet as texts, with merged cells filled in."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook

from connector.mappings.readers.tables import Cells

#: Columns beyond are no order's; a cell in the last column of Excel would make each row large.
_MAX_COLUMNS: Final = 1_000
_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW: Final = f"{_SHEET}row"
_AREA: Final = f"{_SHEET}mergeCell"

#: Empty rows in a row after which a sheet counts as ended: some have a cell in the last row.
_MAX_GAP: Final = 10_000


def visible_sheets(book: Workbook) -> tuple[list[Any], list[Any]]:
    """Return the sheets with cells that are shown, and those that are hidden."""
    sheets: list[Any] = [each for each in book.worksheets if hasattr(each, "reset_dimensions")]
    visible = [each for each in sheets if each.sheet_state == "visible"]
    return visible, [each for each in sheets if each.sheet_state != "visible"]


class SheetRows:
    """The rows of *sheet* from *first_row* on, as wide as the header or as *columns*."""

    def __init__(self, sheet: Any, source: str, first_row: int, columns: int) -> None:
        # The size that a sheet claims to have is often wrong.
        sheet.reset_dimensions()
        self._sheet, self._source = sheet, source
        self._first_row, self._columns = first_row, columns
        self._starting = _merged(sheet)
        self._filling: dict[int, tuple[int, _Cell]] = {}

    def cells(self, *, header: bool) -> Iterator[Cells]:
        """Yield the rows that are not empty; the first one says how wide they are."""
        width = 0 if header else self._columns
        empty = 0
        rows = self._sheet.iter_rows(max_col=_MAX_COLUMNS, min_row=self._first_row)
        for number, row in zip(itertools.count(self._first_row), rows, strict=False):
            cells = [_Cell(_text(c.value), getattr(c, "data_type", "") == "e") for c in row]
            while cells and not cells[-1].text.strip():
                cells.pop()
            if not cells:
                empty += 1
                if empty > _MAX_GAP:
                    return
                continue
            empty = 0
            self._fill(number, cells)
            width = width or len(cells)
            texts = [cell.text for cell in cells] + [""] * (width - len(cells))
            yield Cells(f"{self._source}, row {number}", texts, _problem(number, cells))

    def _fill(self, number: int, cells: list[_Cell]) -> None:
        """Give the first column of a merged area the value of its first cell."""
        for column, bottom in self._starting.pop(number, ()):
            if column <= len(cells):
                self._filling[column] = bottom, cells[column - 1]
        for column, (bottom, value) in list(self._filling.items()):
            if bottom < number:
                del self._filling[column]
                continue
            cells += [_Cell("", False)] * (column - len(cells))
            cells[column - 1] = value


class _Cell(NamedTuple):
    text: str
    is_error: bool


def _problem(number: int, cells: list[_Cell]) -> str:
    for column, cell in enumerate(cells, 1):
        if cell.is_error:
            return f"the cell {get_column_letter(column)}{number} shows {cell.text}"
    return ""


def _merged(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Return, by first row, column and last row of merged cells; they follow the rows in a file."""
    areas: dict[int, list[tuple[int, int]]] = {}
    # openpyxl opens the sheet's part like this for its own reading; it has no public way.
    with sheet._get_source() as part:
        for _, element in etree.iterparse(
            part, tag=(_ROW, _AREA), resolve_entities=False, load_dtd=False, no_network=True
        ):
            if element.tag == _AREA:
                left, top, _, bottom = range_boundaries(element.get("ref", ""))
                if left and top and bottom and bottom > top and left <= _MAX_COLUMNS:
                    areas.setdefault(top, []).append((left, bottom))
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    return areas


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return _plain(value)
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return value.date().isoformat() if midnight else value.isoformat(timespec="seconds")
        case _:
            return str(value)


def _plain(value: float) -> str:
    """Return the shortest decimal that is *value*, as the cell shows it, without an exponent."""
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    text = format(exact, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
