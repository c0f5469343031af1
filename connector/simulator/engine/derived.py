"""
What follows from a document for planning: stock it needs, credit it uses, lists it is due on.

Recomputed for each document that a unit of work touched, so that totals are kept without scans.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from connector.simulator.engine import billing_plan, flow, status
from connector.simulator.engine.logistics_records import Delivery
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.sales_records import FlowRow, SalesDocument, SalesItem

ZERO = Decimal(0)

#: plant and material.
StockKey = tuple[str, str]


@dataclass(slots=True)
class Contribution:
    """One document's part in the totals. `credit` is (credit account, currency) -> amount."""

    requirements: dict[StockKey, Decimal] = field(default_factory=dict)
    credit: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    delivery_due: bool = False
    goods_issue_due: bool = False
    billing_due: bool = False
    unconfirmed: bool = False
    credit_blocked: bool = False


def of_sales_document(
    master: MasterData, document: SalesDocument, after: flow.FlowAfter
) -> Contribution:
    """Return the part of a sales document; *after* gives what follows a document."""
    rows = after(document.number)
    order_type = master.order_types[document.document_type]
    part = Contribution(credit_blocked=document.credit_status == "B")
    statuses = status.sales_document(master, document, rows).items
    for item in document.items:
        found = statuses[item.item_number]
        if item.rejection_reason:
            continue
        confirmed = item.confirmed_quantity
        if found.delivery in ("A", "B"):
            if order_type.delivery_type and confirmed > found.delivered_quantity:
                part.delivery_due = True
            if order_type.requirements and _from_stock(item) < item.quantity:
                part.unconfirmed = True
        if found.order_billing in ("A", "B"):
            part.billing_due = True
        if order_type.requirements:
            needed = stock_requirement(item, found.delivered_quantity)
            if found.delivery == "C":
                # Within the tolerance for less: what is missing will not be delivered.
                needed = ZERO
            if needed:
                key = (item.plant, item.material)
                part.requirements[key] = part.requirements.get(key, ZERO) + needed
    if order_type.credit_check and document.credit_account:
        amount = sum(
            (open_credit_value(document.number, item, after) for item in document.items),
            ZERO,
        )
        if amount:
            part.credit[document.credit_account, document.currency] = amount
    return part


def _from_stock(item: SalesItem) -> Decimal:
    return sum(
        (
            line.confirmed_quantity
            for line in item.schedule_lines
            if line.covered_by != "replenishment"
        ),
        ZERO,
    )


def stock_requirement(item: SalesItem, delivered: Decimal) -> Decimal:
    """Return what the item still claims of present stock, in the base unit."""
    claimed = sum(
        (line.confirmed_quantity for line in item.schedule_lines if line.covered_by == "stock"),
        ZERO,
    )
    rest = claimed - delivered
    return rest * item.base_numerator / item.base_denominator if rest > 0 else ZERO


def open_credit_value(number: str, item: SalesItem, after: flow.FlowAfter) -> Decimal:
    """Return the value with tax that is ordered and not yet billed; zero when rejected."""
    if item.rejection_reason or not item.quantity:
        return ZERO
    if item.billing_plan:
        billed = sum(billing_plan.billed_values(after(number), item.item_number).values(), ZERO)
        share = billed / item.net_value if item.net_value else ZERO
        return max(ZERO, (item.net_value + item.tax_amount) * (1 - share))
    rest = item.quantity - flow.billed_quantity(after, number, item.item_number)
    return (item.net_value + item.tax_amount) * rest / item.quantity if rest > 0 else ZERO


def of_delivery(master: MasterData, document: Delivery, rows: tuple[FlowRow, ...]) -> Contribution:
    """Return the part of a delivery; *rows* follow it."""
    part = Contribution()
    found = status.delivery(master, document, rows)
    part.goods_issue_due = found.goods_movement in ("A", "B")
    part.billing_due = found.goods_movement == "C" and found.billing in ("A", "B")
    if document.category == "J" and part.goods_issue_due:
        for item in document.items:
            key = (item.plant, item.material)
            base = item.quantity * item.base_numerator / item.base_denominator
            part.requirements[key] = part.requirements.get(key, ZERO) + base
    return part
