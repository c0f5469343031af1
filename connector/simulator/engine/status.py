"""
Status of documents, derived from the document flow and never stored.

Values: empty not relevant, A not yet, B partly, C completely. The header follows from its items:
empty ones are ignored, all A is A, all C is C, any mix is B.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine import billing_plan, flow
from connector.simulator.engine.sales_records import FlowRow, SalesDocument, SalesItem

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
    from connector.simulator.engine.master_data import MasterData
    from connector.simulator.engine.store import Store

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass(slots=True)
class SalesItemStatus:
    """
    Status of one item, with the quantities behind it (sales unit).

    `delivery` LFSTA, `order_billing` FKSAA, `rejection` ABSTA, `reference` RFSTA, `overall` GBSTA.
    """

    item_number: int
    delivery: str = ""
    order_billing: str = ""
    rejection: str = "A"
    reference: str = ""
    overall: str = ""
    delivered_quantity: Decimal = ZERO
    billed_quantity: Decimal = ZERO
    referenced_quantity: Decimal = ZERO
    open_delivery_quantity: Decimal = ZERO
    #: Of an item with a billing plan: net value billed, and the numbers of the billed dates.
    billed_value: Decimal = ZERO
    billed_dates: frozenset[int] = frozenset()


@dataclass(slots=True)
class SalesStatus:
    """Header status (LFSTK, FKSAK, ABSTK, RFSTK, GBSTK, UVALL, CMGST) and that of the items."""

    delivery: str
    order_billing: str
    rejection: str
    reference: str
    overall: str
    incompletion: str
    credit: str
    items: dict[int, SalesItemStatus] = field(default_factory=dict)


@dataclass(slots=True)
class DeliveryItemStatus:
    """`picking` KOSTA, `goods_movement` WBSTA, `billing` FKSTA; quantities in the sales unit."""

    item_number: int
    picking: str = ""
    goods_movement: str = "A"
    billing: str = ""
    issued_quantity: Decimal = ZERO
    billed_quantity: Decimal = ZERO


@dataclass(slots=True)
class DeliveryStatus:
    """Header status (KOSTK, WBSTK, FKSTK) and that of the items."""

    picking: str
    goods_movement: str
    billing: str
    items: dict[int, DeliveryItemStatus] = field(default_factory=dict)


def rolled_up(values: Iterable[str]) -> str:
    """Return the header's value for its items' *values*."""
    found = {value for value in values if value}
    if not found:
        return ""
    return found.pop() if len(found) == 1 else "B"


def progress(done: Decimal, whole: Decimal) -> str:
    """Return A, B or C for *done* of *whole*."""
    if done <= ZERO:
        return "A"
    return "C" if done >= whole else "B"


def least_quantity(item: SalesItem) -> Decimal:
    """Return the quantity with which an item counts as delivered: less its tolerance (UNTTO)."""
    return item.quantity * (HUNDRED - item.under_delivery_tolerance) / HUNDRED


def sales_item(master: MasterData, item: SalesItem, rows: Iterable[FlowRow]) -> SalesItemStatus:
    """Return the status of one item; *rows* follow its document."""
    rows = [row for row in rows if row.preceding_item == item.item_number]
    category = master.item_categories[item.item_category]
    number = item.item_number
    delivered = flow.quantity_after(rows, number, flow.DELIVERED_BY)
    billed = flow.quantity_after(rows, number, flow.BILLED_BY)
    referenced = flow.quantity_after(rows, number, flow.REFERENCED_BY)
    rejected = bool(item.rejection_reason)
    found = SalesItemStatus(
        number,
        rejection="C" if rejected else "A",
        delivered_quantity=delivered,
        billed_quantity=billed,
        referenced_quantity=referenced,
    )
    if category.delivery_relevant:
        found.delivery = "C" if rejected else progress(delivered, least_quantity(item))
        if found.delivery != "C":
            found.open_delivery_quantity = max(ZERO, item.quantity - delivered)
    if category.billing_relevance in ("B", "F", "G"):
        found.order_billing = "C" if rejected else progress(billed, item.quantity)
    if category.billing_relevance == billing_plan.BY_PLAN:
        dates = billing_plan.billed_values(rows, number)
        found.billed_dates = frozenset(dates)
        found.billed_value = sum(dates.values(), ZERO)
        complete = bool(item.billing_plan) and len(dates) >= len(item.billing_plan)
        found.order_billing = "C" if rejected or complete else "B" if dates else "A"
    if category.completion:
        enough = item.quantity if category.completion == "B" else ZERO
        found.reference = progress(referenced, enough)
    parts = [found.delivery, found.order_billing, found.reference]
    found.overall = "C" if rejected else (rolled_up(parts) or "C")
    return found


def sales_document(
    master: MasterData, document: SalesDocument, rows: Iterable[FlowRow]
) -> SalesStatus:
    """Return the status of *document*; *rows* are those that follow it."""
    rows = tuple(rows)
    items = {item.item_number: sales_item(master, item, rows) for item in document.items}
    each = items.values()
    return SalesStatus(
        delivery=rolled_up(item.delivery for item in each),
        order_billing=rolled_up(item.order_billing for item in each),
        rejection=rolled_up(item.rejection for item in each),
        reference=rolled_up(item.reference for item in each),
        overall=rolled_up(item.overall for item in each),
        incompletion="A" if document.incompletion else "C",
        credit=document.credit_status,
        items=items,
    )


def delivery_item(
    master: MasterData, document: Delivery, item: DeliveryItem, rows: Iterable[FlowRow]
) -> DeliveryItemStatus:
    """Return the status of one delivery item; *rows* follow its document."""
    rows = [row for row in rows if row.preceding_item == item.item_number]
    issued = flow.quantity_after(rows, item.item_number, flow.ISSUED_BY)
    billed = flow.quantity_after(rows, item.item_number, flow.BILLED_BY)
    found = DeliveryItemStatus(
        item.item_number,
        goods_movement=progress(issued, item.quantity),
        issued_quantity=issued,
        billed_quantity=billed,
    )
    if document.category == "J":
        found.picking = progress(item.picked_quantity, item.quantity)
        if master.item_categories[item.item_category].billing_relevance == "A":
            found.billing = progress(billed, item.quantity)
    return found


def delivery(master: MasterData, document: Delivery, rows: Iterable[FlowRow]) -> DeliveryStatus:
    """Return the status of a delivery; *rows* are those that follow it."""
    rows = tuple(rows)
    items = {
        item.item_number: delivery_item(master, document, item, rows) for item in document.items
    }
    each = items.values()
    return DeliveryStatus(
        picking=rolled_up(item.picking for item in each),
        goods_movement=rolled_up(item.goods_movement for item in each),
        billing=rolled_up(item.billing for item in each),
        items=items,
    )


def of_sales_document(store: Store, number: str) -> SalesStatus:
    """Return the status of a committed sales document; KeyError if unknown."""
    return sales_document(store.master, store.sales[number], store.flow.after(number))


def of_delivery(store: Store, number: str) -> DeliveryStatus:
    """Return the status of a committed delivery; KeyError if unknown."""
    return delivery(store.master, store.deliveries[number], store.flow.after(number))
