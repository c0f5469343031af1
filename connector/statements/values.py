"""Amounts and days as reports write them. Nothing is rounded and nothing is guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from pydantic import ValidationError

from connector.sd_documents.values import Money

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_DAY: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_LONGEST: Final = 28


class ValueProblem(ValueError):
    """A value is not what it should be; the text says what it is and what it should be."""


def money_of(text: str, currency: str) -> Money:
    """
    Return the amount that *text* says with a decimal point, in *currency* (ISO 4217, any case).

    Decimals beyond those of the currency must be zeros: 27.050 EUR is 27.05 EUR.

    Raises:
        ValueProblem: it is no amount, has more decimals, or no currency.
    """
    currency = currency.strip().upper()
    if not _CURRENCY.fullmatch(currency):
        raise ValueProblem(f"{currency!r} is no currency; expected three letters, e.g. EUR")
    text = text.strip()
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST:
        raise ValueProblem(f"{text[:40]!r} is no amount; expected digits with a decimal point")
    try:
        return Money(amount=Decimal(text), currency=currency)
    except ValidationError as error:
        raise ValueProblem(_first_line(error)) from None


def money_in_units(value: object, currency: str, decimals: int) -> Money:
    """
    Return *value*, a whole number of the currency's smallest unit at the provider.

    Raises:
        ValueProblem: it is no whole number, or has more decimals than the currency.
    """
    text = str(value).strip()
    if isinstance(value, bool | float) or not re.fullmatch(r"-?\d{1,24}", text):
        raise ValueProblem(f"{text[:40]!r} is no amount; expected a whole number of minor units")
    return money_of(str(Decimal(text).scaleb(-decimals)), currency)


def _first_line(error: ValidationError) -> str:
    return str(error.errors()[0]["msg"]).removeprefix("Value error, ")


def wrong_value(error: ValidationError) -> str:
    """Return which value of a line is not as it should be, and why."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else _first_line(error)


def day_of(text: str) -> date:
    """
    Return the calendar day at the start of *text* (2026-03-31 or 2026/3/31, a time may follow).

    It is the day that the report names, in the report's own time zone.

    Raises:
        ValueProblem: it does not start with a day.
    """
    found = _DAY.match(text.strip())
    if not found:
        raise ValueProblem(f"{text.strip()[:40]!r} is no date; expected e.g. 2026-03-31")
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        raise ValueProblem(f"{found.group()!r} is no day of the calendar") from None


def day_of_epoch(value: object) -> date:
    """
    Return the UTC day of *value*, seconds since 1970.

    Raises:
        ValueProblem: it is no such number.
    """
    text = str(value)
    if isinstance(value, bool | float) or not re.fullmatch(r"\d{1,11}", text):
        raise ValueProblem(f"{text[:40]!r} is no time; expected seconds since 1970")
    return datetime.fromtimestamp(int(text), UTC).date()
