"""Creating deliveries from sales documents: what is due, how much, and in how many parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import status
from connector.simulator.engine.customizing_records import DeliveryType
from connector.simulator.engine.delivery_quantities import (
    Run,
    check_tolerance,
    in_sales_unit,
    in_stock,
)
from connector.simulator.engine.flow import DELIVERED_BY
from connector.simulator.engine.keys import padded
from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.sales_records import (
    FlowRow,
    SalesDocument,
    SalesItem,
    ScheduleLine,
)
from connector.simulator.engine.specs import DeliveryRef, Partner

ZERO = Decimal(0)
HUNDRED = Decimal(100)
STEP = 10

SplitKey = tuple[object, ...]


@dataclass(slots=True)
class _Part:
    """An order item, and how much of it goes into a delivery (sales unit)."""

    document: SalesDocument
    item: SalesItem
    quantity: Decimal
    goods_issue_date: date
    delivery_date: date


def create(
    work: UnitOfWork, refs: Sequence[DeliveryRef], *, due_date: date | None, point: str
) -> Outcome:
    """Create deliveries, see `Session.create_deliveries`."""
    faults: list[Message] = []
    run = Run(work, due_date or date.max, point)
    parts: list[_Part] = []
    by_order: dict[str, list[DeliveryRef]] = {}
    for ref in refs:
        by_order.setdefault(padded(ref.sales_document), []).append(ref)
    for number, wanted in by_order.items():
        try:
            parts.extend(_due_parts(run, number, wanted))
        except RefusedError as refusal:
            faults.extend(refusal.messages)
    errors = [each for each in faults if each.is_error]
    if errors or not parts:
        found = [*faults, *run.notes]
        return Outcome(tuple(found or [work.message("nothing due")]))
    run.notes = [each if not each.is_error else replace(each, type="W") for each in run.notes]
    deliveries = _save(work, parts)
    rows = [*faults, *run.notes]
    for each in deliveries:
        text = work.core.master.delivery_types[each.delivery_type].text
        rows.append(work.message("delivery saved", text, each.number.lstrip("0")))
    numbers = tuple(each.number for each in deliveries)
    return Outcome(tuple(rows), numbers, tuple(deliveries))


def locked(work: UnitOfWork, number: str) -> Delivery:
    """Return the delivery, locked; RefusedError VL 002 or VL 046."""
    key = padded(number)
    delivery = work.delivery(key)
    if delivery is None:
        raise RefusedError(work.message("document does not exist", key.lstrip("0")))
    holder = work.lock("delivery", key)
    if holder is not None:
        raise RefusedError(work.message("delivery locked", key.lstrip("0"), holder))
    return delivery


def _due_parts(run: Run, number: str, refs: list[DeliveryRef]) -> list[_Part]:
    work = run.work
    document = work.sales_document(number)
    shown = number.lstrip("0")
    if document is None:
        raise RefusedError(work.message("document does not exist", shown))
    order_type = work.core.master.order_types[document.document_type]
    found = status.sales_document(work.core.master, document, work.flow_after(number))
    if not order_type.delivery_type or not found.delivery:
        raise RefusedError(work.message("not relevant for delivery", shown))
    _check_blocks(work, document)
    whole = {ref.item_number for ref in refs} == {0}
    if found.delivery == "C" and whole:
        rejected = all(item.rejection_reason for item in document.items)
        raise RefusedError(
            work.message("nothing due") if rejected else work.message("completely delivered", shown)
        )
    parts = []
    for item, ref in _selected(work, document, refs):
        if run.point and item.shipping_point != run.point:
            continue
        part = _part(run, document, item, ref, found.items[item.item_number])
        if part is not None:
            parts.append(part)
    if not parts:
        raise RefusedError(work.message("nothing due"))
    if document.complete_delivery:
        _check_complete(work, document, found, parts)
    return parts


def _check_blocks(work: UnitOfWork, document: SalesDocument) -> None:
    number = document.number
    holder = work.lock("sales", number)
    if holder is not None:
        raise RefusedError(work.message("order locked for delivery", number.lstrip("0"), holder))
    if document.delivery_block:
        raise RefusedError(
            work.message("delivery blocked", number.lstrip("0"), document.delivery_block)
        )
    if document.credit_status == "B":
        raise RefusedError(work.message("credit blocked", number.lstrip("0")))
    if document.incompletion:
        raise RefusedError(replace(work.message("document incomplete"), type="E"))


def _selected(
    work: UnitOfWork, document: SalesDocument, refs: list[DeliveryRef]
) -> list[tuple[SalesItem, DeliveryRef]]:
    found: dict[int, tuple[SalesItem, DeliveryRef]] = {}
    for ref in refs:
        if ref.item_number == 0:
            for item in document.items:
                found.setdefault(item.item_number, (item, ref))
            continue
        named = document.item(ref.item_number)
        if named is None:
            raise RefusedError(
                work.message("item unknown", ref.item_number, document.number.lstrip("0"))
            )
        found[ref.item_number] = (named, ref)
    return [each for _, each in sorted(found.items())]


def _part(
    run: Run,
    document: SalesDocument,
    item: SalesItem,
    ref: DeliveryRef,
    found: status.SalesItemStatus,
) -> _Part | None:
    """Return what of the item is delivered now, None when nothing of it is due."""
    completed = found.delivery not in ("A", "B") and ref.item_number == 0
    if completed or not found.delivery or item.rejection_reason:
        return None
    lines = [
        line
        for line in item.schedule_lines
        if line.confirmed_quantity and line.goods_issue_date <= run.due_date
    ]
    if not lines:
        return None
    delivered = found.delivered_quantity
    if ref.item_number and ref.quantity is not None:
        quantity = in_sales_unit(run.work, item, ref)
        check_tolerance(run, item, delivered + quantity)
    else:
        due = sum((line.confirmed_quantity for line in lines), ZERO)
        quantity = min(due, item.quantity) - delivered
    quantity = in_stock(run, document, item, quantity, delivered)
    if quantity <= 0:
        return None
    if not _part_is_allowed(run, document, item, quantity, delivered):
        run.notes.append(
            run.work.message(
                "partial delivery not allowed",
                f"{item.item_number:06d}",
                item.partial_delivery or item.maximum_partial_deliveries,
            )
        )
        return None
    first = _first_open(lines, delivered)
    return _Part(document, item, quantity, first.goods_issue_date, first.delivery_date)


def _part_is_allowed(
    run: Run, document: SalesDocument, item: SalesItem, quantity: Decimal, delivered: Decimal
) -> bool:
    """Return whether the customer takes this part (KZTLF), and one more delivery of the item."""
    if item.partial_delivery == "C" and quantity < status.least_quantity(item):
        return False
    if item.partial_delivery in ("B", "C") and delivered > 0:
        return False
    if item.partial_delivery == "D" or not item.maximum_partial_deliveries:
        return True
    rows = run.work.flow_after(document.number)
    earlier = {
        row.subsequent
        for row in rows
        if row.preceding_item == item.item_number and row.subsequent_category in DELIVERED_BY
    }
    return len(earlier) < item.maximum_partial_deliveries


def _first_open(lines: Sequence[ScheduleLine], delivered: Decimal) -> ScheduleLine:
    """Return the first line that earlier deliveries have not used up; its dates plan this one."""
    covered = ZERO
    for line in lines:
        covered += line.confirmed_quantity
        if covered > delivered:
            return line
    return lines[-1]


def _check_complete(
    work: UnitOfWork, document: SalesDocument, found: status.SalesStatus, parts: list[_Part]
) -> None:
    taken = {part.item.item_number: part.quantity for part in parts}
    for number, each in found.items.items():
        if each.open_delivery_quantity > taken.get(number, ZERO):
            raise RefusedError(
                work.message("complete delivery agreed", document.number.lstrip("0"))
            )


def _save(work: UnitOfWork, parts: list[_Part]) -> list[Delivery]:
    groups: dict[SplitKey, list[_Part]] = {}
    for part in parts:
        groups.setdefault(_split_key(work, part), []).append(part)
    deliveries = []
    for group in groups.values():
        order_type = work.core.master.order_types[group[0].document.document_type]
        delivery_type = work.core.master.delivery_types[order_type.delivery_type]
        number = work.number("delivery", delivery_type.number_range)
        delivery = _delivery(work, number, delivery_type, group)
        work.put("delivery", number, delivery, created=True)
        for item in delivery.items:
            source = next(
                part
                for part in group
                if (part.document.number, part.item.item_number)
                == (item.reference_document, item.reference_item)
            )
            work.put_flow(_flow_row(work, delivery, item, source.document.category))
        deliveries.append(delivery)
    return deliveries


def _split_key(work: UnitOfWork, part: _Part) -> SplitKey:
    document, item = part.document, part.item
    ship_to = _ship_to(part)
    sales_area = (
        document.sales_organization,
        document.distribution_channel,
        document.division,
    )
    agreed = work.core.master.customer_sales_areas.get((document.sold_to, *sales_area))
    combined = agreed is None or agreed.order_combination
    return (
        work.core.master.order_types[document.document_type].delivery_type,
        ship_to.customer,
        repr(ship_to.address),
        item.shipping_point,
        item.route,
        document.sales_organization,
        document.sold_to,
        item.incoterms or document.incoterms,
        item.incoterms_location or document.incoterms_location,
        document.shipping_conditions,
        document.complete_delivery,
        "" if combined else document.number,
    )


def _ship_to(part: _Part) -> Partner:
    found = part.document.partner("WE", part.item.item_number)
    assert found is not None
    return found


def _delivery(
    work: UnitOfWork, number: str, delivery_type: DeliveryType, group: list[_Part]
) -> Delivery:
    first = group[0]
    document = first.document
    ship_to = _ship_to(first)
    one_order = len({part.document.number for part in group}) == 1
    items = tuple(
        DeliveryItem(
            item_number=part.item.item_number if one_order else position * STEP,
            material=part.item.material,
            description=part.item.description,
            quantity=part.quantity,
            sales_unit=part.item.sales_unit,
            plant=part.item.plant,
            reference_document=part.document.number,
            reference_item=part.item.item_number,
            item_category=part.item.item_category,
            base_unit=part.item.base_unit,
            base_numerator=part.item.base_numerator,
            base_denominator=part.item.base_denominator,
            movement_type=delivery_type.movement_type or work.core.settings.returns_movement_type,
            higher_level_item=part.item.higher_level_item,
        )
        for position, part in enumerate(group, start=1)
    )
    partners = tuple(
        replace(ship_to, item_number=0) if each.function == "WE" else each
        for each in document.partners
        if each.item_number == 0
    )
    return Delivery(
        number=number,
        category=delivery_type.category,
        delivery_type=delivery_type.delivery_type,
        shipping_point=first.item.shipping_point,
        sales_organization=document.sales_organization,
        ship_to=ship_to.customer,
        sold_to=document.sold_to,
        route=first.item.route,
        items=items,
        partners=partners,
        planned_goods_issue_date=max(work.today, min(part.goods_issue_date for part in group)),
        delivery_date=max(work.today, min(part.delivery_date for part in group)),
        document_date=work.today,
        created_at=work.now,
        changed_at=work.now,
        created_by=work.user,
        incoterms=first.item.incoterms or document.incoterms,
        incoterms_location=first.item.incoterms_location or document.incoterms_location,
        shipping_conditions=document.shipping_conditions,
    )


def _flow_row(
    work: UnitOfWork, delivery: Delivery, item: DeliveryItem, preceding_category: str
) -> FlowRow:
    return FlowRow(
        preceding=item.reference_document,
        preceding_item=item.reference_item,
        preceding_category=preceding_category,
        subsequent=delivery.number,
        subsequent_item=item.item_number,
        subsequent_category=delivery.category,
        quantity=item.quantity,
        unit=item.sales_unit,
        created_at=work.now,
        material=item.material,
    )
