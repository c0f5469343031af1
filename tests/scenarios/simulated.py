"""The connector and the simulated ERP in one process, joined by the RFC face, on one clock."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from connector.bootstrap.clocks import SimulationClock
from connector.clock import ManualClock
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from connector.sync.context import Route, SyncContext, SyncOptions
from connector.sync.passes import PassSummary, run_pass
from connector.sync.plan import Plan, load_plans
from tests.sync.world import ListChannel

ZONE = "Europe/Berlin"
CLEARING = "Z_SD_CONNECTOR_POST_CLEAR"
REVERSAL = "Z_SD_CONNECTOR_REVERSE_GI"


@cache
def master_data() -> MasterData:
    """The trading company with the master data of the worked cases."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@dataclass
class Company:
    """Both sides: what the ERP has, and the connector that works with it."""

    clock: SimulationClock
    simulated: SimulatedErp
    face: RfcFace
    store: SqlStore
    context: SyncContext
    channel: str

    def receive(self, file: Path) -> PassSummary:
        """Let *file* arrive in the channel, and run one pass."""
        profile = load_profile(shipped(f"config/channels/{self.channel}.yaml"))
        messages = list(read_orders(profile, file.read_bytes(), file.name))
        return run_pass(self.context, [ListChannel(messages, self.channel)])

    def send(self, order: Mapping[str, Any]) -> PassSummary:
        """Let one order of the portal arrive, and run one pass."""
        profile = load_profile(shipped(f"config/channels/{self.channel}.yaml"))
        messages = list(read_orders(profile, json.dumps(order).encode(), "order.json"))
        return run_pass(self.context, [ListChannel(messages, self.channel)])

    def run(self) -> PassSummary:
        """Run one pass."""
        return run_pass(self.context)

    def move_to(self, day: date) -> None:
        """Go on at 8 o'clock UTC of *day*."""
        target = datetime.combine(day, time(8), UTC)
        self.simulated.advance(max(target - self.clock.now(), timedelta(0)))

    def view(self, external_id: str) -> FlowView:
        """Return the flow of an order."""
        views = self.store.flows.views(self.store.flows.find(external_id))
        return next(view for view in views if view.flow.external_id == external_id)


def _rfc(front: RfcFace, clock: SimulationClock, options: Mapping[str, Any]) -> RfcErp:
    def connect(on_sent: OnSent) -> RfcConnection:
        del on_sent  # a call in the same process does not travel
        logon = {"user": "connector", "passwd": "x", "lang": "EN"}
        return cast(
            RfcConnection, front.connect({"timeout": 30}, ashost=front.settings.host, **logon)
        )

    functions = {"clearing_function": CLEARING, "goods_issue_reversal_function": REVERSAL}
    return RfcErp(RfcDriver(connect, RFCError), RfcOptions(**{**functions, **options}), clock)


@contextmanager
def a_company(
    folder: Path,
    *,
    day: date,
    channel: str = "shopify",
    plan: str | Plan = "standard",
    profile: str = "ecc",
    engine: Mapping[str, Any] | None = None,
    face: Mapping[str, Any] | None = None,
    transport: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[Company]:
    """
    Yield connector and ERP on the morning of *day*, with a store in *folder*.

    *profile* names the system: which release the ERP is, and over which transports it is reached.
    """
    clock = SimulationClock(ManualClock(datetime.combine(day, time(8), UTC)))
    plans = load_plans(shipped("config/plans"))
    if isinstance(plan, Plan):
        plans[plan.name] = plan
    name = plan.name if isinstance(plan, Plan) else plan
    simulated = SimulatedErp(master_data(), clock, EngineSettings(**(engine or {})))
    release = "ecc" if profile == "ecc" else "s4"
    front = RfcFace(simulated, FaceSettings(**{"profile": release, **(face or {})}))
    port = _rfc(front, clock, transport or {})
    store = open_store(sqlite_url(folder / "store.sqlite3"), upgrade=True)
    rules = load_rules(shipped(f"config/mappings/{channel}.yaml"))
    context = SyncContext(
        store=store,
        erp=port,
        clock=clock,
        routes={channel: Route(rules, name)},
        plans=plans,
        options=replace(SyncOptions(time_zone=ZONE, workers=2), **options),
    )
    try:
        yield Company(clock, simulated, front, store, context, channel)
    finally:
        store.close()
        port.close()
        front.close()
        simulated.close()
