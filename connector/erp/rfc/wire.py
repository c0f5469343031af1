"""Values on the wire: how dates, numbers, items and amounts are written and read over RFC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from connector.sd_documents.currency import decimals_of, quantum
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, Money

#: All categories the connector knows, by their letter.
CATEGORIES = {category.value: category for category in DocumentCategory}
_STATUS = {status.value: status for status in Status}


def dats(day: date | None) -> str:
    """Write a date as YYYYMMDD, empty for none: eight zeros cannot be written."""
    return day.isoformat().replace("-", "") if day is not None else ""


@lru_cache(maxsize=4096)
def day(text: str) -> date | None:
    """Read a date; empty, blanks and eight zeros are none."""
    return date.fromisoformat(text) if text.strip(" 0") else None


def required_day(text: str, field: str) -> date:
    """Read a date that must be there; ValueError names *field*."""
    found = day(text)
    if found is None:
        raise ValueError(f"{field} is empty")
    return found


def numc(number: int, length: int = 6) -> str:
    """Write an item number: digits only, zero-padded."""
    return str(number).zfill(length)


def status(text: str) -> Status:
    """Read a status letter; unknown letters are refused with KeyError."""
    return _STATUS[text]


# Chains are read again and again with the same amounts; an amount is immutable.
@lru_cache(maxsize=8192)
def money(amount: Decimal, currency: str) -> Money:
    """
    Read an amount in external format (BAPI amounts on DEC fields).

    Raises ValueError where the amount has more decimals than the currency.
    """
    # The fields have nine decimals: zeros beyond the currency's own are no part of the amount.
    # Adding nothing makes zero of a negative zero, which is the same key as zero.
    rounded = amount.quantize(quantum(currency)) + 0
    return Money(amount=rounded if rounded == amount else amount, currency=currency)


def stored_money(amount: Decimal, currency: str) -> Money:
    """
    Read an amount as tables store it (type CURR): always two decimals, whatever the currency.

    100 JPY is stored as 1.00, 1.234 KWD as 12.34.
    """
    return money(amount.scaleb(2 - decimals_of(currency)), currency)


def external_material(number: str) -> str:
    """Return a material number as people write it: without leading zeros when it is numeric."""
    return number.lstrip("0") or number if number.isdigit() else number


def internal_material(number: str, length: int) -> str:
    """Return a material number as it is stored; *length* 0 leaves it (conversion exit MATN1)."""
    return number.zfill(length) if length and number.isdigit() else number


def category(row: Mapping[str, Any], field: str) -> DocumentCategory | None:
    """
    Read a category that has a longer twin since S/4HANA (``X`` and ``X_LONG``).

    None for one that the connector has no use for, e.g. a contract.
    """
    return CATEGORIES.get(row.get(f"{field}_LONG") or row[field])
