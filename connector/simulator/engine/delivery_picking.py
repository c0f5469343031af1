"""Picking a delivery item by item, and changing its header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from connector.simulator.engine.delivery import locked
from connector.simulator.engine.logistics_records import Delivery
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.specs import DeliveryHeaderChange

ZERO = Decimal(0)


def pick(work: UnitOfWork, number: str, picked: Mapping[int, Decimal] | None) -> Outcome:
    """Set picked quantities, see `Session.pick_delivery`."""
    delivery = _open(work, number)
    wanted = picked
    if wanted is None:
        wanted = {item.item_number: item.quantity for item in delivery.items}
    for item_number in wanted:
        if delivery.item(item_number) is None:
            raise RefusedError(
                work.message("item unknown", item_number, delivery.number.lstrip("0"))
            )
    items = []
    for item in delivery.items:
        quantity = wanted.get(item.item_number, item.picked_quantity)
        if not ZERO <= quantity <= item.quantity:
            raise RefusedError(
                work.message("picked quantity invalid", item.item_number, item.quantity)
            )
        items.append(replace(item, picked_quantity=quantity))
    return _saved(work, delivery, items=tuple(items))


def change_header(work: UnitOfWork, number: str, change: DeliveryHeaderChange) -> Outcome:
    """Change the header, see `Session.change_delivery_header`."""
    delivery = _open(work, number)
    block = change.delivery_block
    if block and ("delivery block", block) not in work.core.master.codes:
        raise RefusedError(work.message("code unknown", "Delivery block", block))
    given = {each.name: getattr(change, each.name) for each in fields(change)}
    return _saved(
        work, delivery, **{name: value for name, value in given.items() if value is not None}
    )


def _open(work: UnitOfWork, number: str) -> Delivery:
    delivery = locked(work, number)
    if delivery.actual_goods_issue_date is not None:
        raise RefusedError(work.message("goods issue already posted", delivery.number.lstrip("0")))
    return delivery


def _saved(work: UnitOfWork, delivery: Delivery, **changes: Any) -> Outcome:
    changed = replace(delivery, changed_at=work.now, version=delivery.version + 1, **changes)
    work.put("delivery", delivery.number, changed)
    text = work.core.master.delivery_types[delivery.delivery_type].text
    row = work.message("delivery saved", text, delivery.number.lstrip("0"))
    return Outcome((row,), (delivery.number,), (changed,))
