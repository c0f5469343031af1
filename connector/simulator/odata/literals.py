"""Literals of URIs: in keys, function parameters and ``$filter``."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from connector.simulator.odata.entity_set import Value
from connector.simulator.odata.schema import Property
from connector.simulator.odata.values import (
    FRACTIONS,
    INTEGERS,
    duration,
    from_text,
    iso_moment,
)

#: What a literal looks like; the order matters. `re.ASCII`: other digits are no digits here.
TOKEN = re.compile(
    r"""
    (?P<prefixed>(?P<prefix>datetimeoffset|datetime|time|guid|binary|X)'(?P<inner>[^']*)')
  | (?P<string>'(?:[^']|'')*')
  | (?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?P<suffix>[mMdDfFlL])?)(?![\w.])
  | (?P<word>true|false|null)(?![\w.])
    """,
    re.VERBOSE | re.ASCII,
)
_LONGEST_NUMBER = 60
_LARGEST_EXPONENT = 400


@dataclass(frozen=True, slots=True)
class Literal:
    """
    A literal: its EDM type without ``Edm.`` (``Null`` for null) and its value.

    Both date types are aware datetimes here, in UTC.
    """

    type: str
    value: Value


def parse_literal(text: str) -> Literal:
    """Return the literal that is the whole of *text*. Raises ValueError."""
    match = TOKEN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text} is not a literal")
    return literal_of(match)


def literal_of(match: re.Match[str]) -> Literal:
    """Return the literal that `TOKEN` matched. Raises ValueError when its value is impossible."""
    if match["string"] is not None:
        return Literal("String", match["string"][1:-1].replace("''", "'"))
    if match["word"] is not None:
        word = match["word"]
        return Literal("Null", None) if word == "null" else Literal("Boolean", word == "true")
    if match["number"] is not None:
        return _number(match["number"], match["suffix"] or "")
    prefix, inner = match["prefix"], match["inner"]
    if prefix in _READERS:
        type_, read = _READERS[prefix]
        return Literal(type_, read(inner))
    return Literal("Binary", _binary(inner))


def typed(property_: Property, text: str) -> Value:
    """
    Return the value of a literal for a key or a parameter of the type of *property_*.

    Raises ValueError: it is of another type, or does not fit.
    """
    literal = parse_literal(text)
    if literal.type == "Null":
        raise ValueError("null is not allowed")
    value, wanted = literal.value, property_.type
    if wanted in INTEGERS or wanted in FRACTIONS:
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise ValueError(f"a literal of type Edm.{wanted} expected")
        return from_text(property_, f"{value:f}" if isinstance(value, Decimal) else str(value))
    if literal.type != wanted:
        raise ValueError(f"a literal of type Edm.{wanted} expected")
    if wanted == "DateTime":
        return value.date() if isinstance(value, datetime) else value
    if wanted == "String":
        return from_text(property_, str(value))
    return value


def _number(text: str, suffix: str) -> Literal:
    digits = text[: -len(suffix)] if suffix else text
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) > _LONGEST_NUMBER or abs(int(exponent or 0)) > _LARGEST_EXPONENT:
        raise ValueError(f"{text} is too large a number")
    match suffix.lower():
        case "l":
            return Literal("Int64", _whole(digits))
        case "m":
            return Literal("Decimal", Decimal(digits))
        case "f":
            return Literal("Single", Decimal(digits))
        case "d":
            return Literal("Double", Decimal(digits))
    if re.fullmatch(r"-?\d+", digits):
        value = int(digits)
        small = -(2**31) <= value < 2**31
        return Literal("Int32" if small else "Int64", value)
    return Literal("Double" if exponent else "Decimal", Decimal(digits))


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"{digits}L is not a whole number") from None


def _guid(text: str) -> UUID:
    if not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", text):
        raise ValueError("a guid such as 01234567-89ab-cdef-0123-456789abcdef expected")
    return UUID(text)


def _binary(text: str) -> bytes:
    try:
        if re.fullmatch(r"([0-9A-Fa-f]{2})*", text):
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("pairs of hexadecimal digits expected") from None


_READERS: dict[str, tuple[str, Callable[[str], Value]]] = {
    "datetime": ("DateTime", iso_moment),
    "datetimeoffset": ("DateTimeOffset", iso_moment),
    "time": ("Time", duration),
    "guid": ("Guid", _guid),
}
