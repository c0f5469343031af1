"""Sub-items that an item brings along: the components of a set, and free goods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.simulator.engine import free_goods
from connector.simulator.engine.specs import SalesItemSpec

if TYPE_CHECKING:
    from connector.simulator.engine.sales_items import DraftItem, SalesContext


def components(
    context: SalesContext, draft: DraftItem, specs: list[SalesItemSpec]
) -> list[SalesItemSpec]:
    """Return the sub-items of a set, unless the caller names sub-items himself."""
    parts = context.work.core.master.components_of(draft.material.material)
    number = draft.item.item_number
    if not parts or any(spec.higher_level_item == number for spec in specs):
        return []
    base = draft.item.quantity * draft.item.base_numerator / draft.item.base_denominator
    document_type = context.order_type.document_type
    groups = [context.work.core.master.materials[each.component] for each in parts]
    if not all(
        context.work.core.master.item_category(
            document_type, each.item_category_group, draft.category.item_category
        )
        for each in groups
    ):
        # The document type does not explode sets: a quotation prices the set as one.
        return []
    return [
        SalesItemSpec(
            item_number=number + position,
            material=component.component,
            quantity=base * component.quantity,
            plant=draft.item.plant,
            higher_level_item=number,
            requested_delivery_date=draft.spec.requested_delivery_date,
        )
        for position, component in enumerate(parts, start=1)
    ]


def free_part(
    context: SalesContext, draft: DraftItem, specs: list[SalesItemSpec]
) -> free_goods.FreePart | None:
    """Return what comes free with an item, unless the caller names sub-items himself."""
    item, chosen = draft.item, context.free_goods_of
    sold_to = context.partner("AG", 0)
    if (
        not context.order_type.free_goods
        or not draft.category.priced
        or item.higher_level_item
        or item.rejection_reason
        or sold_to is None
        or (chosen is not None and item.item_number not in chosen)
        or any(spec.higher_level_item == item.item_number for spec in specs)
    ):
        return None
    return free_goods.free_part(
        context.work.core.master,
        context.order_type.document_type,
        context.key,
        sold_to.customer,
        item,
        on=context.spec.pricing_date or context.work.today,
    )
