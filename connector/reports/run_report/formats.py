"""How cells of the workbook look."""

from __future__ import annotations

from typing import Any, Final

from connector.reports.run_report.parts import Column, Kind, amount_format

_TONES: Final = {"good": "#c8e6c9", "waiting": "#ffe0b2", "bad": "#ffcdd2"}


class Formats:
    """The looks of one workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.text = self._look(indent=1)
        self.wrapped = self._look(text_wrap=True, indent=1)
        self.bold = self._look(bold=True, indent=1)
        self.soft = self._look(font_color="#757575", italic=True)
        self.head = self._look(bold=True, bottom=1, bg_color="#eceff1", text_wrap=True, indent=1)
        self.head_right = self._look(
            bold=True, bottom=1, bg_color="#eceff1", text_wrap=True, align="right"
        )
        self.link = self._look(font_color="#1565c0", underline=1, indent=1)
        self.count = self._look(num_format="#,##0.###;[Red]-#,##0.###")
        self.number = self._look(num_format="0", align="left", indent=1)
        self.date = self._look(num_format="yyyy-mm-dd", align="left", indent=1)
        self.instant = self._look(num_format="yyyy-mm-dd hh:mm:ss", align="left", indent=1)
        self.total = self._look(bold=True, top=1, indent=1)

    def amount(self, currency: str) -> Any:
        """Return the look of an amount with its currency's decimals."""
        shown = amount_format(currency)
        return self._look(num_format=f"{shown};[Red]-{shown}")

    def sum_of(self, column: Column, currency: str) -> Any:
        """Return the look of a total."""
        is_amount = column.kind is Kind.AMOUNT and currency
        shown = amount_format(currency) if is_amount else "#,##0"
        return self._look(num_format=f"{shown};[Red]-{shown}", bold=True, top=1)

    def tone(self, name: str) -> Any:
        """Return the look of a verdict: only a good one is green."""
        return self._look(bold=True, bg_color=_TONES[name], text_wrap=True, indent=1)

    def _look(self, **properties: Any) -> Any:
        properties.setdefault("valign", "top")
        if "indent" in properties:
            properties.setdefault("align", "left")  # an indent alone has no effect everywhere
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(properties)
        return self._made[key]
