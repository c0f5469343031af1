"""The rows of a workbook's sheet as texts, with merged cells filled in."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from lxml import etree
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from connector.mappings.readers.tables import Cells

#: Columns beyond are no order's; a cell in the last column of Excel would make each row large.
_MAX_COLUMNS: Final = 1_000
_SHEET: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ROW: Final = f"{_SHEET}row"
_AREA: Final = f"{_SHEET}mergeCell"

#: Formulas without a value are told one by one; where there are as many, all are.
_MAX_FORMULAS: Final = 100_000

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
        layout = _Layout(sheet)
        self._starting, self._empty_formulas = layout.areas, layout.empty_formulas
        self._filling: dict[int, tuple[int, _Cell]] = {}

    def cells(self, *, header: bool) -> Iterator[Cells]:
        """Yield the rows that are not empty; the first one says how wide they are."""
        width = 0 if header else self._columns
        empty = 0
        rows = self._sheet.iter_rows(max_col=_MAX_COLUMNS, min_row=self._first_row)
        for number, row in zip(itertools.count(self._first_row), rows, strict=False):
            cells = [_Cell(_text(c.value), self._problem(c)) for c in row]
            while cells and not cells[-1].text.strip() and not cells[-1].problem:
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
            problem = next((cell.problem for cell in cells if cell.problem), "")
            yield Cells(f"{self._source}, row {number}", texts, problem)

    def _problem(self, cell: Any) -> str:
        where = getattr(cell, "coordinate", "")
        if getattr(cell, "data_type", "") == "e":
            return f"the cell {where} shows {cell.value}"
        if where and where in self._empty_formulas:
            return f"the formula in the cell {where} has no value: save the file in a spreadsheet"
        return ""

    def _fill(self, number: int, cells: list[_Cell]) -> None:
        """Give the first column of a merged area the value of its first cell."""
        for column, bottom in self._starting.pop(number, ()):
            if column <= len(cells):
                self._filling[column] = bottom, cells[column - 1]
        for column, (bottom, value) in list(self._filling.items()):
            if bottom < number:
                del self._filling[column]
                continue
            cells += [_Cell("", "")] * (column - len(cells))
            cells[column - 1] = value


class _Cell(NamedTuple):
    text: str
    problem: str


class _Layout:
    """
    What openpyxl does not tell of a sheet that it reads row by row.

    ``areas`` are column and last row of merged cells by their first row; ``empty_formulas`` are
    cells whose formula has no value, because the program that wrote it does not compute.
    """

    def __init__(self, sheet: Any) -> None:
        self.areas: dict[int, list[tuple[int, int]]] = {}
        self.empty_formulas: set[str] = set()
        # openpyxl opens the sheet's part like this for its own reading; it has no public way.
        with sheet._get_source() as part:
            for _, element in etree.iterparse(
                part, tag=(_ROW, _AREA), resolve_entities=False, load_dtd=False, no_network=True
            ):
                if element.tag == _AREA:
                    self._add_area(element.get("ref", ""))
                else:
                    self._add_formulas(element)
                element.clear()
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]

    def _add_area(self, reference: str) -> None:
        left, top, _, bottom = range_boundaries(reference)
        if left and top and bottom and bottom > top and left <= _MAX_COLUMNS:
            self.areas.setdefault(top, []).append((left, bottom))

    def _add_formulas(self, row: Any) -> None:
        for cell in row.iterchildren(f"{_SHEET}c"):
            if cell.find(f"{_SHEET}f") is not None and not cell.findtext(f"{_SHEET}v"):
                is_text = cell.get("t") == "str"  # a formula may well yield an empty text
                if not is_text and len(self.empty_formulas) < _MAX_FORMULAS:
                    self.empty_formulas.add(cell.get("r", ""))


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
