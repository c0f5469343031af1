"""Delivery and returns delivery, with picking and goods issue or receipt."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from connector.sd_documents.model import Frozen
from connector.sd_documents.status import Status, roll_up
from connector.sd_documents.values import (
    DocumentCategory,
    DocumentNumber,
    ItemNumber,
    ItemReference,
    Quantity,
)


class DeliveryRequestItem(Frozen):
    """A preceding item and how much of it to deliver."""

    preceding: ItemReference
    quantity: Quantity


class DeliveryRequest(Frozen):
    """
    Items to be delivered that are due until ``due_date``.

    The ERP may answer with several deliveries: it splits by ship-to party, shipping point, route
    and more.
    """

    items: Annotated[tuple[DeliveryRequestItem, ...], Field(min_length=1)]
    due_date: date
    shipping_point: str = ""
    category: DocumentCategory = DocumentCategory.DELIVERY

    @model_validator(mode="after")
    def _quantities_are_positive(self) -> Self:
        for item in self.items:
            if item.quantity.value <= 0:
                raise ValueError(f"{item.preceding}: the quantity to deliver must be above zero")
        return self


class DeliveryItem(Frozen):
    """
    One delivery item as the ERP has it.

    ``over_delivery_percent`` is how much more than ordered may be delivered (UEBTO), and
    ``unlimited_over_delivery`` lifts that limit (UEBTK).
    """

    item_number: ItemNumber
    material: str
    delivery_quantity: Quantity
    picked_quantity: Quantity
    preceding: ItemReference
    picking_status: Status
    goods_movement_status: Status
    billing_status: Status
    over_delivery_percent: Decimal = Decimal(0)
    unlimited_over_delivery: bool = False


class Delivery(Frozen):
    """
    A delivery (category J) or returns delivery (T) as the ERP has it.

    ``goods_movement_status`` C means that stock has moved; the order's own delivery status moves
    earlier, when the delivery is created.
    """

    number: DocumentNumber
    category: DocumentCategory
    ship_to_party: str
    shipping_point: str
    document_date: date
    planned_goods_issue_date: date | None = None
    actual_goods_issue_date: date | None = None
    items: tuple[DeliveryItem, ...]

    @property
    def picking_status(self) -> Status:
        return roll_up(item.picking_status for item in self.items)

    @property
    def goods_movement_status(self) -> Status:
        return roll_up(item.goods_movement_status for item in self.items)

    @property
    def billing_status(self) -> Status:
        return roll_up(item.billing_status for item in self.items)
