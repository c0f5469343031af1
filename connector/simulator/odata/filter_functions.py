"""The functions of ``$filter``: their parameters and what they do. Positions count from 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from connector.simulator.odata.entity_set import Value

#: Kinds of values: EDM types that compare and calculate with each other.
KINDS = {
    "String": "string",
    "Boolean": "boolean",
    "DateTime": "datetime",
    "DateTimeOffset": "datetimeoffset",
    "Time": "time",
    "Guid": "guid",
    "Binary": "binary",
    "Null": "null",
}
NUMBER = "number"
_STRING, _BOOLEAN = "string", "boolean"
_DATES = ("datetime", "datetimeoffset")


def kind_of(edm_type: str) -> str:
    """Return the kind of an EDM type (without ``Edm.``)."""
    return KINDS.get(edm_type, NUMBER)


@dataclass(frozen=True, slots=True)
class FilterFunction:
    """``parameters``: per parameter the kinds it takes; ``optional`` of them may be left out."""

    parameters: Sequence[tuple[str, ...]]
    returns: str
    run: Callable[..., Value]
    optional: int = 0


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    first = max(0, int(start))
    return text[first:] if length is None else text[first : first + max(0, int(length))]


def _rounded(rounding: str) -> Callable[[Decimal], Decimal]:
    return lambda value: value.to_integral_value(rounding)


def _part(name: str) -> Callable[[Any], Decimal]:
    return lambda moment: Decimal(getattr(moment, name))


def _clock(name: str) -> Callable[[datetime | time], Decimal]:
    return lambda moment: Decimal(getattr(moment, name))


_S, _N = (_STRING,), (NUMBER,)
_TIMES = (*_DATES, "time")

FUNCTIONS = {
    "substringof": FilterFunction((_S, _S), _BOOLEAN, lambda part, text: part in text),
    "startswith": FilterFunction((_S, _S), _BOOLEAN, lambda text, part: text.startswith(part)),
    "endswith": FilterFunction((_S, _S), _BOOLEAN, lambda text, part: text.endswith(part)),
    "length": FilterFunction((_S,), NUMBER, lambda text: Decimal(len(text))),
    "indexof": FilterFunction((_S, _S), NUMBER, lambda text, part: Decimal(text.find(part))),
    "replace": FilterFunction((_S, _S, _S), _STRING, lambda t, a, b: t.replace(a, b) if a else t),
    "substring": FilterFunction((_S, _N, _N), _STRING, _substring, optional=1),
    "tolower": FilterFunction((_S,), _STRING, lambda text: text.lower()),
    "toupper": FilterFunction((_S,), _STRING, lambda text: text.upper()),
    "trim": FilterFunction((_S,), _STRING, lambda text: text.strip()),
    "concat": FilterFunction((_S, _S), _STRING, lambda one, two: one + two),
    "year": FilterFunction((_DATES,), NUMBER, _part("year")),
    "month": FilterFunction((_DATES,), NUMBER, _part("month")),
    "day": FilterFunction((_DATES,), NUMBER, _part("day")),
    "hour": FilterFunction((_TIMES,), NUMBER, _clock("hour")),
    "minute": FilterFunction((_TIMES,), NUMBER, _clock("minute")),
    "second": FilterFunction((_TIMES,), NUMBER, _clock("second")),
    "round": FilterFunction((_N,), NUMBER, _rounded(ROUND_HALF_UP)),
    "floor": FilterFunction((_N,), NUMBER, _rounded(ROUND_FLOOR)),
    "ceiling": FilterFunction((_N,), NUMBER, _rounded(ROUND_CEILING)),
}
