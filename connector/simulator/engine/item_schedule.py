"""When an item is delivered and billed: its schedule lines and the dates of its billing plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import availability, billing_plan, derived
from connector.simulator.engine.sales_items import DraftItem, SalesContext
from connector.simulator.engine.sales_records import (
    BillingPlanDate,
    SalesDocument,
    SalesItem,
    ScheduleLine,
)
from connector.simulator.engine.status import sales_item

ZERO = Decimal(0)


def planned(
    context: SalesContext, draft: DraftItem, net: Decimal, existing: SalesDocument | None
) -> tuple[BillingPlanDate, ...]:
    """Return the dates of an item's billing plan with their values, none where it has no plan."""
    if draft.category.billing_relevance != billing_plan.BY_PLAN:
        return ()
    work, number = context.work, draft.item.item_number
    start = context.spec.document_date or work.today
    dates = billing_plan.proposed(work, draft.category, draft.spec.billing_plan, start)
    faults = billing_plan.faults(work, draft.item, dates)
    context.messages.extend(
        replace(each, parameter="SALES_ITEM_IN", row=draft.row) for each in faults
    )
    if not dates or faults:
        return ()
    old = existing.item(number) if existing is not None else None
    billed = billing_plan.billed_values(
        work.flow_after(existing.number) if existing is not None else (), number
    )
    currency = context.spec.currency or context.agreed.currency
    return billing_plan.valued(
        dates,
        net,
        work.core.master.decimals(currency),
        old.billing_plan if old is not None else (),
        tuple(billed),
    )


def scheduled(
    context: SalesContext, draft: DraftItem, requested: date, existing: SalesDocument | None
) -> tuple[ScheduleLine, ...]:
    """
    Return when how much of an item is requested and confirmed.

    What *existing* has confirmed stays confirmed where nothing of it was changed.
    """
    work, item = context.work, draft.item
    wanted = item.requested_delivery_date or requested
    if item.rejection_reason:
        return ()
    if draft.category.third_party:
        return _from_vendor(context, item, wanted, existing)
    if not draft.category.delivery_relevant:
        return (ScheduleLine(1, wanted, item.quantity, ZERO, wanted, wanted, wanted),)
    requests = _requests(context, item, wanted)
    old = existing.item(item.item_number) if existing else None
    if old is not None and _is_as_before(old, item, requests):
        return old.schedule_lines
    demand = availability.Demand(
        plant=item.plant,
        material=item.material,
        sales_unit=item.sales_unit,
        numerator=item.base_numerator,
        denominator=item.base_denominator,
        transit_days=draft.shipping.transit_days,
        held=_held(context, old, item, existing),
    )
    return availability.schedule(work, demand, requests, check=context.order_type.requirements)


def _is_as_before(old: SalesItem, item: SalesItem, requests: list[availability.Request]) -> bool:
    place = (item.plant, item.material, item.sales_unit)
    if (old.plant, old.material, old.sales_unit) != place:
        return False
    before = [(line.quantity, line.requested_date) for line in old.schedule_lines if line.quantity]
    after = [(each.quantity, each.requested_date) for each in requests]
    return bool(after) and before == after


def _held(
    context: SalesContext, old: SalesItem | None, item: SalesItem, existing: SalesDocument | None
) -> Decimal:
    """Return how much stock, in base units, the item itself keeps from others already."""
    if old is None or existing is None:
        return ZERO
    if (old.plant, old.material) != (item.plant, item.material):
        return ZERO
    found = sales_item(context.work.core.master, old, context.work.flow_after(existing.number))
    held = derived.stock_requirement(old, found.delivered_quantity)
    # What is delivered already has been confirmed and must not be promised again.
    return held + found.delivered_quantity * old.base_numerator / old.base_denominator


def _from_vendor(
    context: SalesContext, item: SalesItem, wanted: date, existing: SalesDocument | None
) -> tuple[ScheduleLine, ...]:
    """Return the lines of a third-party item: promised as requested, each with its requisition."""
    old = existing.item(item.item_number) if existing else None
    known = [line.requisition for line in old.schedule_lines] if old is not None else []
    return tuple(
        ScheduleLine(
            line=at,
            requested_date=each.requested_date,
            quantity=each.quantity,
            confirmed_quantity=each.quantity,
            delivery_date=each.requested_date,
            goods_issue_date=each.requested_date,
            material_availability_date=each.requested_date,
            covered_by="vendor",
            requisition=known[at - 1] if at <= len(known) else "",
        )
        for at, each in enumerate(_requests(context, item, wanted), start=1)
    )


def _requests(context: SalesContext, item: SalesItem, wanted: date) -> list[availability.Request]:
    """Return the requested schedule lines; lines that miss the item's quantity do not count."""
    requests = [
        availability.Request(
            line.quantity,
            line.requested_date or wanted,
            line.material_availability_date,
            line.goods_issue_date,
        )
        for line in context.spec.schedule_lines
        if line.item_number == item.item_number
    ]
    if sum((each.quantity for each in requests), ZERO) != item.quantity:
        return [availability.Request(item.quantity, wanted)]
    return requests
