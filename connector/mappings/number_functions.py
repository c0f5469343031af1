"""Exact arithmetic in expressions: Decimal throughout, never float."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from connector.sd_documents.currency import decimals_of, round_amount

_NUMBER = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,12})?|\.[0-9]{1,12})([eE][+-]?[0-9]{1,2})?")
#: No order has larger numbers; beyond it arithmetic would lose digits.
_DIGITS = 18
_LARGEST_INTEGER = 10**_DIGITS
_LARGEST = Decimal(_LARGEST_INTEGER)
#: The group of an exponent in a number; without one it has at most 18 digits before the point.
_EXPONENT = 3


def decimal(value: Any, separator: str = ".") -> Decimal | None:
    """
    `decimal(value, separator?)`: the number in a text. `separator` is the decimal sign: `.`, or
    `,` with which points may stand between thousands. Empty text gives empty.
    """
    kind = value.__class__
    if kind is Decimal:
        if value.is_finite() and value.adjusted() < _DIGITS:
            return value  # type: ignore[no-any-return]
    elif kind is int:
        if -_LARGEST_INTEGER < value < _LARGEST_INTEGER:
            return Decimal(value)
    elif value is None or value == "":
        return None
    if isinstance(value, str):
        text = value.strip()
        if separator == ",":
            text = text.replace(".", "").replace(",", ".")
        found = _NUMBER.fullmatch(text)
        if found is None:
            raise ValueError(f"{value[:40]!r} is not a decimal number")
        number = Decimal(text)
        if found.lastindex != _EXPONENT:
            return number
    elif isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise ValueError(f"{value!r} is not a decimal number")
    else:
        number = Decimal(value)
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise ValueError(f"{str(value)[:40]} is too large for an amount or a quantity")
    return number


def _number(value: Any) -> Decimal:
    number = decimal(value)
    if number is None:
        raise ValueError("a number is missing")
    return number


def total(values: Any) -> Decimal:
    """`sum(values)`: the exact sum of numbers or texts with numbers; of nothing, 0."""
    result = Decimal(0)
    for value in values or ():
        number = decimal(value)
        if number is not None:
            result += number
    return result


def add(*values: Any) -> Decimal:
    """`add(a, b, ...)`: the sum; empty counts as 0."""
    return total(values)


def subtract(minuend: Any, *subtrahends: Any) -> Decimal:
    """`subtract(a, b, ...)`: a less all others; empty counts as 0."""
    return total([minuend]) - total(subtrahends)


def multiply(left_value: Any, right_value: Any) -> Decimal | None:
    """`multiply(a, b)`: the exact product."""
    if left_value is None or right_value is None:
        return None
    return _number(left_value) * _number(right_value)


def negate(value: Any) -> Decimal | None:
    """`negate(value)`: the number with its sign turned, as discounts are handed to the ERP."""
    return None if value is None else -_number(value)


def absolute(value: Any) -> Decimal | None:
    """`abs(value)`: the number without its sign."""
    return None if value is None else abs(_number(value))


def rounded(value: Any, currency: str) -> Decimal | None:
    """`rounded(value, currency)`: half away from zero to the decimals of the currency."""
    return None if value is None else round_amount(_number(value), currency)


def from_minor(value: Any, currency: Any) -> Decimal | None:
    """
    `from_minor(value, currency)`: the amount that so many of the currency's smallest units are:
    1999 is 19.99 in `EUR`, 1999 in `JPY`, 1.999 in `KWD`.
    """
    if not isinstance(currency, str) or not currency.strip():
        raise ValueError("the currency is missing")
    number = decimal(value)
    return None if number is None else number.scaleb(-decimals_of(currency.strip().upper()))


def prorated(value: Any, part: Any, whole: Any, currency: str) -> Decimal | None:
    """
    `prorated(amount, part, whole, currency)`: `amount` x `part` / `whole`, rounded to the currency.
    Where part and whole are equal the amount stays as it is; a whole of 0 gives 0.
    """
    if value is None:
        return None
    amount, numerator, denominator = _number(value), _number(part), _number(whole)
    if numerator == denominator:
        return amount
    if not denominator:
        return Decimal(0)
    return round_amount(amount * numerator / denominator, currency)


def ceiling(value: Any) -> Decimal | None:
    """`ceil(value)`: the next whole number above."""
    return None if value is None else _number(value).to_integral_value(ROUND_CEILING)


def floor(value: Any) -> Decimal | None:
    """`floor(value)`: the next whole number below."""
    return None if value is None else _number(value).to_integral_value(ROUND_FLOOR)
