"""
The formulas of the workbook: which cells follow from which.

A formula is a text with names in braces: ``{open}`` is the cell of that column in the same row,
``{breaks.code}`` the whole column of another sheet, ``{open:}`` the same column of the block of
rows above. What the run says stands beside each formula for programs that do not calculate.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from xlsxwriter.utility import xl_col_to_name

from connector.reports.run_report.figure_parts import DIFFERENCE
from connector.reports.run_report.parts import Part

_OF_BREAKS: Final = "{breaks.code},{code},{breaks.currency},{currency}"
_OF_EXPLAINED: Final = "{explained.reason},{reason},{explained.currency},{currency}"
#: Formulas of columns, by part and column.
FORMULAS: Final[Mapping[tuple[str, str], str]] = {
    ("ageing", "total"): "=SUM({not_due}:{unapplied})",
    ("breaks_by_code", "count"): f"=COUNTIFS({_OF_BREAKS})",
    ("breaks_by_code", "net"): f"=SUMIFS({{breaks.difference}},{_OF_BREAKS})",
    ("breaks_by_code", "gross"): "=SUMPRODUCT(({breaks.code}={code})"
    "*({breaks.currency}={currency})*ABS({breaks.difference}))",
    ("explained_by_reason", "count"): f"=COUNTIFS({_OF_EXPLAINED})",
    ("explained_by_reason", "net"): f"=SUMIFS({{explained.difference}},{_OF_EXPLAINED})",
    ("explained_by_reason", "gross"): "=SUMPRODUCT(({explained.reason}={reason})"
    "*({explained.currency}={currency})*ABS({explained.difference}))",
    ("proposals", "difference"): "={open}-{discount}-{paid}",
    ("restated", "change"): "={is}-{was}",
}  # fmt: skip
#: Parts whose rows come in blocks that end with what is left over, and the columns that have it.
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "identities": ("amount",),
    "break_roll_forward": ("count", "amount"),
    "item_roll_forward": ("amount",),
}
#: Rows of one sheet; the format ends at 1,048,576, and totals stand below.
MOST_ROWS: Final = 1_000_000
_NAME: Final = re.compile(r"\{(?:(\w+)\.)?(\w+)\}")


class Formulas:
    """Writes formulas for the parts of one workbook; every sheet has its rows from row 2 on."""

    def __init__(self, parts: Mapping[str, Part], sheets: Mapping[str, str]) -> None:
        """*sheets* are the names of the sheets by part."""
        self._parts, self._sheets = parts, sheets

    def of(self, part: Part, row: int, column: str) -> str:
        """Return the formula of one cell (*row* counts from 0), empty where it has none."""
        if column in BLOCKS.get(part.name, ()):
            return self._left_over(part, row, column)
        template = FORMULAS.get((part.name, column), "")
        others = {name for name, _ in _NAME.findall(template) if name}
        if any(len(self._parts[name].rows) > MOST_ROWS for name in others):
            return ""  # the other sheet does not have all that would be added up
        return _NAME.sub(lambda found: self._reference(part, row, *found.groups()), template)

    def total(self, part: Part, column: str, currency: str) -> str:
        """Return the sum of a column, of the rows in *currency* where there is one."""
        cells = self._column(part, column)
        if not currency:
            return f"=SUM({cells})"
        return f'=SUMIFS({cells},{self._column(part, "currency")},"{currency}")'

    def visible(self, part: Part, column: str) -> str:
        """Return the sum of what a filter leaves of a column."""
        return f"=SUBTOTAL(109,{self._column(part, column)})"

    def _left_over(self, part: Part, row: int, column: str) -> str:
        """
        Return a block's formula: an identity is left less right, a roll-forward closing less all.
        """
        label = part.position("term" if part.has("term") else "movement")
        if part.rows[row][label] != DIFFERENCE:
            return ""
        first = row
        while first and part.rows[first - 1][label] != DIFFERENCE:
            first -= 1
        letter = xl_col_to_name(part.position(column))
        # Row 0 of a part stands in row 2 of its sheet.
        top, last = first + 2, row + 1
        if part.has("term"):
            return f"={letter}{top}-SUM({letter}{top + 1}:{letter}{last})"
        return f"={letter}{last}-SUM({letter}{top}:{letter}{last - 1})"

    def _reference(self, part: Part, row: int, other: str | None, column: str) -> str:
        if other is not None:
            found = self._parts[other]
            return f"'{self._sheets[other]}'!{self._column(found, column)}"
        if column == "currency" and not part.rows[row][part.position(column)]:
            return '""'  # an empty cell as a criterion would mean zero
        return f"{xl_col_to_name(part.position(column))}{row + 2}"

    @staticmethod
    def _column(part: Part, column: str) -> str:
        letter = xl_col_to_name(part.position(column))
        return f"${letter}$2:${letter}${min(max(len(part.rows), 1), MOST_ROWS) + 1}"
