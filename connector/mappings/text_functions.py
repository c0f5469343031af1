"""Texts in expressions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

#: More digits before or behind the point has no number that means anything.
_PLACES: Final = 100


def text(value: Any) -> str:
    """`text(value)`: a number or text as text, without exponent; empty gives the empty text."""
    if value.__class__ is str:
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        # Written out, a number of a dozen characters may fill the memory: 1e999999999.
        if value.is_finite() and not -_PLACES < value.adjusted() < _PLACES:
            raise ValueError(f"{str(value)[:40]} is too large, or too small, to be written out")
        return f"{value:f}"
    if isinstance(value, (str, int)):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise ValueError(f"{type(value).__name__} cannot be written as text")


def trim(value: Any) -> str:
    """`trim(value)`: text without blanks at either end."""
    return text(value).strip()


def upper(value: Any) -> str:
    """`upper(value)`: text in capitals, trimmed."""
    return trim(value).upper()


def lower(value: Any) -> str:
    """`lower(value)`: text in small letters, trimmed."""
    return trim(value).lower()


def left(value: Any, length: int) -> str:
    """`left(value, length)`: the first `length` characters, where cutting off is what you want."""
    return text(value)[: int(length)].rstrip()


def behind(value: Any, mark: str) -> str:
    """`behind(value, mark)`: the text behind the last `mark`, all of it where there is none."""
    return text(value).rpartition(str(mark))[2] if mark else text(value)


def concat(*parts: Any) -> str:
    """`concat(a, b, ...)`: the texts one after the other; empty parts add nothing."""
    return "".join(text(part) for part in parts)


def joined(separator: str, parts: Any) -> str:
    """`joined(separator, [a, b, ...])`: the parts that are not empty, with `separator` between."""
    return str(separator).join(trim(part) for part in parts or () if trim(part))
