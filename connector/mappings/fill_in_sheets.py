"""
What a sheet to be filled in looks like: rows that tables lack, with what is known beside them.

A sheet has the table's own columns and some beside them that are for people alone; whoever loads
it back leaves those out. They are recognised by their parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

#: Columns beside the table's own, in their order.
ORDERS: Final = "(orders)"
AMOUNT: Final = "(revenue at risk)"
CURRENCY: Final = "(currency)"
OTHERS: Final = "(in other currencies)"
EXAMPLE: Final = "(example order)"
WHERE: Final = "(read from)"
HOLDS: Final = "(holds orders)"
BESIDE: Final = (ORDERS, AMOUNT, CURRENCY, OTHERS, HOLDS, EXAMPLE, WHERE)

#: The sheet that lists everything, also what is in no table.
OVERVIEW: Final = "Overview"

#: What a spreadsheet program may take for a formula.
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+([.,]\d+)*%?")
#: Put before such a text where nothing else can mark it as text.
_GUARD: Final = "'"
#: The longest name of a sheet.
_LONGEST: Final = 31


def is_for_people(column: str) -> bool:
    """Tell whether *column* stands beside the table's own."""
    return column.startswith("(") and column.endswith(")")


def looks_like_a_formula(text: str) -> bool:
    """Tell whether a spreadsheet program could run *text*; a plain number is none."""
    return bool(_FORMULA.match(text)) and not _NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """Return *text* for a CSV file, marked as text where it could be taken for a formula."""
    return _GUARD + text if looks_like_a_formula(text.removeprefix(_GUARD)) else text


def unguarded(text: str) -> str:
    """Return *text* as it was before :func:`guarded`."""
    bare = text.removeprefix(_GUARD)
    return bare if bare != text and looks_like_a_formula(bare) else text


def sheet_names(tables: Iterable[str]) -> Mapping[str, str]:
    """
    Return the name of the sheet for each of *tables*.

    It is the table's, shortened where it is longer than a sheet's name may be.
    """
    found: dict[str, str] = {}
    for table in sorted(tables):
        name, number = table[:_LONGEST], 1
        while name.lower() in {OVERVIEW.lower(), *(each.lower() for each in found.values())}:
            number += 1
            name = f"{table[: _LONGEST - 1 - len(str(number))]}~{number}"
        found[table] = name
    return found
