"""What stops an order, what lets it go on, and what a changed order does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from connector.errors import ErpMessage, MessageError, RejectedError
from connector.mappings.external_order import ExternalTotals
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind
from connector.sync.actions import cancel, release, retry
from connector.sync.progress import Stage, stage_of
from tests.sync.in_memory_erp import Fault
from tests.sync.world import START, World, an_order

NOT_DEFINED = RejectedError("refused", (ErpMessage("E", "V1", "382", "Material is not defined"),))


def test_one_bad_order_holds_itself_and_no_other(world: World) -> None:
    orders = [an_order(str(n), sku="UNKNOWN" if n == 4 else "M-01") for n in range(10)]
    world.receive(*orders)

    assert len(world.erp.books.sales) == 9
    assert world.held_for("4") == ["UNKNOWN_SKU"]
    assert stage_of(world.view("4")) is Stage.HELD
    world.run()
    assert len(world.erp.books.sales) == 9, "the second pass posts nothing"


def test_totals_that_differ_hold_before_anything_is_created(world: World) -> None:
    wrong = ExternalTotals(tax=Decimal("18.00"), grand_total=Decimal("118.00"))
    world.receive(an_order(totals=wrong))

    assert world.held_for() == ["TAX_DIFF"]
    assert not world.erp.books.sales
    assert not world.view().steps


def test_a_released_problem_is_accepted_and_the_order_goes_on(world: World) -> None:
    world.receive(an_order(attributes={"hold": "gift wrap is not mapped"}))
    assert world.held_for() == ["PLEASE_CHECK"]

    release(world.store, world.clock, _id(world), by="anna", comment="wrap by hand")
    world.run()

    assert not world.held_for()
    assert len(world.erp.books.sales) == 1
    assert EventKind.HOLD_RELEASED in world.events()


def test_a_retried_problem_that_is_still_there_holds_again(world: World) -> None:
    world.receive(an_order(attributes={"hold": "gift wrap is not mapped"}))
    retry(world.store, world.clock, _id(world), by="anna")
    world.run()
    assert world.held_for() == ["PLEASE_CHECK"]
    assert not world.erp.books.sales


def test_an_order_without_a_document_cannot_be_released_into_nothing(world: World) -> None:
    world.receive(an_order(sku="UNKNOWN"))
    release(world.store, world.clock, _id(world), by="anna", comment="go")
    world.run()
    assert world.held_for() == ["NOT_MAPPED"]


def test_a_reason_that_several_lines_have_is_named_once(world: World) -> None:
    order = an_order(sku="UNKNOWN")
    world.receive(order.model_copy(update={"lines": order.lines * 2}))
    release(world.store, world.clock, _id(world), by="anna", comment="go")
    world.run()
    [hold] = world.view().holds
    assert "because of UNKNOWN_SKU:" in hold.message


def test_releasing_what_is_not_held_is_refused(world: World) -> None:
    world.receive(an_order())
    with pytest.raises(RejectedError, match="#1001 is not held"):
        release(world.store, world.clock, _id(world), by="anna", comment="")


def test_a_corrected_order_heals_its_hold_without_a_person(world: World) -> None:
    world.receive(an_order(sku="UNKNOWN"))
    world.receive(an_order(sku="M-02"))
    assert not world.held_for()
    assert world.erp.books.sales["0000000001"].items[0].material == "M-02"


def test_a_corrected_order_heals_a_refusal_of_the_erp(world: World) -> None:
    world.erp.faults.append(Fault("create sales order", Point.CREATE_ANSWERED, NOT_DEFINED))
    world.receive(an_order(sku="OLD"))
    assert world.held_for() == ["ERP_REJECTED"]
    world.receive(an_order(sku="M-02"))
    assert world.erp.books.sales["0000000002"].items[0].material == "M-02"
    assert world.view().step(Operation.CREATE_SALES_ORDER) is not None


def test_a_changed_order_is_held_once_its_documents_exist(world: World) -> None:
    world.receive(an_order(quantity="2"))
    world.receive(an_order(quantity="3"))

    [hold] = world.view().holds
    assert hold.reason == "CHANGED_AFTER_CREATION"
    assert "items[10].requested_quantity.value 2 -> 3" in hold.message
    assert len(world.erp.books.sales) == 1

    release(world.store, world.clock, _id(world), by="anna", comment="changed in VA02")
    world.run()
    assert not world.held_for()
    assert len(world.erp.books.sales) == 1
    assert world.view().flow.checked_version == 2


def test_changing_an_order_back_heals_the_hold(world: World) -> None:
    world.receive(an_order(quantity="2", updated_at=START))
    world.receive(an_order(quantity="3", updated_at=START + timedelta(hours=1)))
    assert world.held_for() == ["CHANGED_AFTER_CREATION"]
    world.receive(an_order(quantity="2", updated_at=START + timedelta(hours=2)))
    assert not world.held_for()


def test_a_version_with_new_payments_alone_goes_on(world: World) -> None:
    world.receive(an_order())
    [delivery] = world.erp.deliver("0000000001")
    world.erp.issue(delivery)
    world.erp.bill([delivery])
    world.run()
    assert stage_of(world.view()) is Stage.INVOICED

    world.receive(an_order(paid=["119.00"]))

    assert not world.held_for()
    assert stage_of(world.view()) is Stage.COMPLETED


def test_an_order_that_changes_before_it_is_created_is_created_as_it_is_now(world: World) -> None:
    world.erp.is_down = True
    world.receive(an_order(quantity="2"))
    world.erp.is_down = False
    world.receive(an_order(quantity="3"))
    assert [d.items[0].requested_quantity.value for d in world.erp.books.sales.values()] == [3]
    assert not world.held_for()


def test_two_orders_with_one_id_and_other_content_in_one_delivery_are_two_versions(
    world: World,
) -> None:
    world.receive(an_order(quantity="2"), an_order(quantity="3"))
    assert world.view().flow.version == 2
    assert [d.items[0].requested_quantity.value for d in world.erp.books.sales.values()] == [3]


def test_a_cancelled_order_is_followed_no_more_and_names_what_exists(world: World) -> None:
    world.receive(an_order())
    documents = cancel(world.store, world.clock, _id(world), by="anna", comment="customer")
    assert documents == ("0000000001",)
    view = world.view()
    assert (stage_of(view), view.flow.cancelled) == (Stage.CANCELLED, True)
    world.erp.deliver("0000000001")
    world.later(days=1)
    world.run()
    assert world.view().flow.closed_at is not None, "changes in the ERP do not revive it"
    with pytest.raises(RejectedError, match="is cancelled"):
        retry(world.store, world.clock, _id(world), by="anna")


def test_a_new_version_of_a_cancelled_order_creates_nothing(world: World) -> None:
    world.receive(an_order(sku="UNKNOWN"))
    cancel(world.store, world.clock, _id(world), by="anna", comment="customer")
    world.receive(an_order(quantity="3"))
    assert stage_of(world.view()) is Stage.CANCELLED
    assert world.view().flow.version == 2
    assert not world.erp.books.sales


def test_a_new_version_of_a_finished_order_is_looked_at(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    presales.receive(an_order(paid=["119.00"], note="leave it at the door"))
    assert stage_of(presales.view()) is Stage.COMPLETED
    presales.receive(an_order(quantity="5", paid=["119.00"]))
    view = presales.view()
    assert sum(i.delivery_quantity.value for d in view.deliveries for i in d.items) == 5
    assert len(view.billing_documents) == 2
    assert stage_of(view) is Stage.PARTIALLY_PAID


def test_a_held_order_can_be_cancelled_and_its_steps_are_given_up(world: World) -> None:
    world.erp.faults.append(Fault("create sales order", Point.CREATE_ANSWERED, NOT_DEFINED))
    world.receive(an_order())
    assert cancel(world.store, world.clock, _id(world), by="anna", comment="") == ()
    [step] = world.view().steps
    assert step.state is StepState.ABANDONED
    assert not world.view().holds


def test_an_order_in_doubt_cannot_be_cancelled(world: World) -> None:
    world.erp.hold_commits = True
    world.receive(an_order())
    with pytest.raises(RejectedError, match="cannot be cancelled while"):
        cancel(world.store, world.clock, _id(world), by="anna", comment="")


def test_unknown_orders_are_named(world: World) -> None:
    with pytest.raises(RejectedError, match="no order with the id 77"):
        retry(world.store, world.clock, 77, by="anna")


def test_an_unreadable_message_does_not_block_its_neighbours(world: World) -> None:
    broken = MessageError("orders.json, line 2", "no JSON", "an object")
    summary = world.receive(an_order("1"), broken, an_order("2"))
    assert (summary.received.new_orders, summary.received.unreadable) == (2, 1)
    assert len(world.erp.books.sales) == 2
    assert world.store.orders.unreadable()[0].source == "orders.json, line 2"


def _id(world: World) -> int:
    return world.view().flow.id
