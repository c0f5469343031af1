"""
What the assignment (ZUONR) of FI lines holds: copy control decides, so it is told or detected.

The letters are those of the copy control field ORDNR_FI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import display_number

#: Detected only where so many of ten lines agree.
_OF_TEN: Final = 8


class AssignmentContent(StrEnum):
    """Whose number the assignment carries."""

    CUSTOMER_PURCHASE_ORDER = "A"
    SALES_ORDER = "B"
    DELIVERY = "C"
    EXTERNAL_DELIVERY = "D"
    INVOICE = "E"


class AssignmentReading(Frozen):
    """
    What ZUONR holds, and how that is known: told by the rules, or seen in ``hits`` of ``lines``.

    ``content`` is empty where no reading fits.
    """

    content: AssignmentContent | None = None
    told: bool = False
    hits: int = 0
    lines: int = 0


def numbers_of(
    document: BillingDocument, references: Mapping[str, str]
) -> Iterator[tuple[AssignmentContent, str]]:
    """Yield the numbers that a line of *document* may carry, without leading zeros."""
    yield AssignmentContent.INVOICE, display_number(document.number)
    for item in document.items:
        yield AssignmentContent.SALES_ORDER, display_number(item.sales_document)
        if item.preceding.document != item.sales_document:
            yield AssignmentContent.DELIVERY, display_number(item.preceding.document)
        reference = references.get(item.sales_document, "")
        if reference:
            yield AssignmentContent.CUSTOMER_PURCHASE_ORDER, reference[:18]


def votes_of(
    document: BillingDocument, line: CustomerItem, references: Mapping[str, str]
) -> frozenset[AssignmentContent]:
    """Return all that the assignment of *line*, which *document* has posted, may hold."""
    shown = display_number(line.assignment)
    return frozenset(
        content
        for content, number in numbers_of(document, references)
        if number in (shown, line.assignment)
    )


def detect(hits: Mapping[AssignmentContent, int], lines: int) -> AssignmentReading:
    """Say what most of *lines* assignments hold; *hits* counts the lines that fit a content."""
    if not hits:
        return AssignmentReading(lines=lines)
    content, count = min(hits.items(), key=lambda entry: (-entry[1], entry[0]))
    if count * 10 < lines * _OF_TEN:
        return AssignmentReading(hits=count, lines=lines)
    return AssignmentReading(content=content, hits=count, lines=lines)
