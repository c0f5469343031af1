"""
How a table's rows become text of fixed width, as RFC_READ_TABLE moves them into its buffer.

Numbers are right-aligned with the sign behind; a number that does not fit its column shows `*` in
front, as ABAP does. Amounts are stored shifted by the currency's decimals.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from connector.simulator.rfc.dictionary import RFC_TYPES, FieldType

#: ABAP type -> type letter in the FIELDS table.
_LETTERS = {
    "CHAR": "C",
    "NUM": "N",
    "DATE": "D",
    "TIME": "T",
    "BCD": "P",
    "BYTE": "X",
    "INT": "I",
    "INT1": "b",
    "INT2": "s",
    "FLOAT": "F",
}


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table's columns in their order."""

    name: str
    fields: Mapping[str, FieldType]

    def letter(self, column: str) -> str:
        """Return the type letter of *column*."""
        return _LETTERS[self.fields[column].rfc]


@cache
def layout(folder: Path, name: str, profile: str) -> TableLayout | None:
    """Return the columns of *name* in release *profile* (ecc, s4), None when it is not known."""
    path = folder / "tables" / f"{name}.json"
    if not name.isalnum() or not path.is_file():
        return None
    described = json.loads(path.read_text("utf-8"))
    texts: dict[str, str] = {**described["fields"], **described.get(profile, {})}
    return TableLayout(name, {column: _field(text) for column, text in texts.items()})


def _field(text: str) -> FieldType:
    abap, _, size = text.partition(" ")
    length, _, decimals = size.partition(".")
    return FieldType(abap, int(length), int(decimals or 0))


def comparable(kind: FieldType) -> Callable[[str], object]:
    """Return what turns a literal of a WHERE clause into a value as `stored` returns it."""
    match RFC_TYPES[kind.abap]:
        case "NUM":
            return lambda text: _digits(text).zfill(kind.length)
        case "BCD" | "INT" | "INT1" | "INT2":
            return _number
        case "DATE":
            return _date
    return lambda text: text.rstrip(" ")


def _digits(text: str) -> str:
    if not text.strip().isdigit():
        raise ValueError(text)
    return text.strip()


def _date(text: str) -> str:
    if not text.strip():
        return "00000000"
    if len(text) != 8 or not text.isdigit():
        raise ValueError(text)
    return text


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        raise ValueError(text) from None


def stored(kind: FieldType, value: Any) -> object:
    """Return a column's value as it is compared: text, or a Decimal for numbers."""
    match RFC_TYPES[kind.abap]:
        case "BCD":
            exponent = Decimal(1).scaleb(-kind.decimals)
            return Decimal(value or 0).quantize(exponent, ROUND_HALF_UP)
        case "INT" | "INT1" | "INT2":
            return Decimal(value or 0)
    return _text(kind, value)


def _text(kind: FieldType, value: Any) -> str:
    match RFC_TYPES[kind.abap]:
        case "NUM":
            text = str(value or 0).zfill(kind.length)
        case "DATE":
            text = f"{value:%Y%m%d}" if isinstance(value, date) else "00000000"
        case "TIME":
            text = f"{value:%H%M%S}" if isinstance(value, time) else "000000"
        case "BYTE":
            text = bytes(value or b"").hex().upper().ljust(2 * kind.length, "0")
        case _:
            text = str(value or "")[: kind.length].rstrip(" ")
    return text


def shown(kind: FieldType, value: object) -> str:
    """Return a compared value as text of the column's width."""
    width = width_of(kind)
    if not isinstance(value, Decimal):
        return str(value).ljust(width)
    digits = str(abs(value))
    if value >= 0 and len(digits) == width:
        # ABAP gives up the place of the sign before it cuts a positive number.
        return digits
    text = digits.rjust(width - 1) + ("-" if value < 0 else " ")
    return text if len(text) <= width else "*" + text[-(width - 1) :]


def width_of(kind: FieldType) -> int:
    """Return the width of a column: its length, twice for bytes."""
    return 2 * kind.length if kind.rfc == "BYTE" else kind.length
