"""The first sheet of the workbook: how many orders, and what they come to, by currency."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from connector.reports.tried_order import TriedOrder, value_of

_CREATED: Final = "would be created"
_HELD: Final = "need a decision"
_COLUMNS: Final = (("", 28), ("Orders", 12), ("Value", 18), ("Currency", 10))


class Summary:
    """
    Counts and adds; written at the end into the sheet that was begun first.

    Values are sums over the sheet Orders, so that they follow whatever a person changes there;
    what they come to is written beside them for programs that do not calculate.
    """

    def __init__(self, book: Any, head: Any, amount_format: Callable[[str], Any]) -> None:
        self._sheet = book.add_worksheet("Summary")
        self._head, self._amount_format = head, amount_format
        self._orders: dict[tuple[str, str], int] = {}
        self._values: dict[tuple[str, str], Decimal] = {}

    def add(self, tried: TriedOrder) -> None:
        """Take in one order; a message that cannot be read has no currency."""
        value = value_of(tried.order) if tried.order else None
        currency = tried.order.currency if tried.order else ""
        key = _HELD if tried.problems else _CREATED, currency
        self._orders[key] = self._orders.get(key, 0) + 1
        if value is not None:
            self._values[key] = self._values.get(key, Decimal(0)) + value.amount

    def write(self, *, several_sheets: bool) -> None:
        """Write what was counted; with *several_sheets* of orders sums are numbers."""
        sheet = self._sheet
        sheet.freeze_panes(1, 1)
        for position, (title, width) in enumerate(_COLUMNS):
            sheet.set_column(position, position, width)
            sheet.write_string(0, position, title, self._head)
        for row, key in enumerate(sorted(self._orders), start=1):
            result, currency = key
            sheet.write_string(row, 0, result)
            sheet.write_number(row, 1, self._orders[key])
            if key in self._values:
                shown, value = self._amount_format(currency), self._values[key]
                if several_sheets or not currency.isalnum():
                    sheet.write_number(row, 2, value, shown)
                else:
                    sheet.write_formula(row, 2, _sum(result, currency), shown, value)
            sheet.write_string(row, 3, currency)
        last = len(self._orders) + 1
        sheet.write_string(last, 0, "all", self._head)
        total = sum(self._orders.values())
        sheet.write_formula(last, 1, f"=SUM(B2:B{last})", self._head, total)


def _sum(result: str, currency: str) -> str:
    """Return the sum of the orders with *result*; what is held has a code for its result."""
    compared = "=" if result == _CREATED else "<>"
    return f'=SUMIFS(Orders!E:E,Orders!H:H,"{currency}",Orders!C:C,"{compared}{_CREATED}")'
