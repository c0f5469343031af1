"""The report of a dry run as a workbook, for people who live in spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook

from connector.mappings.external_order import ExternalOrder
from connector.mappings.mapped_order import Mapped
from connector.mappings.problems import HOLD_REASONS
from connector.reports.coverage import Coverage, Gap
from connector.reports.mistakes import MistakeSum, MistakeSums, mistakes_of
from connector.reports.money import money_rows
from connector.reports.rule_uses import RuleUses
from connector.reports.summary_sheet import Summary
from connector.reports.tried_order import TriedOrder, name_of, priced_document, value_of
from connector.sd_documents.currency import decimals_of
from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import Money

#: Rows of a sheet before the next one is begun; the format ends at 1,048,576.
MOST_ROWS: Final = 1_000_000
#: Rows of the fields of documents: programs for spreadsheets are slow with more, and the page has
#: them all.
MOST_FIELDS: Final = 100_000
#: What a cell can hold.
_LONGEST: Final = 32_767

_MORE: Final = "More fields are in the page that --html writes; the sheet Rules counts all of them."

Cell = str | int | Decimal | Money | None

_SHEETS: Final[dict[str, tuple[tuple[str, int], ...]]] = {
    "Orders": (
        ("Order", 16), ("Source", 40), ("Result", 18), ("Documents", 30), ("Value", 14),
        ("Net in the ERP", 14), ("Tax in the ERP", 14), ("Currency", 9), ("What to do", 80),
    ),
    "Items": (
        ("Order", 16), ("Document", 18), ("Item", 7), ("Line", 14), ("SKU", 22), ("Material", 22),
        ("Quantity", 11), ("Unit", 7), ("Wanted on", 12), ("Conditions", 60),
    ),
    "Rules": (
        ("Document", 18), ("Field", 36), ("Rule", 60), ("Because", 50), ("Written in", 24),
        ("Times", 11), ("Example", 16), ("Value there", 28), ("Read from", 36),
    ),
    "Fields": (
        ("Order", 16), ("Document", 18), ("Field", 36), ("Value", 28), ("Read from", 36),
        ("Value there", 28), ("Rule", 44), ("Because", 50), ("Written in", 24),
    ),
    "Money": (
        ("Order", 16), ("What", 34), ("Order says", 14), ("ERP says", 14), ("Difference", 12),
        ("Currency", 9), ("Cause", 60), ("What would settle it", 50),
    ),
    "Problems": (
        ("Order", 16), ("Source", 40), ("Holds", 8), ("Kind", 26), ("Code", 24), ("Message", 90),
        ("Where", 32), ("Concerns", 14), ("Currency", 9),
    ),
    "Costs": (
        ("Kind", 26), ("Code", 26), ("Holds", 8), ("Orders", 9), ("Times", 9), ("Concerns", 16),
        ("Currency", 9), ("Example", 16), ("What to do", 70),
    ),
    "Coverage": (
        ("Kind", 16), ("Value", 30), ("Table", 28), ("Holds", 8), ("Orders", 9),
        ("Revenue at risk", 16), ("Currency", 9), ("Example", 16), ("What to do", 60),
    ),
}  # fmt: skip


class DryRunWorkbook:
    """
    Writes orders as they come, one row in memory per sheet; use it in ``with``.

    Of the fields of documents the first :data:`MOST_FIELDS` are there, of all fields which rules
    filled them. Of money the lines stand where something differs, the total always.

    The file appears under its name when all is written; after an error there is none.

    Raises (at the end):
        OSError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self._book: Any = Workbook(str(self._part), {"constant_memory": True})
        self._book.use_zip64()
        self._bold = self._book.add_format({"bold": True, "bottom": 1})
        self._formats: dict[int, Any] = {}
        self._summary = Summary(self._book, self._bold, self.amount_format)
        self._sheets = {name: _Sheet(self, name, columns) for name, columns in _SHEETS.items()}
        self._coverage, self._sums, self._rules = Coverage(), MistakeSums(), RuleUses()
        self._fields = 0

    def __enter__(self) -> DryRunWorkbook:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            for gap in self._coverage.gaps():
                self._write_gap(gap)
            for found in self._sums.sums():
                self._write_sum(found)
            for use in self._rules.uses():
                self._sheets["Rules"].row(*use)
            self._summary.write(several_sheets=self._sheets["Orders"].is_several)
        for sheet in self._sheets.values():
            sheet.finish()
        try:
            self._close()
            if error is None:
                self._part.replace(self._path)
        finally:
            self._part.unlink(missing_ok=True)

    def add(self, tried: TriedOrder) -> None:
        """Write what would become of one message."""
        self._coverage.add(tried)
        self._sums.add(tried)
        self._summary.add(tried)
        name, order, priced = name_of(tried), tried.order, tried.priced
        documents = tried.mapped.documents if tried.mapped else ()
        kinds = [each.document.category.name.lower().replace("_", " ") for each in documents]
        self._sheets["Orders"].row(
            name,
            tried.source,
            tried.problems[0].code if tried.problems else "would be created",
            ", ".join(kinds),
            value_of(order) if order else None,
            priced.net_amount if priced else None,
            priced.tax_amount if priced else None,
            order.currency if order else "",
            "\n".join(problem.message for problem in tried.problems),
        )
        for kind, each in zip(kinds, documents, strict=True):
            self._write_document(name, kind, each, order)
        if order is not None and priced is not None:
            rows = money_rows(order, priced, priced_document(tried))
            differs = any(row.difference for row in rows)
            for row in rows if differs else rows[-1:]:
                self._sheets["Money"].row(
                    name, row.what, row.said, row.priced, row.difference, order.currency,
                    row.cause, row.remedy,
                )  # fmt: skip
        for mistake in mistakes_of(tried):
            amount = mistake.amount
            self._sheets["Problems"].row(
                name, tried.source, "yes" if mistake.holds else "no", mistake.kind, mistake.code,
                mistake.message, mistake.where, amount, amount.currency if amount else "",
            )  # fmt: skip

    def _write_document(
        self, name: str, kind: str, mapped: Mapped[SalesDocument], order: ExternalOrder | None
    ) -> None:
        lines = order.lines if order is not None else ()
        for position, item in enumerate(mapped.document.items):
            line = lines[position] if position < len(lines) else None
            wanted = item.requested_quantity
            conditions = "; ".join(
                f"{each.condition_type} {each.rate:f} {each.currency or '%'}"
                for each in item.conditions
            )
            days = [each.requested_delivery_date for each in item.schedule_lines]
            day = min(days, default=mapped.document.requested_delivery_date)
            self._sheets["Items"].row(
                name, kind, item.item_number, line.line_id if line else "",
                line.sku if line else "", item.material, wanted.value, wanted.unit,
                day.isoformat(), conditions,
            )  # fmt: skip
        for field in mapped.trace:
            self._rules.add(name, kind, field)
            self._fields += 1
            if self._fields <= MOST_FIELDS:
                self._sheets["Fields"].row(
                    name, kind, field.path, field.value, field.source_path, field.source_value,
                    field.rule, field.because, field.file,
                )  # fmt: skip
            elif self._fields == MOST_FIELDS + 1:
                self._sheets["Fields"].row(_MORE)

    def sheet(self, name: str, columns: Sequence[tuple[str, int]]) -> Any:
        """Begin a sheet with its header."""
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for position, (title, width) in enumerate(columns):
            sheet.set_column(position, position, width)
            sheet.write_string(0, position, title, self._bold)
        return sheet

    def amount_format(self, currency: str) -> Any:
        """Return the number format of a currency's decimals."""
        decimals = decimals_of(currency)
        if decimals not in self._formats:
            shown = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._formats[decimals] = self._book.add_format({"num_format": shown})
        return self._formats[decimals]

    def _write_gap(self, gap: Gap) -> None:
        self._sheets["Coverage"].row(
            gap.kind, gap.value, gap.label, "yes" if gap.holds else "no", gap.orders,
            Money.rounded(gap.amount, gap.currency), gap.currency, gap.example, gap.remedy,
        )  # fmt: skip

    def _write_sum(self, found: MistakeSum) -> None:
        amount = Money.rounded(found.amount, found.currency) if found.currency else None
        reason = HOLD_REASONS.get(found.code)
        self._sheets["Costs"].row(
            found.kind, found.code, "yes" if found.holds else "no", found.orders, found.times,
            amount, found.currency, found.example, reason.remedy if reason else "",
        )  # fmt: skip

    def _close(self) -> None:
        from xlsxwriter.exceptions import FileCreateError

        try:
            self._book.close()
        except FileCreateError as error:
            cause = error.args[0] if error.args else error
            raise cause if isinstance(cause, OSError) else OSError(str(cause)) from error


class _Sheet:
    """One table of the workbook; goes on in a further sheet where one is full."""

    def __init__(self, book: DryRunWorkbook, name: str, columns: Sequence[tuple[str, int]]) -> None:
        self._book, self._name, self._columns = book, name, columns
        self._number, self._row = 1, 0
        self._sheet = book.sheet(name, columns)

    def row(self, *cells: Cell) -> None:
        """Write a row. Texts stay texts, whatever they begin with."""
        if self._row == MOST_ROWS:
            self.finish()
            self._number, self._row = self._number + 1, 0
            self._sheet = self._book.sheet(f"{self._name} {self._number}", self._columns)
        self._row += 1
        for position, cell in enumerate(cells):
            if isinstance(cell, str):
                if cell:
                    self._sheet.write_string(self._row, position, cell[:_LONGEST])
            elif isinstance(cell, Money):
                shown = self._book.amount_format(cell.currency)
                self._sheet.write_number(self._row, position, cell.amount, shown)
            elif cell is not None:
                self._sheet.write_number(self._row, position, cell)

    @property
    def is_several(self) -> bool:
        """Whether the table went on in a further sheet."""
        return self._number > 1

    def finish(self) -> None:
        """Put the filter over all rows."""
        self._sheet.autofilter(0, 0, max(self._row, 1), len(self._columns) - 1)
