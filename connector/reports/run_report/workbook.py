"""A report as a workbook: a sheet for each part, with formulas, filters, and links to evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from connector.reports.run_report.files import replacing
from connector.reports.run_report.formats import Formats
from connector.reports.run_report.formulas import MOST_ROWS, Formulas
from connector.reports.run_report.parts import NUMBERS, Cell, Column, Kind, Part, plain
from connector.reports.run_report.run_report import RunReport
from connector.sd_documents.values import Money

#: Links of one sheet; the format ends at 65,530.
MOST_LINKS: Final = 60_000
#: Characters that can be read side by side on a printed page.
_PRINTED: Final = 210
#: Height of a line of text, in points.
_LINE: Final = 15
#: Lines that a row is high at most; a longer text shows when its cell is opened.
_MOST_LINES: Final = 8
#: What a cell can hold.
_LONGEST: Final = 32_767
#: Columns of texts that run over several lines.
_WRAPPED: Final = frozenset(
    {"about", "keys", "key", "text", "what_to_do", "comments", "problems", "meaning", "cause"}
)


def write_xlsx(report: RunReport, path: Path) -> tuple[Path, ...]:
    """
    Write *report* to *path*. The same report gives the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    from xlsxwriter.exceptions import FileCreateError

    with replacing(path) as temporary:
        book: Any = Workbook(str(temporary), {"constant_memory": True, "remove_timezone": True})
        book.use_zip64()
        book.set_properties(
            {
                "title": f"Reconciliation {report.run.header.run_id}",
                "company": report.company,
                "created": report.run.header.finished_at.replace(tzinfo=None),
            }
        )
        _RunWorkbook(book, report).write()
        try:
            book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else OSError(str(cause)) from error
    return (path,)


class _RunWorkbook:
    """Writes the sheets one after the other, each row once."""

    def __init__(self, book: Any, report: RunReport) -> None:
        self._book, self._report = book, report
        self._parts = {part.name: part for part in report.parts}
        self._sheets = {part.name: part.title[:31].replace("/", "-") for part in report.parts}
        self._formulas = Formulas(self._parts, self._sheets)
        self._formats = Formats(book)
        self._evidence = _first_rows(self._parts["evidence"], "break_id")
        self._breaks = _first_rows(self._parts["breaks"], "id")

    def write(self) -> None:
        """Write all sheets."""
        for part in self._parts.values():
            sheet = self._book.add_worksheet(self._sheets[part.name])
            self._lay_out(sheet, part)
            if part.name == "run":
                self._write_front(sheet, part)
            else:
                self._write_part(sheet, part)

    def _lay_out(self, sheet: Any, part: Part) -> None:
        """Set what holds for the whole sheet, also where it is printed."""
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1 + sum(c.width for c in part.columns) // _PRINTED, 0)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        header = self._report.run.header
        sheet.set_footer(f"&L{header.run_id}&CKey date {header.key_date}&R&A, &P of &N")
        for at, column in enumerate(part.columns):
            # A heading needs room for itself and for the button of the filter.
            sheet.set_column(at, at, max(column.width, len(column.title) + 4))

    def _write_front(self, sheet: Any, part: Part) -> None:
        """Write the run, its verdict in colour, and what the other sheets hold."""
        sheet.write_string(0, 0, "Reconciliation", self._formats.head)
        sheet.write_string(0, 1, self._report.company, self._formats.head)
        for row, (field, value) in enumerate(part.rows, start=1):
            sheet.write_string(row, 0, str(field).replace("_", " "), self._formats.bold)
            look = self._formats.wrapped
            if field in ("verdict", "problem"):
                look = self._formats.tone(self._report.tone if field == "verdict" else "bad")
            sheet.write_string(row, 1, plain(value)[:_LONGEST], look)
        row = len(part.rows) + 2
        sheet.write_string(row, 0, "Sheet", self._formats.head)
        sheet.write_string(row, 1, "What it has", self._formats.head)
        for other in list(self._parts.values())[1:]:
            row += 1
            name, rows = self._sheets[other.name], f"{len(other.rows):,} rows"
            text = f"{rows if other.rows else 'nothing'}. {other.about}"
            sheet.set_row(row, _LINE * (1 + len(text) // part.columns[1].width))
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self._formats.link, name)
            sheet.write_string(row, 1, text, self._formats.wrapped)

    def _write_part(self, sheet: Any, part: Part) -> None:
        for at, column in enumerate(part.columns):
            look = self._formats.head if _is_text(column) else self._formats.head_right
            sheet.write_string(0, at, column.title, look)
        rows = part.rows[:MOST_ROWS]
        wrapped = [at for at, column in enumerate(part.columns) if column.name in _WRAPPED]
        for number, row in enumerate(rows):
            # Heights are known before anything of a row is written, as rows are not kept.
            lines = max((_lines(row[at], part.columns[at]) for at in wrapped), default=1)
            if lines > 1:
                sheet.set_row(number + 1, _LINE * min(lines, _MOST_LINES))
            for at, cell in enumerate(row):
                self._write_cell(sheet, part, number, at, cell)
        last = max(len(rows), 1)
        sheet.autofilter(0, 0, last, len(part.columns) - 1)
        if not rows:
            sheet.write_string(1, 0, "nothing", self._formats.soft)
        elif len(rows) < len(part.rows):
            sheet.write_string(last + 1, 0, f"The file {part.name}.csv has all rows.")
        elif part.adds_up:
            self._write_totals(sheet, part, last + 2)

    def _write_cell(self, sheet: Any, part: Part, number: int, at: int, cell: Cell) -> None:
        column, row = part.columns[at], number + 1
        formula = self._formulas.of(part, number, column.name) if cell is not None else ""
        if isinstance(cell, Money):
            look = self._formats.amount(cell.currency)
            if formula:
                sheet.write_formula(row, at, formula, look, cell.amount)
            else:
                sheet.write_number(row, at, cell.amount, look)
        elif isinstance(cell, int | Decimal):
            look = self._formats.number if column.name in NUMBERS else self._formats.count
            if formula:
                sheet.write_formula(row, at, formula, look, cell)
            else:
                sheet.write_number(row, at, cell, look)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, at, cell, self._formats.instant)
        elif isinstance(cell, date):
            sheet.write_datetime(row, at, cell, self._formats.date)
        elif cell:
            self._write_text(sheet, part, row, at, str(cell))

    def _write_text(self, sheet: Any, part: Part, row: int, at: int, text: str) -> None:
        """Write a text as a text, whatever it begins with; ids of breaks lead to the evidence."""
        column = part.columns[at].name
        target = self._target(part, column, text) if row <= MOST_LINKS else ""
        if target:
            sheet.write_url(row, at, target, self._formats.link, text)
            return
        look = self._formats.wrapped if column in _WRAPPED else self._formats.text
        sheet.write_string(row, at, text[:_LONGEST], look)

    def _target(self, part: Part, column: str, text: str) -> str:
        if part.name == "breaks" and column == "id" and text in self._evidence:
            return f"internal:'{self._sheets['evidence']}'!A{self._evidence[text] + 2}"
        if part.name == "evidence" and column == "break_id" and text in self._breaks:
            return f"internal:'{self._sheets['breaks']}'!A{self._breaks[text] + 2}"
        return ""

    def _write_totals(self, sheet: Any, part: Part, row: int) -> None:
        """Write a line for each currency; where there is one, another for what a filter leaves."""
        currencies = part.currencies() or ("",)
        has_amounts = any(part.columns[part.position(n)].kind is Kind.AMOUNT for n in part.adds_up)
        for currency in currencies:
            label = f"Total {currency}" if has_amounts else "Total"
            self._write_sums(sheet, part, row, label, currency if has_amounts else "")
            row += 1
            if not has_amounts:
                return
        if len(currencies) == 1 and all(part.values("currency")):
            sheet.write_string(row, 0, "Shown by the filter", self._formats.total)
            for name in part.adds_up:
                value = part.total(name, currencies[0])
                look = self._formats.sum_of(part.columns[part.position(name)], currencies[0])
                sheet.write_formula(
                    row, part.position(name), self._formulas.visible(part, name), look, value
                )

    def _write_sums(self, sheet: Any, part: Part, row: int, label: str, currency: str) -> None:
        sheet.write_string(row, 0, label, self._formats.total)
        for name in part.adds_up:
            look = self._formats.sum_of(part.columns[part.position(name)], currency)
            formula, value = (
                self._formulas.total(part, name, currency),
                part.total(name, currency),
            )
            sheet.write_formula(row, part.position(name), formula, look, value)


def _lines(cell: Cell, column: Column) -> int:
    """Return about how many lines a text takes in its column."""
    return 1 + len(str(cell)) // column.width if cell else 1


def _is_text(column: Column) -> bool:
    return column.kind in (Kind.TEXT, Kind.DATE, Kind.INSTANT) or column.name in NUMBERS


def _first_rows(part: Part, column: str) -> Mapping[str, int]:
    """Return the first row of each value of a column, counted from 0."""
    found: dict[str, int] = {}
    for number, cell in enumerate(part.values(column)):
        found.setdefault(str(cell), number)
    return found
