"""
Free goods: what an order item brings along without charge, by agreement (condition type NA00).

Inclusive: of what is ordered a part is free; the item keeps the rest. Exclusive: the free goods
come on top, of the same material or of another. Either way they are a sub-item without price.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.money import quantum
from connector.simulator.engine.price_records import FreeGoods
from connector.simulator.engine.sales_records import SalesItem
from connector.simulator.engine.specs import SalesItemSpec

ZERO = Decimal(0)

#: Usage that determines the item category of free goods.
USAGE = "FREE"


@dataclass(frozen=True, slots=True)
class FreePart:
    """What is free of an item: `kept` is the item's own quantity (sales unit)."""

    kept: Decimal
    item: SalesItemSpec


def free_part(
    master: MasterData,
    document_type: str,
    sales_area: tuple[str, str, str],
    customer: str,
    item: SalesItem,
    *,
    on: date,
) -> FreePart | None:
    """Return the free part of an item, None when nothing is agreed or too little is ordered."""
    record = master.free_goods(sales_area, customer, item.material, on)
    if record is None:
        return None
    base = item.quantity * item.base_numerator / item.base_denominator
    if base < record.minimum_quantity:
        return None
    free = _free_quantity(master, record, base)
    if free <= 0:
        return None
    inclusive = record.kind == "inclusive"
    material = item.material if inclusive else record.free_material or item.material
    found = master.materials[material]
    category = master.item_category(document_type, found.item_category_group, USAGE)
    if category is None:
        return None
    in_sales_unit = free * item.base_denominator / item.base_numerator
    same = material == item.material
    sub_item = SalesItemSpec(
        material=material,
        quantity=in_sales_unit if same else free,
        sales_unit=item.sales_unit if same else found.base_unit,
        item_category=category.item_category,
        plant=item.plant if same else "",
        higher_level_item=item.item_number,
        requested_delivery_date=item.requested_delivery_date,
    )
    return FreePart(item.quantity - in_sales_unit if inclusive else item.quantity, sub_item)


def _free_quantity(master: MasterData, record: FreeGoods, base: Decimal) -> Decimal:
    """Return the free quantity for *base* ordered base units: in full steps, or in proportion."""
    if record.calculation == "whole":
        return base // record.quantity * record.free_quantity
    material = master.materials[record.free_material or record.material]
    unit = master.units[material.base_unit]
    exact = base * record.free_quantity / record.quantity
    return exact.quantize(quantum(unit.decimals), ROUND_FLOOR)


def numbered(part: FreePart, taken: set[int]) -> SalesItemSpec:
    """Return the free item under the next number that is not *taken*."""
    number = part.item.higher_level_item + 1
    while number in taken:
        number += 1
    return replace(part.item, item_number=number)
