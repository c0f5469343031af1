"""Intake into the store: each content once, versions in order, bad neighbours recorded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder
from connector.ports.store_records import EventKind, FlowView, NewHold, Received
from connector.store.sql_store import SqlStore
from tests.sync.world import CHANNEL, START, an_order, inbound

BROKEN = MessageError("orders.json, line 3", "the JSON ends too early", "a closing brace")


def test_a_new_order_becomes_a_flow_that_is_due(store: SqlStore) -> None:
    assert _receive(store, an_order()) == Received(new_orders=1)
    view = _view(store)
    assert view.order == an_order()
    assert (view.flow.version, view.flow.due_at, view.flow.plan) == (1, START, "standard")
    assert store.flows.due(START, 10) == (view.flow.id,)


def test_the_same_content_again_is_a_duplicate_however_often_it_comes(store: SqlStore) -> None:
    _receive(store, an_order())
    assert _receive(store, an_order(), an_order()) == Received(duplicates=2)
    assert len(store.orders.versions(_view(store).flow.id)) == 1


def test_other_content_under_the_same_id_is_a_new_version(store: SqlStore) -> None:
    _receive(store, an_order(quantity="2"))
    assert _receive(store, an_order(quantity="3")) == Received(new_versions=1)
    view = _view(store)
    assert view.flow.version == 2
    assert view.order.lines[0].quantity == 3
    kinds = [event.kind for event in store.events.of_flow(view.flow.id)]
    assert kinds == [EventKind.ORDER_RECEIVED, EventKind.NEW_VERSION]


def test_two_versions_in_one_batch_take_effect_in_their_order(store: SqlStore) -> None:
    received = _receive(store, an_order(quantity="2"), an_order(quantity="3"))
    assert received == Received(new_orders=1, new_versions=1)
    assert _view(store).order.lines[0].quantity == 3
    assert [v.order.lines[0].quantity for v in store.orders.versions(1)] == [2, 3]


def test_the_content_of_an_earlier_version_does_not_come_back(store: SqlStore) -> None:
    """A channel that delivers an old file again must not undo the change."""
    _receive(store, an_order(quantity="2"), an_order(quantity="3"))
    assert _receive(store, an_order(quantity="2")) == Received(duplicates=1)
    assert _view(store).order.lines[0].quantity == 3


def test_an_older_change_that_arrives_late_is_kept_and_does_not_take_effect(
    store: SqlStore,
) -> None:
    newer = an_order(quantity="3", updated_at=START + timedelta(hours=2))
    older = an_order(quantity="2", updated_at=START + timedelta(hours=1))
    _receive(store, newer)
    assert _receive(store, older) == Received(outdated_versions=1)
    view = _view(store)
    assert view.flow.version == 1
    assert view.order.lines[0].quantity == 3
    assert len(store.orders.versions(view.flow.id)) == 2
    assert _receive(store, an_order(quantity="4", updated_at=START + timedelta(hours=3))) == (
        Received(new_versions=1)
    )
    assert _view(store).flow.version == 3


def test_an_unreadable_message_is_recorded_once_and_stops_no_neighbour(store: SqlStore) -> None:
    for _ in range(2):
        store.orders.receive(
            [inbound(an_order("1")), BROKEN, inbound(an_order("2"))],
            channel=CHANNEL,
            plan="standard",
            now=START,
        )
    assert len(store.flows.ids()) == 2
    [message] = store.orders.unreadable()
    assert (message.source, message.problem, message.expected) == (
        "orders.json, line 3",
        "the JSON ends too early",
        "a closing brace",
    )


def test_the_message_is_kept_as_it_was_received(store: SqlStore) -> None:
    order = an_order(note="für Zoë ☕")
    _receive(store, order)
    assert store.orders.raw(1, 1) == order.model_dump_json()
    store.orders.receive(
        [inbound(an_order("2"))], channel=CHANNEL, plan="standard", now=START, keep_raw=False
    )
    assert store.orders.raw(2, 1) == ""
    assert store.orders.raw(9, 9) == ""


def test_a_new_version_wakes_a_flow_and_releases_what_it_may_heal(store: SqlStore) -> None:
    _receive(store, an_order())
    store.holds.open(1, NewHold("UNKNOWN_SKU", "no such SKU"), now=START)
    store.holds.open(1, NewHold("AMBIGUOUS", "two documents", heals=False), now=START)

    _receive(store, an_order(quantity="3"))

    assert [hold.reason for hold in _view(store).holds] == ["AMBIGUOUS"]
    [healed, _] = store.holds.of_flow(1)
    assert (healed.released_by, healed.accepted) == ("connector", False)


def test_the_same_id_in_two_channels_is_two_orders(store: SqlStore) -> None:
    _receive(store, an_order())
    other = an_order().model_copy(update={"channel": "other"})
    store.orders.receive([inbound(other)], channel="other", plan="presales", now=START)
    assert len(store.flows.find("1001")) == 2
    assert store.flows.ids(channel="other") == (2,)


@pytest.mark.parametrize("number", ["1001", "#1001", " 1001 "])
def test_orders_are_found_as_people_write_them(store: SqlStore, number: str) -> None:
    _receive(store, an_order("1001"), an_order("2001"))
    assert store.flows.find(number) == (1,)


def test_a_batch_of_many_is_stored_in_its_order(store: SqlStore) -> None:
    orders = [an_order(str(number)) for number in range(500)]
    assert _receive(store, *orders).new_orders == 500
    assert [view.flow.external_id for view in store.all_views(batch=99)] == [
        str(number) for number in range(500)
    ]


def _receive(store: SqlStore, *orders: ExternalOrder) -> Received:
    return store.orders.receive(
        [inbound(order) for order in orders], channel=CHANNEL, plan="standard", now=START
    )


def _view(store: SqlStore) -> FlowView:
    return store.flows.views([1])[0]


def test_a_nul_character_in_what_a_shop_writes_stops_no_order(store: SqlStore) -> None:
    order = an_order("1").model_copy(update={"order_name": "#1\0001"})
    error = MessageError("orders.json", "line \0 is empty", "a line")
    received = store.orders.receive(
        [inbound(order), error], channel=CHANNEL, plan="standard", now=START
    )
    assert (received.new_orders, received.unreadable) == (1, 1)
    [view] = store.flows.views(store.flows.ids())
    assert view.order.order_name == "#1\0001"


def test_what_an_order_is_known_by_has_no_nul_character() -> None:
    with pytest.raises(ValidationError, match="external_id"):
        an_order("1\0001")
