"""Calculates the formulas of a workbook, as far as reports use them, from its cells alone."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

#: A range with its sheet, or a cell.
RANGE = re.compile(r"(?:'([^']+)'!)?\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?$")


class Spreadsheet:
    """A workbook whose cells are read as values; formulas are calculated when asked for."""

    def __init__(self, path: Path) -> None:
        self.book: Any = load_workbook(path)
        self.cached: Any = load_workbook(path, data_only=True)
        self.path = path

    def formulas(self) -> list[tuple[str, str, str]]:
        """Sheet, cell and text of each formula."""
        return [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in self.book
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    def shown(self, sheet: str, cell: str) -> Decimal:
        """What stands beside the formula for programs that do not calculate."""
        return Decimal(str(self.cached[sheet][cell].value))

    def records(self, sheet: str) -> list[dict[str, Any]]:
        """The rows of a sheet by heading, down to the first empty row."""
        head, *rows = self.cached[sheet].iter_rows(values_only=True)
        found = []
        for row in rows:
            if all(cell is None for cell in row):
                break
            found.append(dict(zip(head, row, strict=True)))
        return found

    def calculate(self, sheet: str, formula: str) -> Decimal:
        """Return what *formula* comes to."""
        text = formula.removeprefix("=")
        total = Decimal(0)
        for sign, term in re.findall(r"([+-]?)([A-Z]+\((?:[^()]|\([^()]*\))*\)|[A-Z]+\d+)", text):
            value = self._term(sheet, term)
            total += -value if sign == "-" else value
        return total

    def _term(self, sheet: str, term: str) -> Decimal:
        if "(" not in term:
            return _number(self._values(sheet, term)[0])
        name, inner = term[:-1].split("(", 1)
        if name == "SUMPRODUCT":
            return self._sum_of_products(sheet, inner)
        arguments = inner.split(",")
        if name == "SUBTOTAL":
            assert arguments.pop(0) == "109"
        if name in ("SUM", "SUBTOTAL"):
            return sum((_number(v) for a in arguments for v in self._values(sheet, a)), Decimal(0))
        summed = self._values(sheet, arguments.pop(0)) if name == "SUMIFS" else None
        assert name in ("SUMIFS", "COUNTIFS"), name
        fits: list[bool] = []
        for cells, wanted in zip(arguments[::2], arguments[1::2], strict=True):
            values, criterion = self._values(sheet, cells), self._one(sheet, wanted)
            fits = [
                before and value == criterion
                for before, value in zip(fits or [True] * len(values), values, strict=True)
            ]
        numbers = [Decimal(1)] * len(fits) if summed is None else [_number(v) for v in summed]
        return sum((n for n, fit in zip(numbers, fits, strict=True) if fit), Decimal(0))

    def _sum_of_products(self, sheet: str, inner: str) -> Decimal:
        *conditions, amounts = inner.split("*")
        numbers = [abs(_number(v)) for v in self._values(sheet, amounts[len("ABS(") : -1])]
        for condition in conditions:
            cells, wanted = condition.strip("()").rsplit("=", 1)
            criterion = self._one(sheet, wanted)
            numbers = [
                number if value == criterion else Decimal(0)
                for number, value in zip(numbers, self._values(sheet, cells), strict=True)
            ]
        return sum(numbers, Decimal(0))

    def _one(self, sheet: str, text: str) -> Any:
        return (text.strip('"') or None) if text.startswith('"') else self._values(sheet, text)[0]

    def _values(self, sheet: str, reference: str) -> list[Any]:
        found = RANGE.match(reference)
        assert found, reference
        other, left, top, right, bottom = found.groups()
        cells = self.book[other or sheet][f"{left}{top}:{right or left}{bottom or top}"]
        return [
            self.calculate(other or sheet, cell.value) if cell.data_type == "f" else cell.value
            for row in cells
            for cell in row
        ]


def _number(value: Any) -> Decimal:
    if value is None or isinstance(value, str | date | datetime):
        return Decimal(0)
    return Decimal(str(value))
