"""Flows fall due, sleep and wake; events stay as they were written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from connector.ports.store_records import (
    EventKind,
    FlowChange,
    NewEvent,
    NewHold,
    ReferenceTakenError,
)
from connector.store.sql_store import SqlStore
from tests.sync.world import CHANNEL, START, an_order, inbound

LATER = START + timedelta(hours=1)


@pytest.fixture(autouse=True)
def three_orders(store: SqlStore) -> None:
    orders = [inbound(an_order(number)) for number in ("1", "2", "3")]
    store.orders.receive(orders, channel=CHANNEL, plan="standard", now=START)


def test_due_flows_come_page_by_page(store: SqlStore) -> None:
    assert store.flows.due(START, 2) == (1, 2)
    assert store.flows.due(START, 2, after_id=2) == (3,)
    assert store.flows.due(START - timedelta(seconds=1), 9) == ()


def test_held_closed_and_sleeping_flows_are_not_due(store: SqlStore) -> None:
    store.holds.open(1, NewHold("CHECK", "look at it"), now=START)
    store.flows.change(2, FlowChange(due_at=LATER), now=START)
    store.flows.change(3, FlowChange(close=True), now=START)
    assert store.flows.due(START, 9) == ()
    assert store.flows.due(LATER, 9) == (2,)
    assert store.flows.next_due_at() == LATER
    assert store.flows.count() == {"open": 1, "held": 1, "completed": 1, "cancelled": 0}


def test_a_flow_that_was_woken_meanwhile_is_not_put_to_sleep(store: SqlStore) -> None:
    """Whoever decided to sleep had not seen the news."""
    [before] = store.flows.views([1])
    changed = inbound(an_order("1", quantity="9"))
    store.orders.receive([changed], channel=CHANNEL, plan="standard", now=LATER)

    sleep = FlowChange(due_at=None, close=True, if_wakes=before.flow.wakes)
    store.flows.change(1, sleep, now=LATER)

    [after] = store.flows.views([1])
    assert (after.flow.due_at, after.flow.closed_at) == (LATER, None)


def test_a_reference_belongs_to_one_flow(store: SqlStore) -> None:
    store.flows.change(1, FlowChange(reference="W-1"), now=START)
    store.flows.change(1, FlowChange(reference="W-1"), now=START)
    with pytest.raises(ReferenceTakenError, match="W-1"):
        store.flows.change(2, FlowChange(reference="W-1"), now=START)
    assert store.flows.find("W-1") == (1,)


def test_the_same_problem_opens_one_hold(store: SqlStore) -> None:
    for _ in range(3):
        store.holds.open(1, NewHold("CHECK", "look at it"), now=START)
    store.holds.open(1, NewHold("CHECK", "look at something else"), now=START)
    assert len(store.holds.of_flow(1)) == 2
    assert store.flows.ids(held=True) == (1,)
    assert store.flows.ids(held=False, newest_first=True) == (3, 2)


def test_a_release_names_who_and_why_and_makes_the_flow_due(store: SqlStore) -> None:
    store.holds.open(1, NewHold("CHECK", "look at it"), now=START)
    [released] = store.holds.release(1, now=LATER, by="anna", comment="is right", accepted=True)
    assert released.reason == "CHECK"
    [hold] = store.holds.of_flow(1)
    assert (hold.released_by, hold.comment, hold.released_at) == ("anna", "is right", LATER)
    [view] = store.flows.views([1])
    assert view.flow.due_at == LATER
    assert view.accepted == {("CHECK", "look at it")}
    last = store.events.of_flow(1)[-1]
    assert last.kind is EventKind.HOLD_RELEASED
    assert last.detail == {"reason": "CHECK", "by": "anna", "comment": "is right"}


def test_events_are_read_back_as_written_and_by_kind(store: SqlStore) -> None:
    store.events.append(
        [NewEvent(EventKind.SHIPPED, 2, detail={"documents": "80000001, 80000002"})], now=LATER
    )
    [event] = store.events.since(0, kinds=[EventKind.SHIPPED])
    assert (event.at, event.flow_id, event.detail) == (
        LATER,
        2,
        {"documents": "80000001, 80000002"},
    )
    assert len(store.events.since(0)) == 4
    assert store.events.since(event.id) == ()


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET kind = 'paid'", "DELETE FROM event WHERE id = 1"]
)
def test_the_database_refuses_to_change_or_delete_events(store: SqlStore, statement: str) -> None:
    before = store.events.since(0)
    assert store._database._writer is not None
    with (
        pytest.raises(DatabaseError, match="append-only"),
        store._database._writer.engine.begin() as connection,
    ):
        connection.execute(text(statement))
    assert store.events.since(0) == before


def test_naive_times_are_refused(store: SqlStore) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - that is the point
    with pytest.raises(Exception, match="aware datetimes"):
        store.flows.change(1, FlowChange(due_at=naive), now=START)
