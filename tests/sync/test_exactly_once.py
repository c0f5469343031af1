"""Whatever goes wrong around a write, there is one document: never none for good, never two."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest

from connector.errors import (
    ErpMessage,
    ErpUnavailableError,
    LockedError,
    LogonRefusedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)
from connector.ports.erp import Point, SubmissionObserver
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind, Step
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync.actions import retry
from connector.sync.advance import Standing, advance_view
from connector.sync.context import PendingStep
from tests.sync.in_memory_books import priced
from tests.sync.in_memory_erp import Fault
from tests.sync.world import NO_RULES, PlainRoute, World, an_order

LOST = OutcomeUnknownError("the line dropped after the commit")


def test_a_lost_response_does_not_create_a_second_order(world: World) -> None:
    """The ERP commits, the answer is lost: the order is found again by its reference."""
    world.erp.faults.append(Fault("create sales order", Point.COMMIT_SENT, LOST))

    world.receive(an_order())

    assert list(world.erp.books.sales) == ["0000000001"]
    assert _state(world) is StepState.DONE
    assert EventKind.FOUND_AGAIN in world.events()


def test_a_commit_that_happens_late_is_not_overtaken_by_a_second_create(world: World) -> None:
    world.erp.hold_commits = True
    world.receive(an_order())
    world.erp.hold_commits = False
    assert _state(world) is StepState.IN_DOUBT, "finding nothing at first proves nothing"

    world.later(seconds=60)
    world.run()
    world.erp.release_held()
    world.later(seconds=300)
    world.run()

    assert list(world.erp.books.sales) == ["0000000001"]
    assert _state(world) is StepState.DONE


def test_only_two_empty_look_ups_after_the_settle_time_allow_a_second_create(world: World) -> None:
    world.erp.faults.append(Fault("create sales order", Point.AFTER_FENCE_CHECK, LOST))
    world.receive(an_order())

    looked = []
    for seconds in (0, 60, 60, 59, 1):
        world.later(seconds=seconds)
        world.run()
        looked.append((_step(world).absent_look_ups, _state(world)))

    in_doubt = StepState.IN_DOUBT
    assert looked[:4] == [(0, in_doubt), (0, in_doubt), (1, in_doubt), (1, in_doubt)]
    assert looked[4][1] is StepState.RETRY_WAIT
    world.later(seconds=60)
    world.run()
    assert len(world.erp.books.sales) == 1
    assert _state(world) is StepState.DONE


def test_two_documents_with_the_reference_are_for_a_person_to_sort_out(world: World) -> None:
    mapped = _somebody_elses(world, quantity="2")
    world.erp.books.sales["0000000077"] = mapped.model_copy(update={"number": "0000000077"})
    world.erp.faults.append(Fault("create sales order", Point.COMMIT_SENT, LOST))

    world.receive(an_order())

    assert world.held_for() == ["AMBIGUOUS"]
    [hold] = world.view().holds
    assert "0000000001, 0000000077" in hold.message

    del world.erp.books.sales["0000000077"]
    retry(world.store, world.clock, world.view().flow.id, by="anna", comment="deleted 77")
    world.run()
    assert _state(world) is StepState.DONE
    assert len(world.erp.books.sales) == 1


def test_a_document_with_other_content_is_never_taken_for_ours(world: World) -> None:
    world.erp.faults.append(Fault("create sales order", Point.AFTER_FENCE_CHECK, LOST))
    world.erp.books.sales["0000000050"] = _somebody_elses(world, quantity="3")

    world.receive(an_order(quantity="2"))

    assert world.held_for() == ["AMBIGUOUS"]
    assert "items[10].requested_quantity" in world.view().holds[0].message


def test_a_refusal_holds_the_order_with_the_erps_words_and_posts_nothing(world: World) -> None:
    message = ErpMessage("E", "V1", "382", "Material M-01 is not defined for sales org.")
    world.erp.faults.append(
        Fault("create sales order", Point.CREATE_ANSWERED, RejectedError("refused", (message,)))
    )
    world.receive(an_order("1001"), an_order("1002"))

    assert world.held_for("1001") + world.held_for("1002") == ["ERP_REJECTED"]
    held = "1001" if world.held_for("1001") else "1002"
    assert "Material M-01 is not defined" in world.view(held).holds[0].message
    assert len(world.erp.books.sales) == 1, "the neighbour went through"

    retry(world.store, world.clock, world.view(held).flow.id, by="anna")
    world.run()
    assert len(world.erp.books.sales) == 2


def test_a_lock_is_waited_for_ever_longer_and_then_holds(world: World) -> None:
    world.with_options(max_attempts=3)
    world.erp.faults += [
        Fault("create sales order", Point.CREATE_ANSWERED, LockedError("order 1", "SMITH"))
        for _ in range(3)
    ]
    world.receive(an_order())
    waits = []
    for _ in range(2):
        step = _step(world)
        assert step.due_at is not None
        waits.append((step.due_at - world.clock.now()).total_seconds())
        world.clock.move_to(step.due_at)
        world.run()

    assert waits == [30, 60]
    assert world.held_for() == ["ATTEMPTS_USED_UP"]
    assert "locked by SMITH" in world.view().holds[0].message

    retry(world.store, world.clock, world.view().flow.id, by="anna")
    world.run()
    assert _state(world) is StepState.DONE


def test_an_erp_that_is_down_parks_nothing_and_uses_no_attempt(world: World) -> None:
    world.erp.is_down = True
    for _ in range(20):
        summary = world.receive(an_order("1001"), an_order("1002"))
        assert summary.erp_problem == "the ERP cannot be reached"
        world.later(minutes=5)
    assert world.store.flows.count()["open"] == 2
    assert not world.view("1001").steps

    world.erp.is_down = False
    world.run()
    assert len(world.erp.books.sales) == 2


def test_an_erp_that_goes_down_in_the_middle_counts_no_attempt(world: World) -> None:
    down = ErpUnavailableError("connection refused")
    world.erp.faults.append(Fault("create sales order", Point.CONNECTION_OPEN, down))

    summary = world.receive(an_order())

    assert summary.erp_problem == "connection refused"
    step = _step(world)
    assert (step.state, step.attempt) == (StepState.RETRY_WAIT, 0)
    assert not world.held_for()
    world.run()
    assert _state(world) is StepState.DONE


def test_a_refused_logon_stops_at_once(world: World) -> None:
    world.erp.logon_error = LogonRefusedError("erp.rfc.password", "the ERP refused the password")

    with pytest.raises(LogonRefusedError):
        world.receive(*(an_order(str(number)) for number in range(10)))

    assert world.erp.calls == ["ping"], "each further try would count towards the user's lock"
    assert world.store.flows.count()["open"] == 10


def test_a_logon_refused_in_the_middle_stops_the_pass_and_parks_nothing(world: World) -> None:
    refused = LogonRefusedError("erp.rfc.password", "the ERP refused the password")
    world.erp.faults.append(Fault("create sales order", Point.CONNECTION_OPEN, refused))

    with pytest.raises(LogonRefusedError):
        world.receive(an_order())

    assert (_state(world), _step(world).attempt) == (StepState.RETRY_WAIT, 0)


@pytest.mark.parametrize(
    "error", [RejectedError("E"), TransientError("T"), ErpUnavailableError("U")]
)
def test_any_error_after_the_commit_left_is_a_doubt(world: World, error: Exception) -> None:
    """A transport may say that nothing was posted; after the commit left nobody knows that."""
    world.erp.faults.append(Fault("create sales order", Point.COMMIT_SENT, error))
    world.receive(an_order())
    assert EventKind.STEP_IN_DOUBT in world.events()
    assert len(world.erp.books.sales) == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (RejectedError("E", code="PRICE_MISSING"), StepState.REJECTED),
        (TransientError("T", (), 7200), StepState.RETRY_WAIT),
        (ErpUnavailableError("U"), StepState.RETRY_WAIT),
    ],
)
def test_the_erps_own_no_after_the_commit_left_is_no_doubt(
    world: World, error: Exception, state: StepState
) -> None:
    """Over OData and SOAP one request creates and commits, and the ERP may refuse it."""
    world.erp.faults.append(Fault("create sales order", Point.COMMIT_REFUSED, error))
    world.receive(an_order())
    assert _state(world) is state
    assert EventKind.STEP_IN_DOUBT not in world.events()
    assert not world.erp.books.sales


def test_no_try_is_made_before_the_time_that_the_erp_asked_for(world: World) -> None:
    error = TransientError("too many requests", (), 7200)
    world.erp.faults.append(Fault("create sales order", Point.CREATE_ANSWERED, error))
    world.receive(an_order())
    world.later(seconds=7000)
    world.run()
    assert _state(world) is StepState.RETRY_WAIT
    world.later(seconds=300)
    world.run()
    assert _state(world) is StepState.DONE


def test_a_worker_that_lost_its_lease_rolls_back_before_the_commit(world: World) -> None:
    """The zombie: it hangs in the create, its lease ends, another does the work, it wakes up."""
    meanwhile: list[World] = []

    def hang(point: Point, step: Step | PendingStep) -> None:
        if point is Point.CREATE_ANSWERED and not meanwhile:
            meanwhile.append(world)
            world.later(seconds=world.context.options.lease_s + 1)
            other = replace(world, context=replace(world.context, owner="other", on_point=_ignore))
            other.run()

    world.context = replace(world.context, on_point=hang)
    world.receive(an_order())

    assert list(world.erp.books.sales) == ["0000000002"], "number 1 was rolled back by the zombie"
    assert _state(world) is StepState.DONE
    assert _step(world).numbers == ("0000000002",)


@pytest.mark.parametrize("point", [Point.AFTER_CLAIM, Point.AFTER_INTENT, Point.READ_BACK])
def test_a_worker_that_was_overtaken_stops_without_holding_the_order(
    world: World, point: Point
) -> None:
    """Wherever it hung, the other has done the work: that is nothing for a person to look at."""
    meanwhile: list[World] = []

    def hang(at: Point, step: Step | PendingStep) -> None:
        if at is point and not meanwhile:
            meanwhile.append(world)
            world.later(seconds=world.context.options.lease_s + 1)
            other = replace(world, context=replace(world.context, owner="other", on_point=_ignore))
            other.run()

    world.context = replace(world.context, on_point=hang)
    world.receive(an_order())

    assert not world.view().holds
    assert _step(world).numbers == tuple(world.erp.books.sales)
    assert len(world.erp.books.sales) == 1


def test_a_goods_issue_that_somebody_posted_before_us_counts_as_done(
    presales: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transport finds it posted, and commits nothing."""

    def post(delivery: Delivery, actual_date: date, observer: SubmissionObserver) -> None:
        presales.erp.issue(delivery.number)

    monkeypatch.setattr(presales.erp.deliveries, "post_goods_issue", post)
    presales.receive(an_order())

    view = presales.view()
    assert not view.holds
    step = view.step(Operation.POST_GOODS_ISSUE)
    assert step is not None
    assert step.state is StepState.DONE
    assert EventKind.FOUND_AGAIN in presales.events()
    assert view.billing_documents, "the order goes on"


def test_two_workers_at_one_flow_create_one_document(world: World) -> None:
    """Both see the flow as due; the unique index lets one of them claim."""
    world.erp.is_down = True
    world.receive(an_order())
    world.erp.is_down = False
    [view] = world.store.flows.views([world.view().flow.id])
    at_once = threading.Barrier(2)

    def together(point: Point, step: Step | PendingStep) -> None:
        if point is Point.BEFORE_CLAIM:
            at_once.wait(10)

    standings: list[Standing] = []

    def work(name: str) -> None:
        context = replace(world.context, owner=name, on_point=together)
        standings.append(advance_view(context, view).standing)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(standings) == [Standing.BUSY, Standing.UNREAD]
    assert len(world.erp.books.sales) == 1


def test_two_orders_with_one_reference_are_not_mixed_up(world: World) -> None:
    """Documents are found again by their reference: it must be one order's alone."""
    world.receive(an_order("1001"))
    same = {"shop": PlainRoute(NO_RULES, "standard", prefix="")}
    world.context = replace(world.context, routes=same)

    world.receive(an_order("W-1001"))

    assert world.held_for("W-1001")[0] == "REFERENCE_TAKEN"
    assert len(world.erp.books.sales) == 1


@pytest.mark.parametrize(
    ("operation", "state_of"),
    [
        ("create delivery", Operation.CREATE_DELIVERY),
        ("post goods issue", Operation.POST_GOODS_ISSUE),
        ("create billing document", Operation.CREATE_BILLING_DOCUMENT),
        ("post payment", Operation.POST_PAYMENT),
    ],
)
@pytest.mark.parametrize("committed", [True, False])
def test_follow_on_documents_are_found_again_or_sent_again(
    presales: World, operation: str, state_of: Operation, committed: bool
) -> None:
    point = Point.COMMIT_SENT if committed else Point.AFTER_FENCE_CHECK
    presales.erp.faults.append(Fault(operation, point, LOST))

    presales.receive(an_order(paid=["119.00"]))
    assert EventKind.STEP_IN_DOUBT in presales.events()
    for _ in range(8):
        presales.later(seconds=60)
        presales.run()

    books = presales.erp.books
    assert (len(books.deliveries), len(books.billing)) == (1, 1)
    assert sum(item.document_type == "DZ" for item in books.items.values()) == 1
    assert presales.view().flow.closed_at is not None
    step = presales.view().step(state_of)
    assert step is not None
    assert step.attempt == (1 if committed else 2)


def test_a_look_up_that_fails_is_not_taken_for_an_empty_one(world: World) -> None:
    world.erp.faults.append(Fault("create sales order", Point.COMMIT_SENT, LOST))

    def go_down(point: Point, step: Step | PendingStep) -> None:
        if point is Point.AFTER_FENCE_CHECK:
            world.erp.is_down = True

    world.context = replace(world.context, on_point=go_down)
    world.receive(an_order())
    world.context = replace(world.context, on_point=_ignore)
    world.erp.is_down = True
    for _ in range(10):
        world.later(minutes=10)
        world.run()

    assert (_state(world), _step(world).absent_look_ups) == (StepState.IN_DOUBT, 0)
    world.erp.is_down = False
    world.run()
    assert len(world.erp.books.sales) == 1
    assert _state(world) is StepState.DONE


def _ignore(point: Point, step: Step | PendingStep) -> None:
    """Nothing happens."""


def _step(world: World) -> Step:
    step = world.view().step(Operation.CREATE_SALES_ORDER)
    assert step is not None
    return step


def _state(world: World) -> StepState:
    return _step(world).state


def _somebody_elses(world: World, quantity: str) -> PostedSalesDocument:
    mapped = world.context.routes["shop"].map(
        an_order(quantity=quantity), [DocumentCategory.SALES_ORDER]
    )
    document = mapped.document(DocumentCategory.SALES_ORDER)
    assert document is not None
    return priced(document, "0000000050", world.erp.today())


@pytest.mark.parametrize("exists", [True, False], ids=["made before", "never made"])
def test_a_store_that_forgot_an_order_looks_before_it_creates_it(
    world: World, exists: bool
) -> None:
    """The store was restored from a backup; the order may have been created since."""
    world.with_options(look_before_create=True)
    if exists:
        world.erp.books.sales["0000000050"] = _somebody_elses(world, quantity="2")

    world.receive(an_order())
    for _ in range(4):
        world.later(seconds=60)
        world.run()

    expected = "0000000050" if exists else "0000000001"
    assert list(world.erp.books.sales) == [expected]
    assert _step(world).numbers == (expected,)
    assert _state(world) is StepState.DONE
