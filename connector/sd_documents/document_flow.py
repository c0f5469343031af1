"""
The document flow: which item follows from which, with quantity and value.

Links are item to item, never header to header; what is still open is computed from them and never
stored. Source: table VBFA.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import (
    DocumentCategory,
    ItemReference,
    Money,
    Quantity,
    UnitMismatchError,
)

#: What closes an order item for delivery.
DELIVERED_BY: Final = frozenset({DocumentCategory.DELIVERY, DocumentCategory.RETURNS_DELIVERY})
#: What closes an item for billing.
BILLED_BY: Final = frozenset(
    {
        DocumentCategory.INVOICE,
        DocumentCategory.CREDIT_MEMO,
        DocumentCategory.DEBIT_MEMO,
        DocumentCategory.INVOICE_CANCELLATION,
        DocumentCategory.CREDIT_MEMO_CANCELLATION,
    }
)
#: What takes over the quantity of an inquiry or a quotation.
REFERENCED_BY: Final = frozenset({DocumentCategory.QUOTATION, DocumentCategory.SALES_ORDER})

#: Followers that give back what an earlier follower took.
REVERSALS: Final = frozenset(
    {
        DocumentCategory.INVOICE_CANCELLATION,
        DocumentCategory.CREDIT_MEMO_CANCELLATION,
        DocumentCategory.GOODS_ISSUE_REVERSAL,
    }
)


class FlowLink(Frozen):
    """
    One row of the flow: *subsequent* was made from *preceding*.

    ``quantity`` is in the sales unit of the preceding item and unsigned; ``sign`` is +1, -1 or 0
    as the row counts, takes back, or does not count (PLMIN). ``net_amount`` is empty where the
    follower has no value.
    """

    preceding: ItemReference
    subsequent: ItemReference
    quantity: Quantity
    net_amount: Money | None = None
    sign: Annotated[int, Field(ge=-1, le=1)] = 1
    created_on: date | None = None


def _followed(
    item: ItemReference, links: Iterable[FlowLink], followed_by: Set[DocumentCategory]
) -> Iterable[FlowLink]:
    return (
        link for link in links if link.preceding == item and link.subsequent.category in followed_by
    )


def _direction(link: FlowLink) -> int:
    return -abs(link.sign) if link.subsequent.category in REVERSALS else link.sign


def open_quantity(
    ordered: Quantity,
    item: ItemReference,
    links: Iterable[FlowLink],
    followed_by: Set[DocumentCategory],
) -> Quantity:
    """
    Return how much of *item* still has to be followed by *followed_by*.

    Args:
        ordered: requested quantity of the item, in the sales unit.
        item: the preceding item, e.g. sales order 0000004711 item 10.
        links: 0..n links in any order; links of other items are ignored.
        followed_by: `DELIVERED_BY`, `BILLED_BY` or `REFERENCED_BY`.

    Returns:
        Quantity in the unit of *ordered*, never below zero: an over-delivery closes the item.

    Raises:
        UnitMismatchError: a link is in another unit. Convert before calling.

    Source: SAP SD document flow, VBFA-RFMNG signed by VBFA-PLMIN.
    """
    followed = Decimal(0)
    for link in _followed(item, links, followed_by):
        if link.quantity.unit != ordered.unit:
            raise UnitMismatchError(f"{item}: link in {link.quantity.unit}, item in {ordered.unit}")
        followed += _direction(link) * link.quantity.value
    return Quantity(value=max(ordered.value - followed, Decimal(0)), unit=ordered.unit)


def followed_amount(
    item: ItemReference,
    links: Iterable[FlowLink],
    followed_by: Set[DocumentCategory],
    currency: str,
) -> Money:
    """
    Return the net value by which *item* was followed, reversals taken off.

    Links without value count nothing. Raises CurrencyMismatchError when a link is in another
    currency than *currency*.
    """
    result = Money.zero(currency)
    for link in _followed(item, links, followed_by):
        if link.net_amount is not None:
            direction = _direction(link)
            result += Money(
                amount=direction * link.net_amount.amount, currency=link.net_amount.currency
            )
    return result


def reachable(start: ItemReference, links: Iterable[FlowLink]) -> frozenset[ItemReference]:
    """Return all items before and after *start*, itself included: its whole chain."""
    neighbours: dict[ItemReference, set[ItemReference]] = {}
    for link in links:
        neighbours.setdefault(link.preceding, set()).add(link.subsequent)
        neighbours.setdefault(link.subsequent, set()).add(link.preceding)
    seen, waiting = {start}, [start]
    while waiting:
        for neighbour in neighbours.get(waiting.pop(), set()) - seen:
            seen.add(neighbour)
            waiting.append(neighbour)
    return frozenset(seen)
