"""Quotients, and lists brought together by the values that they share, in expressions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from connector.mappings.number_functions import decimal
from connector.mappings.text_functions import text

#: So exact that quantity times a unit price of this many decimals is the amount again, rounded to
#: the cent, for quantities of up to five million.
_DECIMALS = 9


def divided(dividend: Any, divisor: Any, decimals: Any = _DECIMALS) -> Decimal | None:
    """
    `divided(a, b, decimals?)`: a / b, rounded to 9 decimals or to `decimals`. By 0 it gives 0:
    there is no price for none.
    """
    numerator, denominator = decimal(dividend), decimal(divisor)
    if numerator is None or denominator is None:
        return None
    if not denominator:
        return Decimal(0)
    places = int(decimal(decimals) or 0)
    with localcontext() as context:
        context.prec = 60
        quotient = (numerator / denominator).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
        return _plain(quotient)


def match(values: Any, name: str, field: str, others: Any, other_field: str) -> list[Any]:
    """
    `match(list, name, field, others, other_field)`: the elements, each with the list of those of
    `others` whose `other_field` is its `field` under `name`. Numbers are compared as text.
    """
    found: dict[str, list[Any]] = {}
    for other in others or ():
        if isinstance(other, dict) and other.get(other_field) not in (None, ""):
            found.setdefault(_key(other[other_field]), []).append(other)
    return [
        {**value, name: found.get(_key(value.get(field)), [])}
        for value in values or ()
        if isinstance(value, dict)
    ]


def _key(value: Any) -> str:
    return text(_plain(value)) if isinstance(value, Decimal) else text(value)


def _plain(number: Decimal) -> Decimal:
    """Return *number* without the zeros at its end, and without an exponent."""
    if number == number.to_integral_value():
        return number.quantize(Decimal(1))
    return number.normalize()
