"""What can be billed: items of deliveries (after goods issue) and of orders, still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.simulator.engine import billing_plan, flow, status, third_party
from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, RefusedError
from connector.simulator.engine.sales_records import (
    BillingPlanDate,
    SalesDocument,
    SalesItem,
)
from connector.simulator.engine.specs import BillingRef, Partner

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class BillableItem:
    """An item to bill: the order's item behind it, and the delivery's where there is one."""

    order: SalesDocument
    order_item: SalesItem
    quantity: Decimal
    billing_type: str
    source_type: str
    delivery: Delivery | None = None
    delivery_item: DeliveryItem | None = None
    plan_date: BillingPlanDate | None = None
    #: Net value that dates of the plan have billed before this one.
    planned_before: Decimal = ZERO

    @property
    def source(self) -> tuple[str, int, str]:
        """Number, item and category of what is billed."""
        if self.delivery is not None and self.delivery_item is not None:
            return self.delivery.number, self.delivery_item.item_number, self.delivery.category
        return self.order.number, self.order_item.item_number, self.order.category

    @property
    def terms_of_payment(self) -> str:
        """Terms of the item, else of the order."""
        return self.order_item.terms_of_payment or self.order.terms_of_payment

    @property
    def incoterms(self) -> str:
        """Incoterms of the delivery, else of item or order."""
        if self.delivery is not None:
            return self.delivery.incoterms
        return self.order_item.incoterms or self.order.incoterms

    @property
    def incoterms_location(self) -> str:
        """Location to the incoterms."""
        if self.delivery is not None:
            return self.delivery.incoterms_location
        return self.order_item.incoterms_location or self.order.incoterms_location

    def partner(self, function: str) -> Partner:
        """Return the partner that holds for the item."""
        found = self.order.partner(function, self.order_item.item_number)
        assert found is not None
        return found


def collect(
    work: UnitOfWork, number: str, refs: list[BillingRef], billing_type: str, on: date
) -> list[BillableItem]:
    """
    Return what is open for billing on a day of a delivery or order, which is then locked.

    RefusedError: unknown, VF 016 not relevant, VF 017 billed already, blocked, not issued.
    """
    delivery = work.delivery(number)
    if delivery is not None:
        found = _of_delivery(work, delivery, refs, billing_type)
    else:
        order = work.sales_document(number)
        if order is None:
            raise RefusedError(work.message("document does not exist", number.lstrip("0")))
        found = _of_order(work, order, refs, billing_type, on)
    for item in found:
        rule = ("billing", item.source_type, item.billing_type)
        if rule not in work.core.master.copy_control:
            raise RefusedError(
                work.message("copy not allowed", item.billing_type, item.source_type)
            )
    return found


def _of_delivery(
    work: UnitOfWork, delivery: Delivery, refs: list[BillingRef], billing_type: str
) -> list[BillableItem]:
    shown = delivery.number.lstrip("0")
    holder = work.lock("delivery", delivery.number)
    if holder is not None:
        raise RefusedError(work.message("delivery locked", shown, holder))
    found = status.delivery(work.core.master, delivery, work.flow_after(delivery.number))
    if not found.billing:
        raise RefusedError(work.message("not relevant for billing", shown))
    if delivery.actual_goods_issue_date is None:
        raise RefusedError(work.message("goods issue not posted", shown))
    if found.billing == "C":
        raise RefusedError(work.message("completely billed", shown))
    if delivery.billing_block:
        raise RefusedError(work.message("billing blocked", shown, delivery.billing_block))
    wanted = _wanted(refs)
    billable = []
    for item in delivery.items:
        each = found.items[item.item_number]
        if each.billing not in ("A", "B") or not _named(wanted, item.item_number):
            continue
        order = work.sales_document(item.reference_document)
        order_item = order.item(item.reference_item) if order is not None else None
        if order is None or order_item is None:
            raise RefusedError(
                work.message("reference unknown", item.reference_document, item.reference_item)
            )
        _check_block(work, order, order_item)
        order_type = work.core.master.order_types[order.document_type]
        quantity = _open(
            work, shown, item.item_number, item.quantity - each.billed_quantity, wanted
        )
        billable.append(
            BillableItem(
                order,
                order_item,
                quantity,
                billing_type or order_type.delivery_billing_type,
                delivery.delivery_type,
                delivery,
                item,
            )
        )
    if not billable:
        raise RefusedError(work.message("completely billed", shown))
    return billable


def _of_order(
    work: UnitOfWork, order: SalesDocument, refs: list[BillingRef], billing_type: str, on: date
) -> list[BillableItem]:
    shown = order.number.lstrip("0")
    holder = work.lock("sales", order.number)
    if holder is not None:
        raise RefusedError(work.message("sales document locked", shown, holder))
    order_type = work.core.master.order_types[order.document_type]
    found = status.sales_document(work.core.master, order, work.flow_after(order.number))
    if not found.order_billing or not order_type.order_billing_type:
        raise RefusedError(work.message("not relevant for billing", shown))
    if found.order_billing == "C":
        raise RefusedError(work.message("completely billed", shown))
    wanted = _wanted(refs)
    billing_type = billing_type or order_type.order_billing_type
    billable: list[BillableItem] = []
    waiting: list[Message] = []
    planned = False
    for item in order.items:
        each = found.items[item.item_number]
        if each.order_billing not in ("A", "B") or not _named(wanted, item.item_number):
            continue
        _check_block(work, order, item)
        if order.credit_status == "B":
            raise RefusedError(work.message("credit blocked", shown))
        if item.billing_plan:
            planned = True
            dates = _due_dates(work, order, item, refs, on)
            billable.extend(_by_plan(work, order, item, billing_type, dates))
            continue
        relevance = work.core.master.item_categories[item.item_category].billing_relevance
        rows = work.flow_after(order.number)
        ready = third_party.billable_quantity(work, rows, item, relevance)
        if ready <= each.billed_quantity:
            waiting.append(work.message("vendor has not invoiced", item.item_number, shown))
            continue
        quantity = _open(work, shown, item.item_number, ready - each.billed_quantity, wanted)
        billable.append(BillableItem(order, item, quantity, billing_type, order.document_type))
    if billable:
        return billable
    if waiting:
        raise RefusedError(*waiting)
    if planned:
        raise RefusedError(work.message("billing plan not due", shown, on))
    raise RefusedError(work.message("completely billed", shown))


def _by_plan(
    work: UnitOfWork,
    order: SalesDocument,
    item: SalesItem,
    billing_type: str,
    dates: list[tuple[BillingPlanDate, Decimal]],
) -> Iterator[BillableItem]:
    """Yield what is billed of an item on *dates* of its plan, each with the value before it."""
    for each, before in dates:
        yield BillableItem(
            order,
            item,
            _planned_quantity(work, item, each),
            billing_type,
            order.document_type,
            plan_date=each,
            planned_before=before,
        )


def _due_dates(
    work: UnitOfWork, order: SalesDocument, item: SalesItem, refs: list[BillingRef], on: date
) -> list[tuple[BillingPlanDate, Decimal]]:
    """
    Return the dates of an item's plan that are billed on a day, each with the value before it.

    Due are those up to the day that are neither billed nor blocked; a named one is billed whenever
    it is asked for. RefusedError: what is named, or all that is due, is blocked or billed.
    """
    shown = order.number.lstrip("0")
    billed = billing_plan.billed_values(work.flow_after(order.number), item.item_number)
    named = {
        ref.billing_plan_date
        for ref in refs
        if ref.billing_plan_date and ref.item_number in (0, item.item_number)
    }
    dates = [
        each
        for each in item.billing_plan
        if (each.number in named if named else each.billing_date <= on)
    ]
    open_dates = [each for each in dates if each.number not in billed]
    if named and len(open_dates) < len(named):
        raise RefusedError(work.message("completely billed", shown))
    free = [each for each in open_dates if not each.billing_block]
    if open_dates and (not free or (named and len(free) < len(open_dates))):
        block = next(each.billing_block for each in open_dates if each.billing_block)
        raise RefusedError(work.message("billing blocked", shown, block))
    before = sum(billed.values(), ZERO)
    found = []
    for each in free:
        found.append((each, before))
        before += each.value
    return found


def _planned_quantity(work: UnitOfWork, item: SalesItem, planned: BillingPlanDate) -> Decimal:
    if work.core.settings.plan_date_quantity == "full" or not item.net_value:
        return item.quantity
    return (item.quantity * planned.value / item.net_value).quantize(Decimal("0.001"))


def billed_before(work: UnitOfWork, item: BillableItem) -> Decimal:
    """Return how much of the order's item was billed before, by whatever document."""
    return flow.billed_quantity(work.flow_after, item.order.number, item.order_item.item_number)


def _wanted(refs: list[BillingRef]) -> dict[int, Decimal | None]:
    return {ref.item_number: ref.quantity for ref in refs}


def _named(wanted: dict[int, Decimal | None], item_number: int) -> bool:
    return 0 in wanted or item_number in wanted


def _open(
    work: UnitOfWork,
    shown: str,
    item_number: int,
    quantity: Decimal,
    wanted: dict[int, Decimal | None],
) -> Decimal:
    asked = wanted.get(item_number)
    if asked is None:
        return quantity
    if not ZERO < asked <= quantity:
        raise RefusedError(work.message("billing quantity too large", shown, item_number, quantity))
    return asked


def _check_block(work: UnitOfWork, order: SalesDocument, item: SalesItem) -> None:
    block = order.billing_block or item.billing_block
    if block:
        raise RefusedError(work.message("billing blocked", order.number.lstrip("0"), block))
