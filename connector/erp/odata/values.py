"""
Values in OData v2's own forms: strict in what is written, tolerant in what is read.

| Edm type | in JSON | in an address |
|---|---|---|
| DateTime | `/Date(ms)/`: a date, or clock time without zone | `datetime'2026-11-22T00:00:00'` |
| DateTimeOffset | `/Date(ms+minutes)/`: an instant, and its zone | `datetimeoffset'...Z'` |
| Time | `PT12H30M00S` | `time'PT12H30M00S'` |
| Decimal, Int64 | a string | `12.3M`, `123L` |
| String | a string | `'O''Brien'`, percent-encoded |

Sources: OData 2.0 JSON format and URI conventions; MS-ODATA for the literals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias
from urllib.parse import quote

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_JSON_DATE: Final = re.compile(r"^\\?/Date\((-?\d+)(?:([+-])(\d+))?\)\\?/$")
_ISO: Final = re.compile(r"^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?)?(.*)$")
_DURATION: Final = re.compile(r"^P(?:0*D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?$")
_DECIMAL: Final = re.compile(r"^-?\d+(\.\d+)?$")

#: A value that has an own literal form; see the functions below for the others.
Literal: TypeAlias = str | bool | int | Decimal | date | datetime | time


class Guid(str):
    """A value of Edm.Guid, whose literal is ``guid'...'``."""


def read_instant(value: object) -> datetime:
    """
    Return the aware UTC instant of an Edm.DateTimeOffset (or of an Edm.DateTime taken as UTC).

    Raises:
        ValueError: *value* is of none of the known forms.
    """
    if not isinstance(value, str):
        raise ValueError("expected an instant")
    if match := _JSON_DATE.match(value):
        try:
            return _EPOCH + timedelta(milliseconds=int(match[1]))
        except OverflowError as error:
            raise ValueError("expected an instant between the years 1 and 9999") from error
    if match := _ISO.match(value):
        day, clock, fraction, zone = match.groups()
        micros = (fraction or "").ljust(6, "0")[:6]
        if not zone or zone == "Z":
            zone = "+00:00"
        return (
            datetime.fromisoformat(f"{day}T{clock or '00:00:00'}")
            .replace(microsecond=int(micros), tzinfo=_zone(zone))
            .astimezone(UTC)
        )
    raise ValueError("expected an instant as /Date(...)/ or in ISO form")


def read_date(value: object) -> date | None:
    """Return the calendar date of an Edm.DateTime; None for null, which stands for no date."""
    if value is None or value == "":
        return None
    return read_instant(value).date()


def read_time(value: object) -> time | None:
    """Return an Edm.Time; None for null."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if (match := _DURATION.match(value)) and any(match.groups()):
            hours, minutes, seconds, fraction = match.groups()
            micros = int((fraction or "").ljust(6, "0")[:6])
            return time(int(hours or 0), int(minutes or 0), int(seconds or 0), micros)
        if re.match(r"^\d\d:\d\d", value):
            return time.fromisoformat(value)
    raise ValueError("expected a time as PT..H..M..S")


def read_decimal(value: object) -> Decimal:
    """Return an Edm.Decimal, which is a string in JSON; numbers without fraction pass too."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str):
        try:
            number = Decimal(value.strip())
        except InvalidOperation:
            raise ValueError("expected a decimal number") from None
        if number.is_finite():
            return number
    raise ValueError("expected a decimal number")


def read_integer(value: object) -> int:
    """Return an integer of any width; the wide ones are strings in JSON."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value.strip()):
        return int(value)
    raise ValueError("expected an integer")


def read_boolean(value: object) -> bool:
    """Return an Edm.Boolean; ``"X"``, ``"true"`` and their opposites pass too."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in ("X", "true", "", "false"):
        return value in ("X", "true")
    raise ValueError("expected true or false")


def json_date(value: date) -> str:
    """Return *value* as an Edm.DateTime at midnight, which is how SAP writes a date."""
    if isinstance(value, datetime):
        raise TypeError("a date is wanted, not an instant")
    midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return f"/Date({_milliseconds(midnight)})/"


def json_instant(value: datetime) -> str:
    """Return aware *value* as an Edm.DateTimeOffset, in UTC."""
    return f"/Date({_milliseconds(_aware(value))}+0000)/"


def json_time(value: time) -> str:
    """Return *value* as an Edm.Time in whole seconds."""
    return f"PT{value.hour:02}H{value.minute:02}M{value.second:02}S"


def json_decimal(value: Decimal) -> str:
    """Return *value* as an Edm.Decimal: a string without exponent."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError("a finite Decimal is wanted")
    return f"{value:f}"


def literal(value: Literal) -> str:
    """
    Return *value* as a literal for a filter, a key or a parameter; not yet percent-encoded.

    A date becomes an Edm.DateTime, an aware datetime an Edm.DateTimeOffset, an int an Edm.Int32.

    Raises:
        TypeError: a float, a naive datetime, or another type without literal form.
    """
    for kind, form in _LITERAL_FORMS:
        if isinstance(value, kind):
            return form(value)
    raise TypeError(f"{type(value).__name__} has no literal form")


def key(entity_set: str, keys: str | Mapping[str, Literal]) -> str:
    """
    Return the path of one entity: ``A_SalesOrder('1')`` or ``A_SalesOrderItem(SalesOrder=...)``.

    The values are quoted and percent-encoded; a slash in one would otherwise end the segment.
    """
    if isinstance(keys, str):
        return f"{entity_set}({_encoded(keys)})"
    if not keys:
        raise ValueError(f"{entity_set}: a key is needed")
    return f"{entity_set}({','.join(f'{name}={_encoded(value)}' for name, value in keys.items())})"


def _encoded(value: Literal) -> str:
    return quote(literal(value), safe="'")


def _milliseconds(value: datetime) -> int:
    return (value - _EPOCH) // timedelta(milliseconds=1)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TypeError("an aware datetime is wanted")
    return value.astimezone(UTC)


def _iso(value: datetime) -> str:
    text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
    return text.rstrip("0").rstrip(".")


def _zone(text: str) -> timezone:
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text)
    if match is None:
        raise ValueError("expected a zone such as +01:00")
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


#: Subtypes stand before their bases: a bool is an int, a datetime is a date.
_LITERAL_FORMS: Final[tuple[tuple[type, Callable[[Any], str]], ...]] = (
    (Guid, "guid'{}'".format),
    (str, _quoted),
    (bool, lambda value: "true" if value else "false"),
    (int, str),
    (Decimal, lambda value: f"{json_decimal(value)}M"),
    (datetime, lambda value: f"datetimeoffset'{_iso(_aware(value))}Z'"),
    (date, "datetime'{}T00:00:00'".format),
    (time, lambda value: f"time'{json_time(value)}'"),
)
