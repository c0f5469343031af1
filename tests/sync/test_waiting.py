"""What an open order waits for, in words that say whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import ErpMessage, LockedError, RejectedError
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.status import CreditStatus, Status
from connector.sync.waiting import waiting_for
from tests.sync.in_memory_erp import Fault
from tests.sync.world import START, World, an_order


def of(world: World) -> str:
    return waiting_for(world.view(), world.clock.now())


def with_order(view: FlowView, **changes: object) -> FlowView:
    """Return *view* with a changed sales order, of which nothing is delivered."""
    [order] = [d for d in view.sales_documents if d.category.value == "C"]
    items = tuple(
        item.model_copy(update={"delivery_status": Status.NOT_YET}) for item in order.items
    )
    changed = order.model_copy(update={"items": items, **changes})
    return replace(view, sales_documents=(changed,), deliveries=(), links=(), billing_documents=())


def test_a_paid_order_waits_for_nothing(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    assert of(presales) == ""


def test_an_invoiced_order_waits_for_its_payment(presales: World) -> None:
    presales.receive(an_order())
    assert of(presales).startswith("payment of 119.00 EUR, due on ")


def test_a_held_order_waits_for_a_decision(presales: World) -> None:
    presales.receive(an_order(sku="UNKNOWN"))
    assert of(presales) == "a decision: UNKNOWN_SKU"


def test_a_refused_order_waits_for_a_decision(presales: World) -> None:
    refusal = RejectedError("no", (ErpMessage("E", "V1", "384", "no"),))
    presales.erp.faults.append(Fault(Operation.CREATE_SALES_ORDER, Point.CREATE_ANSWERED, refusal))
    presales.receive(an_order())
    assert of(presales).startswith("a decision: ")


def test_a_locked_order_waits_for_its_next_try(presales: World) -> None:
    locked = LockedError("a document", "SMITH")
    presales.erp.faults.append(Fault(Operation.CREATE_SALES_ORDER, Point.CREATE_ANSWERED, locked))
    presales.receive(an_order())
    assert of(presales).startswith("the next try to create sales order at 2026-03-02 08:")


@pytest.mark.parametrize(
    ("changes", "awaited"),
    [
        ({"credit_status": CreditStatus.NOT_OK}, "by credit management"),
        ({"delivery_block_reason": "01"}, "delivery block 01 of document"),
        ({}, "the delivery of item 10 of document"),
    ],
)
def test_an_undelivered_order_waits_for_what_blocks_it(
    presales: World, changes: dict[str, object], awaited: str
) -> None:
    presales.receive(an_order())
    view = with_order(presales.view(), **changes)
    assert awaited in waiting_for(view, presales.clock.now())


def test_a_doubt_waits_for_a_look_up(presales: World) -> None:
    presales.receive(an_order())
    view = presales.view()
    doubtful = replace(view.steps[0], state=StepState.IN_DOUBT)
    text = waiting_for(replace(view, steps=(doubtful,)), START + timedelta(days=1))
    assert text == f"a look-up: was {doubtful.operation} posted?"
