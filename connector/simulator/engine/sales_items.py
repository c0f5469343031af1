"""Items of a sales document: material, category, unit, plant and shipping, before pricing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from connector.simulator.engine import free_goods, sub_items
from connector.simulator.engine.copy_control import Source, copied_conditions, source_of
from connector.simulator.engine.customizing_records import ItemCategory, OrderType
from connector.simulator.engine.item_shipping import ItemShipping, shipping_of
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.master_records import (
    CustomerSalesArea,
    Material,
    MaterialSales,
    SalesArea,
)
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.sales_records import SalesItem
from connector.simulator.engine.specs import (
    ManualCondition,
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
)

ZERO = Decimal(0)
STEP = 10


@dataclass(slots=True)
class SalesContext:
    """What the items of one document share while it is assembled."""

    work: UnitOfWork
    spec: SalesDocumentSpec
    order_type: OrderType
    area: SalesArea
    agreed: CustomerSalesArea
    partners: tuple[Partner, ...]
    shipping_conditions: str
    #: Off for a change: the references were checked when the items were made.
    check_references: bool = True
    #: Items that get their free goods; None is all.
    free_goods_of: Collection[int] | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """Sales area as key."""
        return (
            self.area.sales_organization,
            self.area.distribution_channel,
            self.area.division,
        )

    def partner(self, function: str, item_number: int) -> Partner | None:
        """Return the item's partner, else the header's."""
        found = None
        for each in self.partners:
            if each.function == function:
                if each.item_number == item_number:
                    return each
                if each.item_number == 0:
                    found = each
        return found


@dataclass(slots=True)
class DraftItem:
    """An item on its way to becoming a record."""

    row: int
    spec: SalesItemSpec
    item: SalesItem
    material: Material
    category: ItemCategory
    source: Source | None
    conditions: list[ManualCondition]
    header_conditions: list[ManualCondition]
    shipping: ItemShipping


def build(context: SalesContext, specs: list[SalesItemSpec]) -> list[DraftItem]:
    """
    Return the drafts of *specs*; faulty items add their E rows to the context and are left out.

    Sets bring their components along as sub-items.
    """
    drafts: list[DraftItem] = []
    taken: set[int] = set()
    specs = _numbered(specs)
    for row, spec in enumerate(specs, start=1):
        if spec.item_number in taken:
            context.messages.append(_row(context, row, "item number used twice", spec.item_number))
            continue
        taken.add(spec.item_number)
        try:
            draft = _draft(context, row, spec, drafts)
        except RefusedError as refusal:
            context.messages.extend(refusal.messages)
            continue
        free = sub_items.free_part(context, draft, specs)
        if free is not None:
            draft.item = replace(draft.item, quantity=free.kept)
        drafts.append(draft)
        if free is not None:
            numbers = taken | {each.item_number for each in specs}
            added = free_goods.numbered(free, numbers)
            taken.add(added.item_number)
            try:
                drafts.append(_draft(context, row, added, drafts))
            except RefusedError as refusal:
                context.messages.extend(refusal.messages)
        for component in sub_items.components(context, draft, specs):
            taken.add(component.item_number)
            try:
                drafts.append(_draft(context, row, component, drafts))
            except RefusedError as refusal:
                context.messages.extend(refusal.messages)
    return drafts


def _numbered(specs: list[SalesItemSpec]) -> list[SalesItemSpec]:
    """Return *specs*, those without an item number taking the next step of ten."""
    numbered = []
    last = 0
    for spec in specs:
        number = spec.item_number or (last // STEP + 1) * STEP
        last = max(last, number)
        numbered.append(spec if spec.item_number else replace(spec, item_number=number))
    return numbered


def _draft(
    context: SalesContext, row: int, spec: SalesItemSpec, earlier: list[DraftItem]
) -> DraftItem:
    source = _source(context, row, spec)
    material, view = _material(context, row, spec, source)
    category = _category(context, row, spec, material=material, view=view, earlier=earlier)
    unit, (numerator, denominator) = _unit(
        context, row, spec, material=material, view=view, source=source
    )
    quantity = _quantity(context, row, spec, source)
    plant = _plant(
        context,
        row,
        spec,
        material=material,
        proposed=(source.item.plant if source else "")
        or context.agreed.delivering_plant
        or view.delivering_plant,
        kept_in_plant=category.delivery_relevant,
    )
    shipping = shipping_of(
        context, spec, material.material, plant, delivered=category.delivery_relevant
    )
    own, header = _conditions(context, spec, source, quantity)
    item = SalesItem(
        item_number=spec.item_number,
        material=material.material,
        description=spec.short_text
        or (source.item.description if source else "")
        or material.description,
        quantity=quantity,
        sales_unit=unit,
        item_category=category.item_category,
        plant=plant,
        base_unit=material.base_unit,
        base_numerator=numerator,
        base_denominator=denominator,
        shipping_point=shipping.shipping_point,
        route=shipping.route,
        customer_material=spec.customer_material,
        material_group=material.material_group,
        higher_level_item=spec.higher_level_item,
        requested_delivery_date=spec.requested_delivery_date,
        reference_document=source.document.number if source else "",
        reference_item=source.item.item_number if source else 0,
        reference_category=source.category if source else "",
        rejection_reason=spec.rejection_reason,
        billing_block=spec.billing_block,
        terms_of_payment=spec.terms_of_payment,
        incoterms=spec.incoterms,
        incoterms_location=spec.incoterms_location,
        purchase_order_item=spec.purchase_order_item,
        **_delivery_terms(context, material, view),
    )
    return DraftItem(row, spec, item, material, category, source, own, header, shipping)


def _source(context: SalesContext, row: int, spec: SalesItemSpec) -> Source | None:
    """Return the item that *spec* refers to, None for an item on its own."""
    if spec.reference_document and spec.reference_item:
        return source_of(
            context.work, context.order_type, spec.reference_document, spec.reference_item, row
        )
    if context.order_type.reference_required and context.check_references:
        raise RefusedError(_row(context, row, "reference required", context.order_type.external))
    return None


def _unit(
    context: SalesContext,
    row: int,
    spec: SalesItemSpec,
    *,
    material: Material,
    view: MaterialSales,
    source: Source | None,
) -> tuple[str, tuple[Decimal, Decimal]]:
    """Return the sales unit, with numerator and denominator from it to the base unit."""
    master = context.work.core.master
    unit = spec.sales_unit or (source.item.sales_unit if source else "")
    unit = master.unit_key(unit) if unit else (view.sales_unit or material.base_unit)
    factor = master.unit_factor(material, unit) if unit else None
    if factor is None:
        shown = spec.sales_unit or unit
        raise RefusedError(_row(context, row, "sales unit not defined", shown, spec.item_number))
    return unit, factor


def _delivery_terms(
    context: SalesContext, material: Material, view: MaterialSales
) -> dict[str, Any]:
    """
    Return tolerances and partial delivery: agreed for the customer's material, with the customer,
    or the material's own.
    """
    agreed, (organization, channel, _) = context.agreed, context.key
    own = context.work.core.master.customer_material(
        organization, channel, agreed.customer, material.material
    )

    def first(name: str) -> Decimal:
        for each in (own, agreed):
            value: Decimal | None = getattr(each, name) if each is not None else None
            if value is not None:
                return value
        tolerance: Decimal = getattr(view, name)
        return tolerance

    return {
        "over_delivery_tolerance": first("over_delivery_tolerance"),
        "under_delivery_tolerance": first("under_delivery_tolerance"),
        "unlimited_over_delivery": any(
            each is not None and each.unlimited_over_delivery for each in (own, agreed, view)
        ),
        "partial_delivery": (own.partial_delivery if own is not None else "")
        or agreed.partial_delivery,
        "maximum_partial_deliveries": agreed.maximum_partial_deliveries,
    }


def _material(
    context: SalesContext, row: int, spec: SalesItemSpec, source: Source | None
) -> tuple[Material, MaterialSales]:
    work, master = context.work, context.work.core.master
    organization, channel, _ = context.key
    number = spec.material
    sold_to = context.partner("AG", 0)
    if not number and spec.customer_material and sold_to:
        number = master.material_of_customer(
            organization, channel, sold_to.customer, spec.customer_material
        )
    if not number and source is not None:
        number = source.item.material
    material = master.material(number) if number else None
    view = master.material_sales(material.material, organization, channel) if material else None
    if material is None or view is None:
        raise RefusedError(
            _row(
                context,
                row,
                "material not in sales organization",
                number or spec.customer_material,
                organization,
                channel,
                "EN",
            )
        )
    if view.sales_status:
        text = master.codes.get(("sales status", view.sales_status))
        status_text = text.text if text else view.sales_status
        if work.core.settings.material_status_is_error:
            raise RefusedError(
                _row(context, row, "material blocked by status", number, status_text)
            )
        context.messages.append(_row(context, row, "material has status", number, status_text))
    return material, view


def _category(
    context: SalesContext,
    row: int,
    spec: SalesItemSpec,
    *,
    material: Material,
    view: MaterialSales,
    earlier: list[DraftItem],
) -> ItemCategory:
    master = context.work.core.master
    higher = ""
    for each in earlier:
        if spec.higher_level_item and each.item.item_number == spec.higher_level_item:
            higher = each.category.item_category
    group = view.item_category_group or material.item_category_group
    document_type = context.order_type.document_type
    found = master.item_category(document_type, group, higher) or master.item_category(
        document_type, group
    )
    wanted = spec.item_category or (found.item_category if found else "")
    allowed = found is not None and wanted in (found.item_category, *found.alternatives)
    if not allowed or wanted not in master.item_categories:
        raise RefusedError(
            _row(context, row, "item category not allowed", wanted, spec.item_number)
        )
    return master.item_categories[wanted]


def _quantity(
    context: SalesContext, row: int, spec: SalesItemSpec, source: Source | None
) -> Decimal:
    quantity = spec.quantity
    if quantity is None:
        lines = [
            line.quantity
            for line in context.spec.schedule_lines
            if line.item_number == spec.item_number
        ]
        if lines:
            quantity = sum(lines, ZERO)
        elif source is not None:
            quantity = source.open_quantity
    if quantity is None or not quantity.is_finite() or quantity <= 0:
        raise RefusedError(_row(context, row, "quantity invalid", spec.item_number))
    return quantity


def _plant(
    context: SalesContext,
    row: int,
    spec: SalesItemSpec,
    *,
    material: Material,
    proposed: str,
    kept_in_plant: bool,
) -> str:
    """Return the plant: as given, of the reference, of the customer, of the material."""
    master = context.work.core.master
    plant = spec.plant or proposed
    known = plant in master.plants
    if kept_in_plant:
        known = known and (material.material, plant) in master.material_plants
    elif not spec.plant and not known:
        return ""
    if not known:
        raise RefusedError(_row(context, row, "plant not allowed", material.material, plant))
    return plant


def _conditions(
    context: SalesContext, spec: SalesItemSpec, source: Source | None, quantity: Decimal
) -> tuple[list[ManualCondition], list[ManualCondition]]:
    own = [
        condition
        for condition in context.spec.conditions
        if condition.item_number == spec.item_number
    ]
    if source is None or not source.keep_prices:
        return own, []
    types = context.work.core.master.condition_types
    entered = [*own, *(each for each in context.spec.conditions if not each.item_number)]
    given = {
        (types[each.condition_type].kind, each.condition_type)
        for each in entered
        if each.condition_type in types
    }
    copied = copied_conditions(source, spec.item_number, quantity, given)
    return (
        [*own, *(each for each in copied if each.item_number)],
        [each for each in copied if not each.item_number],
    )


def _row(context: SalesContext, row: int, situation: str, *variables: object) -> Message:
    return context.work.message(situation, *variables, parameter="SALES_ITEM_IN", row=row)
