"""What of an item of a sales order is in deliveries, and what of it has not left stock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from connector.reconciliation.matching import OrderChain
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.values import DocumentCategory


def delivered_items(
    chain: OrderChain, sales_order: str, item_number: int
) -> Iterator[DeliveryItem]:
    """Yield the items of deliveries of one item of *sales_order*; returns are none."""
    for _, item in _deliveries_of(chain, sales_order, item_number):
        yield item


def not_left(
    chain: OrderChain, sales_order: str, item_number: int, key_date: date
) -> tuple[Decimal, date | None]:
    """Return what of an item is delivered without goods issue, and when the last of it is due."""
    quantity, planned_on = Decimal(0), None
    for delivery, item in _deliveries_of(chain, sales_order, item_number):
        issued_on = delivery.actual_goods_issue_date
        if issued_on is not None and issued_on <= key_date:
            continue
        quantity += item.delivery_quantity.value
        day = delivery.planned_goods_issue_date or delivery.document_date
        planned_on = max(planned_on or day, day, delivery.document_date)
    return quantity, planned_on


def _deliveries_of(
    chain: OrderChain, sales_order: str, item_number: int
) -> Iterator[tuple[Delivery, DeliveryItem]]:
    for delivery in chain.deliveries:
        if delivery.category is DocumentCategory.DELIVERY:
            for item in delivery.items:
                preceding = item.preceding
                if (preceding.document, preceding.item_number) == (sales_order, item_number):
                    yield delivery, item
