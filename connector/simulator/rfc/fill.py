"""
What happens to a Python value on its way into a parameter, as pyrfc 3.3.1 does it.

The result is canonical: CHAR without trailing blanks, NUMC with leading zeros, dates as
``YYYYMMDD`` (empty when initial), packed numbers as Decimal with the field's decimals, bytes
padded to the field's length. A TypeError carries the path from the field outwards as its last
arguments, as pyrfc's does.

Guesses where the behaviour of SAP's library is not known: a CHAR or NUMC that is too long is
refused, a packed number never overflows, bytes that do not fit are cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import cache
from typing import Any

from connector.simulator.rfc.dictionary import FieldType, Function, Parameter, Row, Structure
from connector.simulator.rfc.exceptions import field_not_found, not_convertible, too_long

Filler = Callable[[Any], Any]

_WIDE = Context(prec=80, rounding=ROUND_HALF_UP)
_INT4 = 2**31
_INT8 = 2**63


def fill(function: Function, arguments: Mapping[str, Any]) -> Row:
    """
    Check *arguments* against *function* and return them in canonical form.

    Raises:
        TypeError: a value of the wrong kind; its arguments end with field and parameter name.
        ExternalRuntimeError: unknown parameter or field, value too long or out of range.
        OverflowError: an integer that does not fit the library's integer.
    """
    filled: Row = {}
    for name, value in arguments.items():
        parameter = function.parameters.get(name)
        if parameter is None:
            raise field_not_found(name)
        try:
            filled[name] = _parameter(parameter, value)
        except TypeError as error:
            error.args += (name,)
            raise
    return filled


def _parameter(parameter: Parameter, value: Any) -> Any:
    kind = parameter.type
    if isinstance(kind, FieldType):
        return filler(kind.abap, kind.length, kind.decimals, parameter.name)(value)
    if parameter.is_table:
        if type(value) is not list:
            raise TypeError("list required for table parameter, received", str(type(value)))
        by_name = fillers(kind)
        return [_row(by_name, row) for row in value]
    if type(value) is not dict:
        raise TypeError("dictionary required for structure parameter, received", str(type(value)))
    return _row(fillers(kind), value)


def _row(by_name: Mapping[str, Filler], row: Any) -> Row:
    if type(row) is not dict:
        raise field_not_found("")
    filled: Row = {}
    name = ""
    try:
        for name, value in row.items():
            filled[name] = by_name[name](value)
    except KeyError:
        raise field_not_found(name) from None
    except TypeError as error:
        error.args += (name,)
        raise
    return filled


@cache
def fillers(structure: Structure) -> Mapping[str, Filler]:
    """Return the checks of *structure*, one function per field, made once."""
    return {
        name: filler(kind.abap, kind.length, kind.decimals, name)
        for name, kind in structure.fields.items()
    }


@cache
def filler(abap: str, length: int, decimals: int, name: str) -> Filler:
    """Return the check of one field."""
    match FieldType(abap, length, decimals).rfc:
        case "CHAR":
            check = _char(name, length)
        case "NUM":
            check = _num(name, length)
        case "BCD":
            check = _bcd(decimals)
        case "BYTE":
            check = _bytes(length)
        case rfc:
            check = _PLAIN[rfc]
    return check


def _char(name: str, length: int) -> Filler:
    def check(value: Any) -> str:
        if type(value) is not str:
            raise TypeError("an string is required, received", value, "of type", type(value))
        if len(value) > length:
            raise too_long(value, name, length)
        return value.rstrip(" ")

    return check


def _string(value: Any) -> str:
    if type(value) is not str:
        raise TypeError("an string is required, received", value, "of type", type(value))
    return value


def _num(name: str, length: int) -> Filler:
    def check(value: Any) -> str:
        if not isinstance(value, (str, bytes)) or not value.isdigit() or isinstance(value, bytes):
            raise TypeError("a numeric string is required, received", value, "of type", type(value))
        if len(value) > length:
            raise too_long(value, name, length)
        return value.zfill(length)

    return check


def _decimal(value: Any) -> Decimal:
    """Pyrfc hands floats and Decimals over as text; any text that reads as a number will do."""
    if type(value) in (float, Decimal, str):
        try:
            return Decimal(str(value))
        except InvalidOperation:
            pass
    raise TypeError("a decimal value required, received", value, "of type", type(value))


def _bcd(decimals: int) -> Filler:
    exponent = Decimal(1).scaleb(-decimals)

    def check(value: Any) -> Decimal:
        number = _decimal(value)
        if number.is_infinite():
            raise not_convertible(value)
        try:
            return number.quantize(exponent, context=_WIDE)
        except InvalidOperation:
            raise not_convertible(value) from None

    return check


def _float(value: Any) -> float:
    return float(_decimal(value))


def _integer(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("an integer required, received", value, "of type", type(value))
    if not -_INT4 <= value < _INT4:
        raise OverflowError("value too large to convert to RFC_INT")
    return value


def _integer8(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("an integer required, received", value, "of type", type(value))
    if not -_INT8 <= value < _INT8:
        raise OverflowError("value too large to convert to RFC_INT8")
    return value


def _small_integer(lowest: int, highest: int) -> Filler:
    def check(value: Any) -> int:
        number = _integer(value)
        if not lowest <= number <= highest:
            raise not_convertible(number)
        return number

    return check


def _bytes(length: int) -> Filler:
    def check(value: Any) -> bytes:
        return _xstring(value)[:length].ljust(length, b"\0")

    return check


def _xstring(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray)):
        raise TypeError(f"expected bytes, {type(value).__name__} found")
    return bytes(value)


def _date(value: Any) -> str:
    """Anything that is not true leaves the field unset; eight blanks are kept as they are."""
    if not value:
        return ""
    if type(value) is date:
        return f"{value.year:04}{value.month:02}{value.day:02}"
    try:
        if len(value) == 8:
            if value.rstrip():
                date(int(value[:4]), int(value[4:6]), int(value[6:8]))
            return str(value)
    except (TypeError, ValueError, AttributeError):
        pass
    raise TypeError("date value required, received", value, "of type", type(value))


def _time(value: Any) -> str:
    if not value:
        return "000000"
    if type(value) is time:
        return f"{value.hour:02}{value.minute:02}{value.second:02}"
    try:
        if len(value) == 6:
            if value.rstrip():
                time(int(value[:2]), int(value[2:4]), int(value[4:6]))
            return str(value)
    except (TypeError, ValueError, AttributeError):
        pass
    raise TypeError("time value required, received", value, "of type", type(value))


#: Checks that need to know nothing of the field.
_PLAIN: Mapping[str, Filler] = {
    "DATE": _date,
    "TIME": _time,
    "FLOAT": _float,
    "INT": _integer,
    "INT8": _integer8,
    "INT1": _small_integer(0, 255),
    "INT2": _small_integer(-(2**15), 2**15 - 1),
    "STRING": _string,
    "XSTRING": _xstring,
}
