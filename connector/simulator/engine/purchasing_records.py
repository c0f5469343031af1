"""Purchase requisitions and purchase orders of third-party items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PurchaseRequisition:
    """
    What a third-party item asks purchasing for (EBAN); `quantity` in the item's sales unit.

    `purchase_order` is empty until it is ordered. A `deleted` one will never be.
    """

    number: str
    material: str
    description: str
    quantity: Decimal
    unit: str
    plant: str
    company_code: str
    delivery_date: date
    sales_document: str
    sales_item: int
    created_at: datetime
    created_by: str
    purchase_order: str = ""
    purchase_order_item: int = 0
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class PurchaseEvent:
    """
    A line of a purchase order item's history (EKBE): goods receipt or the vendor's invoice.

    The receipt of a third-party item is statistical: the goods went to the customer, no stock moves
    and nothing is posted. `amount` is that of the vendor's invoice, in the order's currency.
    """

    kind: str
    document: str
    year: int
    posting_date: date
    quantity: Decimal
    created_at: datetime
    amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PurchaseOrderItem:
    """One item; `net_price` is for one `unit`. The goods go to the sales item's ship-to."""

    item_number: int
    material: str
    description: str
    quantity: Decimal
    unit: str
    net_price: Decimal
    plant: str
    requisition: str
    sales_document: str
    sales_item: int
    delivery_date: date
    history: tuple[PurchaseEvent, ...] = ()

    def quantity_of(self, kind: str) -> Decimal:
        """Return the quantity of the history's events of a kind: receipt or invoice."""
        return sum((each.quantity for each in self.history if each.kind == kind), ZERO)


@dataclass(frozen=True, slots=True)
class PurchaseOrder:
    """A purchase order (category V in the document flow)."""

    number: str
    vendor: str
    company_code: str
    currency: str
    document_date: date
    items: tuple[PurchaseOrderItem, ...]
    created_at: datetime
    changed_at: datetime
    created_by: str

    def item(self, item_number: int) -> PurchaseOrderItem | None:
        """Return the item, or None."""
        for item in self.items:
            if item.item_number == item_number:
                return item
        return None
