"""What happened is logged once, with the names of its order, also across restarts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from connector.clock import ManualClock
from connector.daemon.event_log import EventLog
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.ports.store_records import NewHold
from connector.store.sql_store import SqlStore, open_store

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
CLOCK = ManualClock(NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite3", upgrade=True)
    order = ExternalOrder(
        channel="shop", external_id="E1", ordered_at=NOW, currency="EUR", lines=()
    )
    message = InboundOrder(order=order, source="a.json", raw="{}")
    opened.orders.receive([message], channel="shop", plan="standard", now=NOW)
    yield opened
    opened.close()


def test_each_event_is_one_line_with_channel_and_external_id(store: SqlStore) -> None:
    with capture_logs() as lines:
        EventLog(store, CLOCK).write()

    (line,) = lines
    assert (line["event"], line["log_level"]) == ("order received", "info")
    assert (line["channel"], line["external_id"]) == ("shop", "E1")


def test_nothing_is_logged_twice_even_after_a_restart(store: SqlStore) -> None:
    with capture_logs() as lines:
        EventLog(store, CLOCK).write()
        EventLog(store, CLOCK).write()

    assert len(lines) == 1


def test_a_hold_is_a_warning_without_the_words_that_may_name_a_customer(store: SqlStore) -> None:
    (flow_id,) = store.flows.ids()
    log = EventLog(store, CLOCK)
    log.write()
    hold = NewHold("UNKNOWN_CUSTOMER", "'Erika Mustermann' is not in customers.csv")
    store.holds.open(flow_id, hold, now=NOW)

    with capture_logs() as lines:
        log.write()

    (line,) = lines
    assert (line["event"], line["log_level"]) == ("hold opened", "warning")
    assert line["reason"] == "UNKNOWN_CUSTOMER"
    assert "Mustermann" not in str(line)
