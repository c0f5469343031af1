"""
Goods movements of deliveries: issue, receipt of returns, and their reversal.

Goods issue 601 takes stock at the present price; its reversal 602 gives it back at the same value.
Returns come in by 653 (unrestricted, with value) or 651 (blocked, without value: nothing is posted
in accounting).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import stock
from connector.simulator.engine.delivery import locked
from connector.simulator.engine.logistics_records import (
    Delivery,
    DeliveryItem,
    MaterialDocument,
    MaterialDocumentItem,
    Stock,
)
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.material_documents import MOVEMENTS, check_period, save
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.sales_records import FlowRow

ZERO = Decimal(0)

#: movement -> its reversal.
REVERSALS = {"601": "602", "653": "654", "651": "652"}


def issue(work: UnitOfWork, delivery: Delivery, posting_date: date) -> MaterialDocument:
    """
    Post goods issue (or receipt, of a returns delivery) of *delivery*.

    RefusedError: M7 021 too little stock, M7 053 period closed, M3 682 valuation locked.
    """
    check_period(work, delivery.items[0].plant, posting_date)
    number = work.number("material", "MB")
    items = []
    left: dict[tuple[str, str], Stock] = {}
    for line, item in enumerate(delivery.items, start=1):
        items.append(_issued(work, delivery, item, line, left))
    document = MaterialDocument(
        number=number,
        year=posting_date.year,
        posting_date=posting_date,
        document_date=posting_date,
        items=tuple(items),
        created_at=work.now,
        created_by=work.user,
        delivery=delivery.number,
    )
    save(work, document, "WL")
    for item, moved in zip(delivery.items, items, strict=True):
        work.put_flow(_flow_row(work, delivery, item, moved, document))
    return document


def reverse(work: UnitOfWork, number: str, *, posting_date: date | None) -> Outcome:
    """Reverse goods issue, see `Session.reverse_goods_issue`."""
    delivery = locked(work, number)
    if delivery.actual_goods_issue_date is None:
        raise RefusedError(work.message("goods issue not posted", delivery.number.lstrip("0")))
    rows = work.flow_after(delivery.number)
    billed = {row.preceding_item for row in rows if row.subsequent_category in "MNOPS"}
    for item_number in sorted(billed):
        quantity = sum(
            (
                row.signed_quantity
                for row in rows
                if row.preceding_item == item_number and row.subsequent_category in "MNOPS"
            ),
            ZERO,
        )
        if quantity > 0:
            raise RefusedError(work.message("delivery already billed", item_number))
    on = posting_date or work.today
    check_period(work, delivery.items[0].plant, on)
    last = next(row.subsequent for row in reversed(rows) if row.subsequent_category == "R")
    original = work.core.store.material_documents[last]
    items = tuple(
        replace(item, movement_type=REVERSALS[item.movement_type]) for item in original.items
    )
    reversal = MaterialDocument(
        number=work.number("material", "MB"),
        year=on.year,
        posting_date=on,
        document_date=on,
        items=items,
        created_at=work.now,
        created_by=work.user,
        delivery=delivery.number,
        reversal_of=original.number,
    )
    save(work, reversal, "WL")
    for moved in items:
        item = delivery.item(moved.delivery_item)
        if item is not None:
            work.put_flow(_flow_row(work, delivery, item, moved, reversal))
    reopened = replace(
        delivery,
        actual_goods_issue_date=None,
        entered_goods_issue_date=None,
        changed_at=work.now,
        version=delivery.version + 1,
    )
    work.put("delivery", delivery.number, reopened)
    text = work.core.master.delivery_types[delivery.delivery_type].text
    row = work.message("delivery saved", text, delivery.number.lstrip("0"))
    return Outcome((row,), (delivery.number,), (reopened, reversal))


def _issued(
    work: UnitOfWork,
    delivery: Delivery,
    item: DeliveryItem,
    line: int,
    left: dict[tuple[str, str], Stock],
) -> MaterialDocumentItem:
    place = (item.plant, item.material)
    held = left.get(place) or work.core.store.stock_of(*place)
    if held is None:
        raise RefusedError(work.message("plant not allowed", item.material, item.plant))
    if work.core.settings.exclusive_valuation_lock:
        holder = work.lock("valuation", *place)
        if holder is not None:
            raise RefusedError(work.message("valuation locked", item.material, holder))
    base = item.quantity * item.base_numerator / item.base_denominator
    effect = MOVEMENTS[item.movement_type]
    if effect.sign < 0:
        # Stock that others take in units of work not yet finished is not there any more.
        free = held.unrestricted - (
            work.core.pending_issues.get(place, ZERO) if place not in left else ZERO
        )
        if base > free:
            raise RefusedError(
                work.message(
                    "stock deficit",
                    "SL Unrestricted-use",
                    base - max(free, ZERO),
                    item.base_unit,
                    f"{item.material} {item.plant}",
                )
            )
    value = ZERO
    if effect.valued:
        value = stock.value_of(held, base, work.core.master.decimals(held.currency))
    left[place] = replace(
        held,
        unrestricted=held.unrestricted + effect.sign * base if effect.valued else held.unrestricted,
        value=held.value + effect.sign * value,
    )
    return MaterialDocumentItem(
        line=line,
        material=item.material,
        plant=item.plant,
        movement_type=item.movement_type,
        quantity=base,
        unit=item.base_unit,
        amount=value,
        currency=held.currency,
        stock_type=effect.stock_type,
        delivery=delivery.number,
        delivery_item=item.item_number,
    )


def _flow_row(
    work: UnitOfWork,
    delivery: Delivery,
    item: DeliveryItem,
    moved: MaterialDocumentItem,
    document: MaterialDocument,
) -> FlowRow:
    takes_back = bool(document.reversal_of)
    return FlowRow(
        preceding=delivery.number,
        preceding_item=item.item_number,
        preceding_category=delivery.category,
        subsequent=document.number,
        subsequent_item=moved.line,
        subsequent_category="h" if takes_back else "R",
        quantity=item.quantity,
        unit=item.sales_unit,
        created_at=work.now,
        value=moved.amount,
        currency=moved.currency,
        sign="-" if takes_back else "+",
        movement_type=moved.movement_type,
        material_document_year=document.year,
        material=item.material,
    )
