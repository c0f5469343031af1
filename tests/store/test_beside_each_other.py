"""Several connections at one time: none of them decides by what another one is changing."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from connector.ports.step_state import Operation
from connector.ports.store_records import EventKind, NewEvent
from connector.store.sql_store import SqlStore, open_beside
from tests.sync.world import CHANNEL, START, an_order, inbound

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def together(*actions: object) -> None:
    """Run all *actions* at the same time, and raise what any of them raises."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(actions))

    def run(action: object) -> None:
        try:
            start.wait(20)
            assert callable(action)
            action()
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_what_is_read_and_then_written_loses_nothing_of_another_writer(
    store: SqlStore, made_url: str
) -> None:
    store.mirror.set_watermark("count", "0", now=NOW)
    others = [open_beside(made_url) for _ in range(2)]

    def one_more(connection: Connection) -> None:
        count = connection.execute(text("SELECT value FROM watermark")).scalar_one()
        connection.execute(text("UPDATE watermark SET value = :new"), {"new": str(int(count) + 1)})

    def count(which: SqlStore) -> None:
        for _ in range(20):
            which._database.write(one_more)

    together(*(lambda each=each: count(each) for each in (store, *others)))
    for each in others:
        each.close()

    assert store.mirror.watermark("count") == "60"


def test_one_order_from_two_sides_becomes_one_flow(store: SqlStore, made_url: str) -> None:
    beside = open_beside(made_url)
    orders = [inbound(an_order(str(number))) for number in range(30)]

    def receive(which: SqlStore) -> None:
        for order in orders:
            which.orders.receive([order], channel=CHANNEL, plan="standard", now=START)

    together(lambda: receive(store), lambda: receive(beside))
    beside.close()

    assert len(store.flows.ids()) == 30
    kinds = [each.kind for each in store.events.since(0)]
    assert kinds == [EventKind.ORDER_RECEIVED] * 30


def test_of_two_claims_on_one_flow_one_is_given(store: SqlStore, made_url: str) -> None:
    beside = open_beside(made_url)
    orders = [inbound(an_order(str(number))) for number in range(15)]
    store.orders.receive(orders, channel=CHANNEL, plan="standard", now=START)
    flows = store.flows.ids()
    given: list[int] = []

    def claim(which: SqlStore, operation: Operation) -> None:
        for flow_id in flows:
            step = which.steps.claim(
                flow_id, operation, "1", owner=operation.value, now=START, lease_until=START
            )
            if step is not None:
                given.append(flow_id)

    together(
        lambda: claim(store, Operation.CREATE_SALES_ORDER),
        lambda: claim(beside, Operation.POST_PAYMENT),
    )
    beside.close()

    assert sorted(given) == list(flows)


def test_whoever_follows_the_events_misses_none(store: SqlStore, made_url: str) -> None:
    """An event with a smaller number never appears after a larger one was seen."""
    beside = open_beside(made_url)
    done = threading.Event()
    seen: list[int] = []

    def append(which: SqlStore) -> None:
        for _ in range(30):
            which.events.append([NewEvent(EventKind.SHIPPED, None)], now=NOW)

    def follow() -> None:
        last = 0
        while True:
            is_last = done.is_set()
            for found in store.events.since(last):
                seen.append(found.id)
                last = found.id
            if is_last:
                return

    follower = threading.Thread(target=follow)
    follower.start()
    together(lambda: append(store), lambda: append(beside))
    done.set()
    follower.join(20)
    beside.close()

    assert len(seen) == 60


def test_a_reading_transaction_sees_one_state_whatever_is_written(store: SqlStore) -> None:
    store.mirror.set_watermark("x", "before", now=NOW)

    def read_twice(connection: Connection) -> list[str]:
        query = text("SELECT value FROM watermark")
        first = connection.execute(query).scalar_one()
        writer = threading.Thread(
            target=store.mirror.set_watermark, args=("x", "after"), kwargs={"now": NOW}
        )
        writer.start()
        writer.join(20)
        return [first, connection.execute(query).scalar_one()]

    assert store._database.read(read_twice) == ["before", "before"]
    assert store.mirror.watermark("x") == "after"
