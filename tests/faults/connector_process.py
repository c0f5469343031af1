"""The connector in a process of its own, which may kill itself at one point of one write."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from connector.clock import ManualClock
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.ports.store_records import Step
from connector.resources import shipped
from connector.simulator.rfc.remote import RemoteControl
from connector.store.database import sqlite_url
from connector.store.sql_store import open_store
from connector.sync.context import PendingStep, Route, SyncContext, SyncOptions
from connector.sync.passes import run_pass
from connector.sync.plan import load_plan
from tests.faults.erp_process import NOW, be_quiet, processes, transport
from tests.sync.world import ListChannel

CHANNEL: Final = "portal"


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    What a connector process is to do.

    It runs one pass at each of *passes* (seconds after the beginning). With *kill_at* it kills
    itself the first time that *operation* comes to that point. Just before that operation's call,
    *injections* (control and arguments) are made to the ERP. *naive* replaces the resolution of
    doubts: what may have been posted is simply sent again.
    """

    folder: Path
    host: str
    port: int
    operation: Operation
    order: str = ""
    kill_at: Point | None = None
    injections: tuple[tuple[str, dict[str, Any]], ...] = ()
    passes: Sequence[float] = (0,)
    naive: bool = False


def start(assignment: Assignment) -> Any:
    """Start a connector process and return it."""
    process = processes.Process(target=run, args=(assignment,), daemon=True)
    process.start()
    return process


def run(assignment: Assignment) -> None:
    """Do what *assignment* says; this is the process's main function."""
    be_quiet()
    clock = ManualClock(NOW)
    store = open_store(sqlite_url(assignment.folder / "store.sqlite3"), upgrade=True)
    port = transport(assignment.host, assignment.port, clock)
    plan = load_plan(shipped("config/plans/presales.yaml"))
    absent = load_plan(shipped("config/plans/standard.yaml")).inquiry
    plan = plan.model_copy(update={"name": "all", "inquiry": absent, "quotation": absent})
    context = SyncContext(
        store=store,
        erp=port,
        clock=clock,
        routes={CHANNEL: Route(load_rules(shipped("config/mappings/portal.yaml")), plan.name)},
        plans={plan.name: plan},
        options=SyncOptions(workers=1),
        on_point=_Watch(assignment),
    )
    try:
        for position, seconds in enumerate(assignment.passes):
            clock.move_to(max(clock.now(), NOW + timedelta(seconds=seconds)))
            if assignment.naive:
                _send_again(assignment.folder / "store.sqlite3")
            first = position == 0 and assignment.order
            run_pass(
                context, [ListChannel(read_messages(assignment.order), CHANNEL)] if first else []
            )
    finally:
        port.close()
        store.close()


class _Watch:
    """Injects and kills at the points that the assignment names."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment
        self._has_injected = False

    def __call__(self, point: Point, step: Step | PendingStep) -> None:
        if step.operation is not self._assignment.operation:
            return
        if point is Point.AFTER_INTENT and not self._has_injected:
            self._has_injected = True
            self._inject()
        if point is self._assignment.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _inject(self) -> None:
        if self._assignment.injections:
            with RemoteControl(self._assignment.host, self._assignment.port) as control:
                for name, arguments in self._assignment.injections:
                    control(name, **arguments)


def read_messages(order: str) -> list[InboundOrder]:
    """Read the orders of a portal message; nothing is none."""
    if not order:
        return []
    profile = load_profile(shipped("config/channels/portal.yaml"))
    messages = list(read_orders(profile, order.encode(), "order.json"))
    return [message for message in messages if isinstance(message, InboundOrder)]


def _send_again(database: Path) -> None:
    """What a connector without doubts would do: send again what was not confirmed."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE step SET state = 'waiting to retry', due_at = NULL, lease_owner = '', "
            "lease_until = NULL WHERE state IN ('commit sent', 'read back', 'in doubt')"
        )
    connection.close()
