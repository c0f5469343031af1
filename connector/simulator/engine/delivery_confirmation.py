"""Confirming picking and goods issue of a delivery, changing and deleting a delivery."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import goods_movement
from connector.simulator.engine.delivery import locked
from connector.simulator.engine.delivery_quantities import check_larger
from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError

ZERO = Decimal(0)


def confirm(
    work: UnitOfWork,
    number: str,
    *,
    post_goods_issue: bool,
    picked: Mapping[int, Decimal],
    actual_goods_issue_date: date | None,
    bill_of_lading: str,
    deleted: Collection[int] = (),
) -> Outcome:
    """Confirm picking and goods issue, see `Session.confirm_delivery`."""
    delivery = locked(work, number)
    if delivery.actual_goods_issue_date is not None:
        raise RefusedError(work.message("goods issue already posted", number.lstrip("0")))
    _check_items(work, delivery, (*picked, *deleted))
    items: list[DeliveryItem] = []
    for item in delivery.items:
        if item.item_number in deleted:
            continue
        quantity = picked.get(item.item_number, item.quantity)
        if not ZERO <= quantity <= item.quantity:
            raise RefusedError(
                work.message("picked quantity invalid", item.item_number, item.quantity)
            )
        if quantity:
            items.append(replace(item, quantity=quantity, picked_quantity=quantity))
    if not items:
        raise RefusedError(work.message("picked quantity invalid", "000000", "all"))
    confirmed = replace(
        delivery,
        items=tuple(items),
        bill_of_lading=bill_of_lading or delivery.bill_of_lading,
        changed_at=work.now,
        version=delivery.version + 1,
    )
    _reopen_orders(work, confirmed)
    text = work.core.master.delivery_types[delivery.delivery_type].text
    saved = work.message("delivery saved", text, delivery.number.lstrip("0"))
    if not post_goods_issue:
        work.put("delivery", delivery.number, confirmed)
        return Outcome((saved,), (delivery.number,), (confirmed,))
    posting_date = actual_goods_issue_date or delivery.entered_goods_issue_date or work.today
    movement = goods_movement.issue(work, confirmed, posting_date)
    confirmed = replace(confirmed, actual_goods_issue_date=posting_date)
    work.put("delivery", delivery.number, confirmed)
    return Outcome((saved,), (delivery.number,), (confirmed, movement))


def change(
    work: UnitOfWork, number: str, quantities: Mapping[int, Decimal], deleted: Collection[int]
) -> Outcome:
    """Change quantities and delete items, see `Session.change_delivery`."""
    delivery = locked(work, number)
    shown = delivery.number.lstrip("0")
    if delivery.actual_goods_issue_date is not None:
        raise RefusedError(work.message("goods issue already posted", shown))
    _check_items(work, delivery, (*quantities, *deleted))
    items = []
    notes: list[Message] = []
    for item in delivery.items:
        if item.item_number in deleted:
            continue
        quantity = quantities.get(item.item_number, item.quantity)
        if quantity <= 0:
            raise RefusedError(work.message("quantity invalid", item.item_number))
        if quantity > item.quantity:
            check_larger(work, item, quantity, notes)
        picked = min(item.picked_quantity, quantity)
        items.append(replace(item, quantity=quantity, picked_quantity=picked))
    if not items:
        return delete(work, number)
    changed = replace(
        delivery, items=tuple(items), changed_at=work.now, version=delivery.version + 1
    )
    _reopen_orders(work, changed)
    work.put("delivery", delivery.number, changed)
    text = work.core.master.delivery_types[delivery.delivery_type].text
    saved = work.message("delivery saved", text, shown)
    return Outcome((*notes, saved), (delivery.number,), (changed,))


def _check_items(work: UnitOfWork, delivery: Delivery, numbers: Iterable[int]) -> None:
    for item_number in numbers:
        if delivery.item(item_number) is None:
            raise RefusedError(
                work.message("item unknown", item_number, delivery.number.lstrip("0"))
            )


def delete(work: UnitOfWork, number: str) -> Outcome:
    """Delete a delivery, see `Session.delete_delivery`."""
    delivery = locked(work, number)
    if delivery.actual_goods_issue_date is not None:
        raise RefusedError(work.message("delivery cannot be deleted", number.lstrip("0")))
    for row in work.core.store.flow.before(delivery.number):
        work.drop("flow", row.key)
    work.drop("delivery", delivery.number)
    return Outcome((work.message("delivery deleted", number.lstrip("0")),), (delivery.number,))


def _reopen_orders(work: UnitOfWork, confirmed: Delivery) -> None:
    """Let the document flow say what is still delivered after picking less."""
    for row in work.core.store.flow.before(confirmed.number):
        item = confirmed.item(row.subsequent_item)
        if item is None:
            work.drop("flow", row.key)
        elif item.quantity != row.quantity:
            work.put_flow(replace(row, quantity=item.quantity), replaces=True)
