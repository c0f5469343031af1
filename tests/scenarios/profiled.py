"""The whole connector on a kind of system, put together as a user's settings put it together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.simulator import LocalSimulator
from connector.clock import ManualClock
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.settings import load_settings
from connector.simulator.engine.erp import SimulatedErp
from connector.sync.passes import PassSummary, run_pass
from connector.sync.plan import Plan


@dataclass(frozen=True, slots=True)
class Installation:
    """An application on its simulated ERP, and its drop folder."""

    application: Application
    inbox: Path

    @property
    def simulated(self) -> SimulatedErp:
        """The simulated ERP itself."""
        simulator = self.application.simulator
        assert isinstance(simulator, LocalSimulator)
        return simulator.erp

    def receive(self, file: Path) -> PassSummary:
        """Let *file* arrive, and run one pass."""
        (self.inbox / file.name).write_bytes(file.read_bytes())
        channels = [setup.channel for setup in self.application.channels.values()]
        return run_pass(self.application.context, channels)

    def send(self, order: Mapping[str, Any]) -> PassSummary:
        """Let one order of the portal arrive, and run one pass."""
        file = self.inbox.parent / "order.json"
        file.write_text(json.dumps(order), "utf-8")
        return self.receive(file)

    def run(self) -> PassSummary:
        """Run one pass."""
        return run_pass(self.application.context)

    def move_to(self, day: date) -> None:
        """Go on at 8 o'clock UTC of *day*."""
        target = datetime.combine(day, time(8), UTC)
        self.simulated.advance(max(target - self.application.clock.now(), timedelta(0)))

    def view(self, external_id: str) -> FlowView:
        """Return the flow of an order."""
        flows = self.application.store.flows
        [view] = flows.views(flows.find(external_id))
        return view


@contextmanager
def an_installation(
    folder: Path,
    profile: str,
    *,
    day: date,
    channel: str,
    plan: Plan,
    engine: Mapping[str, Any] = MappingProxyType({}),
    tables: Path | None = None,
    sync: Mapping[str, Any] = MappingProxyType({}),
    **erp: Any,
) -> Iterator[Installation]:
    """
    Yield a connector with *plan* on a system of *profile*, on the morning of *day*.

    *engine* are settings of the simulated ERP, *tables* a folder with value tables that replace
    those of the channel.
    """
    inbox, plans = folder / "inbox", folder / "plans"
    for each in (inbox, plans):
        each.mkdir()
    content = plan.model_dump(mode="json", exclude={"name"})
    (plans / f"{plan.name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    config = shipped("config")
    settings = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "plans": str(plans),
        "erp": {
            "profile": profile,
            "simulator": {
                "master_data": [str(shipped("fixtures/erp")), str(shipped("fixtures/erp-cases"))],
                "engine": {"active_jobs": [], **engine},
            },
            "transport": {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"},
            **erp,
        },
        "channels": {
            channel: {
                "path": str(inbox),
                "settle_s": 0,
                "profile": str(config / f"channels/{channel}.yaml"),
                "rules": str(config / f"mappings/{channel}.yaml"),
                "plan": plan.name,
                **({"tables": str(tables)} if tables is not None else {}),
            }
        },
        "sync": {"workers": 1, **sync},
        "reconciliation": {"company_codes": ["1000", "2000", "3000", "4000"]},
    }
    file = folder / "connector.yaml"
    file.write_text(yaml.safe_dump(settings), "utf-8")
    clock = ManualClock(datetime.combine(day, time(8), UTC))
    with Application(load_settings(file), clock) as application:
        yield Installation(application, inbox)


def changed(plan: Plan, **documents: Mapping[str, Any]) -> Plan:
    """Return *plan* with fields of its documents changed."""
    return plan.model_copy(
        update={
            name: getattr(plan, name).model_copy(update=dict(fields))
            for name, fields in documents.items()
        }
    )
