"""
Values of the EDM types in the forms of the protocol: JSON, URI literal, XML text.

OData 2.0, "Overview" section 6 (literals) and "JSON Format" section 4. Decimals, doubles and 64-bit
integers are strings in JSON; dates are milliseconds since 1970 there.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from connector.simulator.odata.entity_set import Value
from connector.simulator.odata.schema import Property

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JSON_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{1,4})?\)/")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?(Z|[+-]\d\d:?\d\d)?"
)
_DURATION = re.compile(
    r"P(?:T(?=\d)(?:(\d{1,2})H)?(?:(\d{1,2})M)?(?:(\d{1,2})(?:\.\d+)?S)?)", re.ASCII
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?", re.ASCII)
INTEGERS = {
    "Byte": (0, 2**8 - 1),
    "SByte": (-(2**7), 2**7 - 1),
    "Int16": (-(2**15), 2**15 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "Int64": (-(2**63), 2**63 - 1),
}
FRACTIONS = ("Decimal", "Double", "Single")
_MOST_DIGITS = 60
_PREFIXED = ("DateTime", "DateTimeOffset", "Time", "Guid", "Binary")


_INITIAL: dict[str, Value] = {
    "String": "",
    "Boolean": False,
    "Guid": UUID(int=0),
    "Time": time(0),
    "Binary": b"",
    "DateTime": None,
    "DateTimeOffset": None,
    **dict.fromkeys(FRACTIONS, Decimal(0)),
}


def initial(property_: Property) -> Value:
    """Return the value that ABAP gives to a field nobody filled; dates are null then."""
    return _INITIAL.get(property_.type, 0)


# -- out -----------------------------------------------------------------------------------------


def to_json(property_: Property, value: Value) -> Any:
    """Return *value* as JSON has it."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, datetime):
        return f"/Date({_milliseconds(value)}+0000)/"
    if isinstance(value, date):
        midnight = datetime(value.year, value.month, value.day, tzinfo=UTC)
        return f"/Date({_milliseconds(midnight)})/"
    if isinstance(value, int) and property_.type != "Int64" and property_.type in INTEGERS:
        return value
    return to_text(property_, value)


def to_text(property_: Property, value: Value) -> str:
    """Return *value* as XML has it; null is empty (`m:null` says so)."""
    match value:
        case None:
            text = ""
        case bool():
            text = "true" if value else "false"
        case datetime():
            text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + _fraction(value) + "Z"
        case date():
            text = f"{value.isoformat()}T00:00:00"
        case time():
            text = f"PT{value.hour:02}H{value.minute:02}M{value.second:02}S"
        case bytes():
            text = base64.b64encode(value).decode("ascii")
        case Decimal() | int():
            text = _number(property_, value)
        case _:
            text = str(value)
    return text


def to_literal(property_: Property, value: Value) -> str:
    """Return *value* as a URI has it, not yet percent-encoded."""
    if value is None:
        return "null"
    text = to_text(property_, value)
    type_ = property_.type
    if type_ == "String":
        return "'" + text.replace("'", "''") + "'"
    if type_ in _PREFIXED:
        return f"{type_.lower()}'{text}'"
    return text + {"Decimal": "M", "Int64": "L"}.get(type_, "")


def _number(property_: Property, value: Decimal | int) -> str:
    if property_.type in ("Double", "Single"):
        digits, _, exponent = f"{Decimal(value):.16E}".partition("E")
        return f"{digits}E{int(exponent):+03}"
    if isinstance(value, int):
        return str(value)
    if property_.scale is not None:
        exponent_ = value.as_tuple().exponent
        if isinstance(exponent_, int) and -exponent_ > property_.scale:
            value = value.quantize(Decimal(1).scaleb(-property_.scale))
    return f"{value:f}"


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _fraction(moment: datetime) -> str:
    return f".{moment.microsecond:06}0" if moment.microsecond else ""


# -- in ------------------------------------------------------------------------------------------


def from_json(property_: Property, raw: Any, *, numbers: bool = False) -> Value:
    """
    Return the value of *raw*. Null is the initial value: ABAP has no other.

    *numbers* lets a Decimal come as a JSON number (which `json` must have read as Decimal).

    Raises ValueError: *raw* is of another type or out of range.
    """
    if raw is None:
        if property_.required or property_.is_key:
            raise ValueError("null is not allowed")
        return initial(property_)
    type_ = property_.type
    if type_ == "Boolean":
        if not isinstance(raw, bool):
            raise ValueError("true or false expected")
        return raw
    if type_ in INTEGERS and type_ != "Int64":
        if isinstance(raw, bool) or not isinstance(raw, int):
            raise ValueError("a number expected")
        return _integer(property_, str(raw))
    if numbers and type_ in FRACTIONS and isinstance(raw, Decimal | int):
        raw = str(raw)
    if not isinstance(raw, str):
        raise ValueError("a string expected")
    match = _JSON_DATE.fullmatch(raw) if type_ in ("DateTime", "DateTimeOffset") else None
    if match is None:
        return from_text(property_, raw)
    moment = _moment(int(match[1]))
    return moment.date() if type_ == "DateTime" else moment


def from_text(property_: Property, text: str) -> Value:
    """Return the value that XML has as *text*. Raises ValueError."""
    if property_.type in INTEGERS:
        return _integer(property_, text)
    return _READERS.get(property_.type, _decimal)(property_, text)


def iso_moment(text: str) -> datetime:
    """Return an ISO date with time, in UTC when no offset says otherwise. Raises ValueError."""
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError("a date such as 2026-01-31T00:00:00 expected")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    micro = int((match[7] or "").ljust(6, "0")[:6])
    zone: timezone = UTC
    if match[8] not in (None, "Z"):
        offset = match[8].replace(":", "")
        sign = -1 if offset[0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5])))
    try:
        return datetime(year, month, day, hour, minute, second, micro, zone).astimezone(UTC)
    except OverflowError:
        raise ValueError("a date between the years 1 and 9999 expected") from None


def duration(text: str) -> time:
    """Return a time of day written as a duration, e.g. PT14H30M00S. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("a time such as PT14H30M00S expected")
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second)


def _moment(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError("a date between the years 1 and 9999 expected") from None


def _string(property_: Property, text: str) -> str:
    if property_.length and len(text) > property_.length:
        raise ValueError(f"at most {property_.length} characters allowed")
    return text


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("base64 expected") from None


def _integer(property_: Property, text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,20}", text, re.ASCII):
        raise ValueError("a whole number expected")
    low, high = INTEGERS[property_.type]
    value = int(text)
    if not low <= value <= high:
        raise ValueError(f"a number from {low} to {high} expected")
    return value


def _decimal(property_: Property, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text) or len(text) > _MOST_DIGITS:
        raise ValueError("a decimal number expected")
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("a decimal number expected") from None
    if property_.type == "Decimal":
        _check_size(property_, value)
    return value


def _check_size(property_: Property, value: Decimal) -> None:
    _, digits, exponent = value.normalize().as_tuple()
    if not isinstance(exponent, int) or abs(exponent) > _MOST_DIGITS:
        raise ValueError("a decimal number expected")
    decimals = max(0, -exponent)
    whole = max(0, len(digits) + exponent) if value else 0
    if property_.scale is not None and decimals > property_.scale:
        raise ValueError(f"at most {property_.scale} decimals allowed")
    if property_.precision and whole > property_.precision - (property_.scale or 0):
        raise ValueError(f"at most {property_.precision} digits allowed")


def _boolean(property_: Property, text: str) -> bool:
    del property_
    if text not in ("true", "false", "1", "0"):
        raise ValueError("true or false expected")
    return text in ("true", "1")


_READERS: dict[str, Callable[[Property, str], Value]] = {
    "String": _string,
    "Boolean": _boolean,
    "DateTime": lambda _, text: iso_moment(text).date(),
    "DateTimeOffset": lambda _, text: iso_moment(text),
    "Time": lambda _, text: duration(text),
    "Guid": lambda _, text: UUID(text),
    "Binary": lambda _, text: _binary(text),
}
