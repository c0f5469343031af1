"""
Turn what a handler returns into canonical values, as an ABAP assignment would.

Handlers write plain Python: dates, Decimals, integers for NUMC, text of any length (cut to the
field, as ABAP cuts). A field that the dictionary does not know is an error of the handler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from typing import Any

from connector.simulator.rfc.dictionary import FieldType, Function, Row, Structure

Encoder = Callable[[Any], Any]

_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)


def encode(function: Function, results: Mapping[str, Any]) -> Row:
    """Return *results* of a handler in canonical form; KeyError names an unknown field."""
    encoded: Row = {}
    for name, value in results.items():
        parameter = function.parameters[name]
        kind = parameter.type
        if isinstance(kind, FieldType):
            encoded[name] = _encoder(kind.abap, kind.length, kind.decimals)(value)
        elif parameter.is_table:
            by_name = _encoders(kind)
            encoded[name] = [{f: by_name[f](v) for f, v in row.items()} for row in value]
        else:
            by_name = _encoders(kind)
            encoded[name] = {f: by_name[f](v) for f, v in value.items()}
    return encoded


@cache
def _encoders(structure: Structure) -> Mapping[str, Encoder]:
    return {
        name: _encoder(kind.abap, kind.length, kind.decimals)
        for name, kind in structure.fields.items()
    }


@cache
def _encoder(abap: str, length: int, decimals: int) -> Encoder:
    match FieldType(abap, length, decimals).rfc:
        case "CHAR":
            return lambda value: value[:length].rstrip(" ")
        case "NUM":
            return lambda value: str(value or 0).zfill(length)[-length:]
        case "BCD":
            exponent = Decimal(1).scaleb(-decimals)
            return lambda value: Decimal(value).quantize(exponent, context=_WIDE)
        case "BYTE":
            return lambda value: bytes(value)[:length].ljust(length, b"\0")
        case rfc:
            return _PLAIN.get(rfc, int)


def _date(value: date | str | None) -> str:
    if isinstance(value, date):
        return f"{value.year:04}{value.month:02}{value.day:02}"
    return value or ""


def _time(value: time | str | None) -> str:
    if isinstance(value, time):
        return value.strftime("%H%M%S")
    return value or "000000"


_PLAIN: Mapping[str, Encoder] = {
    "DATE": _date,
    "TIME": _time,
    "FLOAT": float,
    "STRING": str,
    "XSTRING": bytes,
}
