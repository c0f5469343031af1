"""Deliveries, material documents and stock as the simulated ERP keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connector.simulator.engine.specs import Partner

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DeliveryItem:
    """One item; quantities in `sales_unit`. The reference is the sales document's item."""

    item_number: int
    material: str
    description: str
    quantity: Decimal
    sales_unit: str
    plant: str
    reference_document: str
    reference_item: int
    item_category: str
    base_unit: str = ""
    base_numerator: Decimal = Decimal(1)
    base_denominator: Decimal = Decimal(1)
    picked_quantity: Decimal = ZERO
    movement_type: str = ""
    higher_level_item: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    A delivery (category J) or returns delivery (T).

    `actual_goods_issue_date` is None until goods issue is posted, and again after its reversal;
    `entered_goods_issue_date` is the date that was entered for it before, None for the day itself.
    """

    number: str
    category: str
    delivery_type: str
    shipping_point: str
    sales_organization: str
    ship_to: str
    sold_to: str
    route: str
    items: tuple[DeliveryItem, ...]
    partners: tuple[Partner, ...]
    planned_goods_issue_date: date
    delivery_date: date
    document_date: date
    created_at: datetime
    changed_at: datetime
    created_by: str
    actual_goods_issue_date: date | None = None
    incoterms: str = ""
    incoterms_location: str = ""
    shipping_conditions: str = ""
    bill_of_lading: str = ""
    delivery_block: str = ""
    billing_block: str = ""
    version: int = 1
    entered_goods_issue_date: date | None = None

    def item(self, item_number: int) -> DeliveryItem | None:
        """Return the item, or None."""
        for item in self.items:
            if item.item_number == item_number:
                return item
        return None


@dataclass(frozen=True, slots=True)
class MaterialDocumentItem:
    """
    One movement. `quantity` is in the base unit and positive, `amount` in the company's currency.

    `amount` is zero for movements without valuation. `stock_type` is unrestricted or blocked.
    """

    line: int
    material: str
    plant: str
    movement_type: str
    quantity: Decimal
    unit: str
    amount: Decimal
    currency: str
    stock_type: str = "unrestricted"
    delivery: str = ""
    delivery_item: int = 0


@dataclass(frozen=True, slots=True)
class MaterialDocument:
    """A goods movement; `reversal_of` names the document it takes back."""

    number: str
    year: int
    posting_date: date
    document_date: date
    items: tuple[MaterialDocumentItem, ...]
    created_at: datetime
    created_by: str
    delivery: str = ""
    reversal_of: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """
    Stock of a material in a plant, in its base unit; `value` belongs to `unrestricted` alone.

    `blocked` is returns stock, kept without value.
    """

    plant: str
    material: str
    unit: str
    unrestricted: Decimal
    blocked: Decimal
    value: Decimal
    currency: str
    price_control: str
    price: Decimal
    price_unit: Decimal = Decimal(1)
