"""Categories, statuses and amounts as the services show them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from connector.sd_documents.currency import quantum
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, Money

_CATEGORIES: Final = {category.value: category for category in DocumentCategory}
_STATUS: Final = {status.value: status for status in Status}


def category_of(letter: str) -> DocumentCategory | None:
    """Return a category, None for one that the connector has no use for."""
    return _CATEGORIES.get(letter)


def status_of(letter: str) -> Status:
    """Return a status; unknown letters are refused with KeyError."""
    return _STATUS[letter]


def money(amount: Decimal, currency: str) -> Money:
    """Return an amount; ValueError where it has more decimals than its currency."""
    # The fields have three decimals: zeros beyond the currency's own are no part of the amount.
    rounded = amount.quantize(quantum(currency)) + 0
    return Money(amount=rounded if rounded == amount else amount, currency=currency)
