"""How much of an order's item may be delivered: units, tolerance, and what stock gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import derived, status
from connector.simulator.engine.availability import available
from connector.simulator.engine.logistics_records import DeliveryItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.sales_records import SalesDocument, SalesItem
from connector.simulator.engine.specs import DeliveryRef

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(slots=True)
class Run:
    """One call: what is due up to a date from a shipping point (empty: any), and its notes."""

    work: UnitOfWork
    due_date: date
    point: str
    notes: list[Message] = field(default_factory=list)


def in_sales_unit(work: UnitOfWork, item: SalesItem, ref: DeliveryRef) -> Decimal:
    quantity = ref.quantity or ZERO
    unit = work.core.master.unit_key(ref.unit) if ref.unit else item.sales_unit
    if unit == item.sales_unit:
        return quantity
    material = work.core.master.materials[item.material]
    factor = work.core.master.unit_factor(material, unit)
    if factor is None:
        raise RefusedError(work.message("sales unit not defined", ref.unit, item.item_number))
    base = quantity * factor[0] / factor[1]
    return base * item.base_denominator / item.base_numerator


def check_tolerance(run: Run, item: SalesItem, total: Decimal) -> None:
    if item.unlimited_over_delivery:
        return
    limit = item.quantity * (HUNDRED + item.over_delivery_tolerance) / HUNDRED
    if total <= limit:
        return
    if run.work.core.settings.over_delivery_is_error:
        raise RefusedError(run.work.message("over-delivery", f"{item.item_number:06d}"))
    run.notes.append(run.work.message("over-delivery accepted", f"{item.item_number:06d}"))


def check_larger(
    work: UnitOfWork, item: DeliveryItem, quantity: Decimal, notes: list[Message]
) -> None:
    """RefusedError when a delivery's item may not grow to *quantity*; warnings go to *notes*."""
    order = work.sales_document(item.reference_document)
    ordered = order.item(item.reference_item) if order is not None else None
    if order is None or ordered is None:
        raise RefusedError(
            work.message("reference unknown", item.reference_document, item.reference_item)
        )
    found = status.sales_item(work.core.master, ordered, work.flow_after(order.number))
    run = Run(work, date.max, "")
    more = quantity - item.quantity
    check_tolerance(run, ordered, found.delivered_quantity + more)
    if in_stock(run, order, ordered, more, found.delivered_quantity) < more:
        raise RefusedError(*(replace(each, type="E") for each in run.notes))
    notes.extend(run.notes)


def in_stock(
    run: Run, document: SalesDocument, item: SalesItem, quantity: Decimal, delivered: Decimal
) -> Decimal:
    """Return *quantity*, reduced to what stock gives this item, with a warning."""
    work = run.work
    view = work.core.master.material_plants.get((item.material, item.plant))
    order_type = work.core.master.order_types[document.document_type]
    if (
        not work.core.settings.check_stock_at_delivery
        or not order_type.requirements
        or view is None
        or not view.availability_check
    ):
        return quantity
    own = derived.stock_requirement(item, delivered)
    free = available(work, item.plant, item.material) + own
    needed = quantity * item.base_numerator / item.base_denominator
    if needed <= free:
        return quantity
    reduced = max(ZERO, free * item.base_denominator / item.base_numerator)
    run.notes.append(work.message("too little stock", reduced, item.sales_unit, item.material))
    return reduced
