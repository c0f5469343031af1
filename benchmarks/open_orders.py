"""
A company with very many open orders, in the simulated ERP and in the connector's store.

One order is taken through the connector; the others are copies of what it left behind on both
sides, with numbers of their own. To create them one by one would take longer than to measure.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.metering import Meter
from benchmarks.workload import (
    CHANNEL,
    MadeUpChannel,
    settings_values,
    write_settings,
)
from connector.bootstrap.application import Application
from connector.bootstrap.simulator import LocalSimulator
from connector.clock import ManualClock
from connector.settings import load_settings
from connector.simulator.engine.changes import ChangeLog
from connector.simulator.engine.specs import DeliveryRef
from connector.sync.context import SyncContext
from connector.sync.passes import run_pass

_BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
_FIRST = 5_000_000
#: The orders came in evenly over this time.
_COLLECTED_IN = timedelta(days=30)
#: Tables of the store that hold something of an order that was created and read back.
_COPIED = ("flow", "order_version", "step", "flow_document", "document")


@dataclass(slots=True)
class OpenOrders:
    """The company, one day after the orders came in."""

    application: Application
    context: SyncContext
    meter: Meter
    numbers: list[str]
    _delivered: int = 0

    @property
    def simulator(self) -> LocalSimulator:
        found = self.application.simulator
        assert isinstance(found, LocalSimulator)
        return found

    def deliver(self, orders: int) -> None:
        """Let a clerk in the ERP create the deliveries of that many orders."""
        chosen = self.numbers[self._delivered : self._delivered + orders]
        self._delivered += len(chosen)
        with self.simulator.erp.session("CLERK") as session:
            for number in chosen:
                made = session.create_deliveries([DeliveryRef(number)])
                if not made.documents:
                    raise RuntimeError(f"{number} was not delivered: {made.messages}")
                session.commit(wait=True)

    def slow_down(self, latency_s: float) -> None:
        """Let every call take that long from now on."""
        self.simulator.face.settings.latency_s = latency_s
        self.simulator.front.settings.latency_s = latency_s

    def wait(self, time: timedelta) -> None:
        """Let time pass on both sides."""
        self.simulator.advance(time)


@contextmanager
def open_orders(workspace: Path, profile: str, count: int, **sync: Any) -> Iterator[OpenOrders]:
    """Yield a company of *profile* with *count* open orders; *sync* are settings of that name."""
    values = settings_values(workspace, profile=profile, **sync)
    simulator = values["erp"]["simulator"]
    simulator["engine"] = {"active_jobs": []}
    meter = Meter()
    settings = load_settings(write_settings(workspace, values))
    with Application(settings, ManualClock(_BEGIN), tap=meter) as application:
        company = OpenOrders(application, meter.watching(application.context), meter, [])
        channel = MadeUpChannel(application.channels[CHANNEL].profile, 1, 1)
        for _ in range(2):
            run_pass(company.context, [channel])
            channel = MadeUpChannel(application.channels[CHANNEL].profile, 0, 0)
        [view] = application.store.flows.views([1])
        [order] = view.sales_documents
        company.numbers = [f"{_FIRST + n:010}" for n in range(count - 1)]
        _copy_in_erp(company, order.number)
        _copy_in_store(workspace / "connector.sqlite3", order.number, company.numbers)
        company.numbers.insert(0, order.number)
        company.wait(timedelta(days=1))
        yield company


def _copy_in_erp(company: OpenOrders, number: str) -> None:
    core = company.simulator.erp._core
    with core.lock:
        template = core.store.sales[number]
        apart = _COLLECTED_IN / max(len(company.numbers), 1)
        for at, copy in enumerate(company.numbers):
            entered = template.created_at - _COLLECTED_IN + at * apart
            own = replace(
                template,
                number=copy,
                purchase_order_by_customer=_reference(template, copy),
                created_at=entered,
                changed_at=entered,
                document_date=entered.date(),
            )
            core.store.load("sales", own)
        # What changed when is written anew: the copies are older than their original.
        core.store.changes = ChangeLog()
        core.store.loaded()


def _reference(template: Any, number: str) -> str:
    return f"{template.purchase_order_by_customer}-{number.lstrip('0')}"


def _copy_in_store(path: Path, number: str, copies: list[str]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        templates = {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
            for table in _COPIED
        }
        [flow] = templates["flow"]
        for table, rows in templates.items():
            for row in rows:
                names = ", ".join(row)
                marks = ", ".join(f":{name}" for name in row)
                connection.executemany(
                    f"INSERT INTO {table} ({names}) VALUES ({marks})",
                    _copies(row, table, number, copies, flow),
                )
        connection.commit()


def _copies(
    row: dict[str, Any], table: str, number: str, copies: list[str], flow: dict[str, Any]
) -> Iterable[dict[str, Any]]:
    reference = flow["reference"]
    for at, copy in enumerate(copies):
        new = dict(row)
        own = f"{reference}-{copy.lstrip('0')}"
        if table == "flow":
            new |= {"id": row["id"] + 1 + at, "reference": own, "external_id": f"copy {copy}"}
        elif "flow_id" in row:
            new["flow_id"] = row["flow_id"] + 1 + at
        if table == "step":
            new |= {"id": row["id"] * 1_000_000 + at, "reference": own}
            new["numbers"] = row["numbers"].replace(number, copy)
        if table == "flow_document":
            new |= {"document": copy, "number": copy}
        if table == "document":
            body = row["body"].replace(number, copy).replace(json.dumps(reference), json.dumps(own))
            new |= {"document": copy, "body": body}
            new["body_hash"] = hashlib.sha256(body.encode()).hexdigest()
        yield new
