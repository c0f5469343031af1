"""What a person has the connector take back: done once, and refused with what has to come first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.errors import ErpMessage, OutcomeUnknownError, RejectedError
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind
from connector.resources import shipped
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory
from connector.sync import requests
from connector.sync.actions import release, retry
from connector.sync.plan import Plan, Reversals, load_plan
from connector.sync.progress import Stage, stage_of
from tests.sync.in_memory_erp import Fault
from tests.sync.world import World, a_world, an_order

INVOICE = "0090000001"
DELIVERY = "0080000001"
CANCEL = Operation.CANCEL_BILLING_DOCUMENT


def whole_chain(**changes: object) -> Plan:
    plan = load_plan(shipped("config/plans/presales.yaml"))
    return plan.model_copy(update={"name": "whole", **changes})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path, plan="whole", plans=[whole_chain()]) as found:
        yield found


def cancel(world: World, number: str = INVOICE, *, rebill: bool = True) -> None:
    requests.cancel_billing(
        world.store,
        world.clock,
        world.view(),
        world.context.plan("whole"),
        number,
        today=world.context.today(),
        by="anna",
        reason="wrong address",
        rebill=rebill,
    )


def cancel_in_vain(world: World) -> None:
    """Ask for a cancellation that the ERP refuses."""
    world.receive(an_order())
    refusal = RejectedError("refused", (ErpMessage("E", "VF", "082", "Period is closed"),))
    world.erp.faults.append(Fault("cancel billing document", Point.CREATE_ANSWERED, refusal))
    cancel(world)
    world.run()


def reverse(world: World, number: str = DELIVERY) -> None:
    requests.reverse_goods_issue(
        world.store,
        world.clock,
        world.view(),
        world.context.plan("whole"),
        number,
        today=world.context.today(),
        by="anna",
        reason="not loaded",
    )


def steps(world: World, operation: Operation) -> list[StepState]:
    return [step.state for step in world.view().steps if step.operation is operation]


def test_a_cancelled_invoice_is_billed_again(world: World) -> None:
    world.receive(an_order())
    cancel(world)
    world.run()

    documents = sorted(world.view().billing_documents, key=lambda d: d.number)
    assert [(d.number, d.category, d.is_cancelled) for d in documents] == [
        (INVOICE, DocumentCategory.INVOICE, True),
        ("0090000002", DocumentCategory.INVOICE_CANCELLATION, False),
        ("0090000003", DocumentCategory.INVOICE, False),
    ]
    assert not world.held_for()
    assert steps(world, CANCEL) == [StepState.DONE]


def test_without_billing_again_a_person_is_asked_first(world: World) -> None:
    world.receive(an_order())
    cancel(world, rebill=False)
    world.run()
    assert world.held_for() == ["INVOICE_CANCELLED"]
    assert len(world.erp.books.billing) == 2

    release(world.store, world.clock, world.view().flow.id, by="anna", comment="now")
    world.run()
    assert len(world.erp.books.billing) == 3


def test_who_asked_and_why_is_kept(world: World) -> None:
    world.receive(an_order())
    cancel(world)
    [event] = [e for e in world.log() if e.kind is EventKind.REVERSAL_REQUESTED]
    assert event.document == INVOICE
    assert event.detail == {
        "operation": "cancel billing document",
        "by": "anna",
        "comment": "wrong address",
    }


def test_a_paid_invoice_needs_its_clearing_reset_first(world: World) -> None:
    world.receive(an_order(paid=["119.00"]))
    assert stage_of(world.view()) is Stage.COMPLETED
    with pytest.raises(RejectedError, match=r"is cleared by 1400000001 .* reset that clearing"):
        cancel(world)


def test_an_invoice_is_cancelled_once(world: World) -> None:
    world.receive(an_order())
    cancel(world)
    with pytest.raises(RejectedError, match="was asked for before"):
        cancel(world)
    world.run()
    with pytest.raises(RejectedError, match="is cancelled already"):
        cancel(world)
    with pytest.raises(RejectedError, match="is itself a cancellation"):
        cancel(world, "90000002")


def test_a_number_of_somebody_else_is_refused(world: World) -> None:
    world.receive(an_order())
    with pytest.raises(RejectedError, match="#1001 has no billing document 4711"):
        cancel(world, "4711")
    with pytest.raises(RejectedError, match="#1001 has no delivery 4711"):
        reverse(world, "4711")


def test_a_plan_can_leave_reversals_to_the_erp(tmp_path: Path) -> None:
    plan = whole_chain(reversals=Reversals.REFUSE)
    with a_world(tmp_path, plan="whole", plans=[plan]) as world:
        world.receive(an_order())
        with pytest.raises(RejectedError, match="the plan whole lets nothing be cancelled"):
            cancel(world)


@pytest.mark.parametrize("committed", [True, False])
def test_a_cancellation_that_lost_its_answer_is_made_once(world: World, committed: bool) -> None:
    world.receive(an_order())
    world.erp.hold_commits = True
    cancel(world)
    world.run()
    world.erp.hold_commits = False
    if committed:
        world.erp.release_held()
    world.erp.held.clear()
    for _ in range(5):
        world.later(minutes=3)
        world.run()
    cancellations = [d for d in world.erp.books.billing.values() if d.cancelled_document]
    assert len(cancellations) == 1
    assert steps(world, CANCEL) == [StepState.DONE]
    assert len(world.erp.books.billing) == 3


def test_what_the_erp_refuses_can_be_let_go(world: World) -> None:
    cancel_in_vain(world)
    [hold] = world.view().holds
    assert "Period is closed" in hold.message
    assert "release to go on without it" in hold.message

    release(world.store, world.clock, world.view().flow.id, by="anna", comment="next month")
    world.run()
    assert steps(world, CANCEL) == [StepState.ABANDONED]
    assert len(world.erp.books.billing) == 1


def test_what_the_erp_refuses_can_be_tried_again(world: World) -> None:
    cancel_in_vain(world)
    retry(world.store, world.clock, world.view().flow.id, by="anna")
    world.run()
    assert steps(world, CANCEL) == [StepState.DONE]


def test_a_goods_issue_is_taken_back_and_not_posted_again_by_itself(world: World) -> None:
    plan = whole_chain()
    assert plan.billing.is_created
    world.receive(an_order())
    cancel(world, rebill=False)
    world.run()
    reverse(world)
    world.run()
    assert world.erp.books.deliveries[DELIVERY].goods_movement_status is Status.NOT_YET
    assert world.held_for() == ["INVOICE_CANCELLED"], "as before: nothing is billed unasked"

    release(world.store, world.clock, world.view().flow.id, by="anna", comment="wait for goods")
    world.later(days=1)
    world.run()
    assert steps(world, Operation.POST_GOODS_ISSUE) == [StepState.DONE]
    assert world.erp.books.deliveries[DELIVERY].goods_movement_status is Status.NOT_YET


def test_a_billed_delivery_is_not_taken_back(world: World) -> None:
    world.receive(an_order())
    with pytest.raises(RejectedError, match="is billed: cancel billing document 90000001 first"):
        reverse(world)


def test_a_reversal_that_lost_its_answer_is_looked_for(tmp_path: Path) -> None:
    plan = whole_chain(billing=whole_chain().billing.model_copy(update={"wait_days": 9}))
    with a_world(tmp_path, plan="whole", plans=[plan]) as world:
        world.receive(an_order())
        lost = OutcomeUnknownError("lost")
        world.erp.faults.append(Fault("reverse goods issue", Point.COMMIT_SENT, lost))
        reverse(world)
        world.run()
        world.later(minutes=3)
        world.run()
        assert steps(world, Operation.REVERSE_GOODS_ISSUE) == [StepState.DONE]
        with pytest.raises(RejectedError, match="is not posted: nothing to take back"):
            reverse(world)


def test_a_billing_block_is_released_once(world: World) -> None:
    world.receive(an_order(paid=()))
    order = world.erp.books.sales["0000000001"]
    world.erp.books.sales["0000000001"] = order.model_copy(update={"billing_block_reason": "08"})
    world.later(minutes=1)
    world.run()

    def ask() -> None:
        requests.release_billing_block(
            world.store, world.clock, world.view(), "1", by="anna", reason="checked"
        )

    ask()
    with pytest.raises(RejectedError, match="was asked for before"):
        ask()
    world.run()
    assert not world.erp.books.sales["0000000001"].billing_block_reason
    with pytest.raises(RejectedError, match="has no billing block"):
        ask()
