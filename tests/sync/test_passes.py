"""A pass over everything: batches, failures that stay where they are, stopping, catching up."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.errors import ErpUnavailableError, RejectedError, TransientError
from connector.ports.erp import ChainSnapshot, Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import MirrorUpdate, Step
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sync.advance import Standing, advance
from connector.sync.context import PendingStep
from connector.sync.passes import run_pass
from connector.sync.progress import Stage, stage_of
from connector.sync.status import WATERMARK, pull
from tests.sync.in_memory_erp import Fault
from tests.sync.world import START, ListChannel, World, a_world, an_order, inbound


def test_chains_are_read_in_batches_and_not_one_by_one(tmp_path: Path) -> None:
    with a_world(tmp_path, read_batch=25) as world:
        world.receive(*(an_order(str(number)) for number in range(100)))
        assert world.erp.calls.count("create sales order") == 100
        assert world.erp.calls.count("read chains") <= 5


def test_only_our_documents_are_stored(world: World) -> None:
    world.receive(an_order())
    books = world.erp.books
    books.sales["0000000999"] = books.sales["0000000001"].model_copy(
        update={"number": "0000000999", "purchase_order_by_customer": "SOMEBODY"}
    )
    world.run()
    assert world.store.flows.find("999") == ()


def test_the_watermark_moves_after_what_it_covers_is_stored(world: World) -> None:
    world.receive(an_order())
    assert world.store.mirror.watermark(WATERMARK) == START.date().isoformat()

    world.later(days=1)
    [delivery] = world.erp.deliver("0000000001")
    chains = world.erp.chains.read
    world.erp.chains.read = _failing(ErpUnavailableError("gone"))  # type: ignore[method-assign]
    world.run()
    assert world.store.mirror.watermark(WATERMARK) == START.date().isoformat()

    world.erp.chains.read = chains  # type: ignore[method-assign]
    world.run()
    assert [d.number for d in world.view().deliveries] == [delivery]
    assert world.store.mirror.watermark(WATERMARK) == "2026-03-03"


def test_a_pull_mirrors_and_leaves_the_advancing_to_others(world: World) -> None:
    world.receive(an_order(paid=["119.00"]))
    [delivery] = world.erp.deliver("0000000001")
    world.erp.issue(delivery)
    world.erp.bill([delivery])

    pulled = pull(world.context)

    assert (pulled.changed_documents, pulled.flows_read) == (1, 1)
    assert stage_of(world.view()) is Stage.INVOICED
    assert world.store.flows.due(world.clock.now(), 9) == (1,)


def test_a_chain_that_cannot_be_read_hides_no_other(world: World) -> None:
    real = world.erp.chains.read

    def read(sales_documents: Sequence[str]) -> ChainSnapshot:
        if "0000000003" in sales_documents:
            raise RejectedError("no authorization for sales document 3")
        return real(sales_documents)

    world.erp.chains.read = read  # type: ignore[method-assign]
    summary = world.receive(*(an_order(str(number)) for number in range(8)))

    held = [view for view in world.store.all_views() if view.holds]
    assert [view.holds[0].reason for view in held] == ["INTERNAL_ERROR"]
    assert len(summary.tally.failures) == 1
    mirrored = [view for view in world.store.all_views() if view.sales_documents]
    assert len(mirrored) == 7


def test_a_reading_that_fails_for_the_moment_is_made_up_for(world: World) -> None:
    real = world.erp.chains.read
    world.erp.chains.read = _failing(TransientError("busy"))  # type: ignore[method-assign]
    world.receive(an_order("1"), an_order("2"))
    assert not world.view("1").sales_documents
    world.erp.chains.read = real  # type: ignore[method-assign]
    world.run()
    assert world.view("1").sales_documents
    assert not world.held_for("1")


def test_a_defect_holds_the_order_it_shows_itself_on(world: World) -> None:
    world.erp.faults.append(
        Fault("create sales order", Point.CREATE_SENT, ZeroDivisionError("a defect"))
    )
    world.receive(*(an_order(str(number)) for number in range(5)))
    assert len(world.erp.books.sales) == 4
    [held] = [view for view in world.store.all_views() if view.holds]
    assert held.holds[0].reason == "INTERNAL_ERROR"
    assert "ZeroDivisionError: a defect" in held.holds[0].message


def test_an_erp_that_does_not_show_a_new_document_yet_is_not_believed(presales: World) -> None:
    """A reading without the delivery just made must not lead to a second one."""
    real, hidden = presales.erp.chains.read, True

    def read(sales_documents: Sequence[str]) -> ChainSnapshot:
        found = real(sales_documents)
        return replace(found, deliveries=(), links=()) if hidden else found

    presales.erp.chains.read = read  # type: ignore[method-assign]
    presales.receive(an_order())
    presales.run()
    assert len(presales.erp.books.deliveries) == 1
    assert presales.view().flow.is_mirrored is False

    hidden = False
    presales.run()
    assert len(presales.erp.books.deliveries) == 1
    assert stage_of(presales.view()) is Stage.INVOICED


def test_a_reading_older_than_our_own_write_is_not_stored(presales: World) -> None:
    """Another thread read the chain before the delivery was made, and stores it afterwards."""
    later = START.date() + timedelta(days=1)
    presales.receive(an_order(schedule=[(later, "2")]))
    real = presales.erp.chains.read
    old = real(["0000000001"])
    before = presales.view()
    presales.later(days=1)
    presales.run()

    update = MirrorUpdate(before.flow.id, before.flow.writes, old)
    assert presales.store.mirror.store([update], now=presales.clock.now()) == {}
    assert presales.view().deliveries


def test_stopping_ends_what_runs_and_begins_nothing_new(world: World) -> None:
    stopping = threading.Event()

    def stop_at_first(point: Point, step: Step | PendingStep) -> None:
        if point is Point.CREATE_SENT:
            stopping.set()

    world.context = replace(world.context, on_point=stop_at_first)
    world.with_options(workers=1)
    messages = [inbound(an_order(str(number))) for number in range(20)]
    run_pass(world.context, [ListChannel(messages)], stop=stopping.is_set)

    assert len(world.erp.books.sales) == 1
    states = {step.state for view in world.store.all_views() for step in view.steps}
    assert states == {StepState.DONE}
    assert world.store.flows.count()["open"] == 20


def test_a_channel_that_cannot_be_reached_stops_no_other_and_no_order(world: World) -> None:
    class Gone(ListChannel):
        def receive(self) -> Any:
            raise TransientError("folder is not mounted")

    world.erp.is_down = True
    world.receive(an_order("1"))
    world.erp.is_down = False
    summary = run_pass(world.context, [Gone([], "shop"), ListChannel([inbound(an_order("2"))])])
    assert summary.channel_problems == ["shop: folder is not mounted"]
    assert len(world.erp.books.sales) == 2


def test_a_source_is_acknowledged_once_its_messages_are_stored(world: World) -> None:
    world.with_options(intake_batch=2)
    channel = ListChannel([inbound(an_order(str(n)), f"file-{n}.json") for n in range(5)])
    seen: list[tuple[str, int]] = []
    run_pass(world.context, [channel], progress=lambda phase, done: seen.append((phase, done)))
    assert channel.acknowledged == [f"file-{n}.json" for n in range(5)]
    assert seen[:3] == [("receive", 2), ("receive", 4), ("receive", 5)]
    assert seen[-1][0] == "advance"


def test_advancing_one_flow_alone_comes_as_far_as_a_pass(presales: World) -> None:
    presales.erp.is_down = True
    presales.receive(an_order(paid=["119.00"]))
    presales.erp.is_down = False

    result = advance(presales.context, presales.view().flow.id)

    assert (result.standing, result.written) == (Standing.COMPLETE, 7)
    assert stage_of(presales.view()) is Stage.COMPLETED
    with pytest.raises(KeyError):
        advance(presales.context, 99)


def test_advancing_one_flow_finds_a_lost_answer_by_itself(presales: World) -> None:
    presales.erp.is_down = True
    presales.receive(an_order())
    presales.erp.is_down = False
    lost = TransientError("no answer")
    presales.erp.faults.append(Fault("create quotation", Point.COMMIT_SENT, lost))

    result = advance(presales.context, presales.view().flow.id)

    assert result.standing is Standing.WAITING
    assert len([d for d in presales.erp.books.sales.values() if d.category == "B"]) == 1
    assert stage_of(presales.view()) is Stage.INVOICED


def test_a_pass_without_anything_to_do_asks_little(world: World) -> None:
    world.receive(an_order())
    world.erp.calls.clear()
    world.later(hours=2)
    summary = world.run()
    assert world.erp.calls == ["ping", "changed since", "read chains"]
    assert not summary.did_something


def test_a_closed_order_is_read_again_at_most_once_an_hour(presales: World) -> None:
    presales.receive(an_order(paid=["119.00"]))
    presales.erp.calls.clear()
    for _ in range(6):
        presales.run()
        presales.later(minutes=15)
    assert presales.erp.calls.count("read chains") == 1


def _failing(error: Exception) -> Any:
    def read(numbers: Sequence[str]) -> ChainSnapshot:
        raise error

    return read


def test_an_order_whose_doubt_is_resolved_is_gone_on_from_once(
    presales: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its inquiry has changed in the ERP as well: there are two reasons to read its chain."""

    class Died(BaseException):
        pass

    def die(point: Point, step: Step | PendingStep) -> None:
        if (step.operation, point) == (Operation.CREATE_QUOTATION, Point.READ_BACK):
            raise Died

    presales.with_options(workers=1)
    alive = replace(presales.context, owner="the next one")
    presales.context = replace(presales.context, on_point=die)
    with pytest.raises(Died):
        presales.receive(an_order())
    presales.context = alive
    sound = presales.erp.sales_documents.simulate

    def simulate(document: SalesDocument) -> PostedSalesDocument:
        if "create sales order" in presales.erp.calls:
            raise RejectedError("the quotation is completely referenced")
        return sound(document)

    monkeypatch.setattr(presales.erp.sales_documents, "simulate", simulate)
    monkeypatch.setattr(
        "connector.sync.passes.changed_flows",
        lambda context: ((presales.view().flow.id,), "watermark", 1),
    )
    presales.run()

    assert not presales.view().holds
    assert presales.erp.calls.count("create sales order") == 1
    assert stage_of(presales.view()) is Stage.INVOICED
