"""
SD status values and how items roll up to the header.

Source: domain STATV; header cumulation as in the VBUP/VBUK pattern: items that are not relevant
are ignored, equal values stand, any mix is B.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """Progress of one process step. Blank means *not relevant*, never *open*."""

    NOT_RELEVANT = ""
    NOT_YET = "A"
    PARTIALLY = "B"
    COMPLETELY = "C"


class CreditStatus(StrEnum):
    """Credit check status; its letters are not the progress scale. Source: domain CMGST."""

    NOT_EXECUTED = ""
    OK = "A"
    NOT_OK = "B"
    PARTIALLY_RELEASED = "C"
    RELEASED = "D"


class AccountingTransferStatus(StrEnum):
    """
    Whether a billing document reached FI; blank is an error in the accounting interface.

    Source: domain RFBSK.
    """

    ERROR = ""
    BLOCKED = "A"
    ACCOUNT_DETERMINATION_ERROR = "B"
    POSTED = "C"
    NOT_RELEVANT = "D"
    CANCELLED = "E"
    PRICING_ERROR = "F"
    EXPORT_ERROR = "G"
    INTERNAL_ERROR = "I"
    NO_AUTHORISATION = "K"


def roll_up(items: Iterable[Status]) -> Status:
    """
    Return the header's status from those of its items.

    Items that are not relevant are ignored; a header without relevant items is not relevant.
    """
    relevant = {status for status in items if status is not Status.NOT_RELEVANT}
    if not relevant:
        return Status.NOT_RELEVANT
    if len(relevant) == 1:
        return relevant.pop()
    return Status.PARTIALLY
