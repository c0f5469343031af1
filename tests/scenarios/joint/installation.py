"""One connector with several channels on one ERP, put together as a user's settings put it."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.simulator import LocalSimulator
from connector.clock import ManualClock
from connector.ports.store_records import FlowView
from connector.resources import shipped
from connector.settings import load_settings
from connector.simulator.engine.erp import SimulatedErp
from connector.sync.passes import run_pass
from connector.sync.plan import Plan
from tests.scenarios.worked_cases import ACCOUNTS, CUSTOMERS

#: The day on which the books begin.
FIRST_DAY = date(2026, 1, 2)
#: Customers besides those of the worked cases: payer, company code, currency.
MORE_CUSTOMERS = (
    ("C-130", "1000", "EUR"),
    ("C-800", "1000", "EUR"),
    ("C-900", "1000", "EUR"),
    ("C-120", "1000", "EUR"),
    ("D-02", "4000", "CNY"),
)
#: What a dollar is worth in euros, from its day on.
RATES = (("2026-01-01", "0.92"), ("2026-02-01", "0.90"), ("2026-03-01", "0.95"))
#: Bank accounts of the company codes; all are G/L account 113100.
BANK = {
    "1000": ("DE02120300000000202051", "EUR"),
    "1000 USD": ("DE44500105175407324931", "USD"),
    "2000": ("JP-7700001", "JPY"),
    "4000": ("CN-8800001", "CNY"),
}
#: What the orders of each channel begin with.
PREFIXES = {
    "presales": "EXT-",
    "warehouse": "WH-",
    "returns": "RT-",
    "portal": "PO-",
    "wholesale": "WS-",
    "dealers": "DL-",
    "services": "SE-",
    "milestones": "MI-",
    "shop": "SH-",
}
#: Lines of the shop's taxes, which the portal's own format does not have.
_TAXES = (
    "    unit: upper(unit)\n    taxes:\n      each: taxes\n      rate: rate\n      amount: amount\n"
)


@dataclass(frozen=True, slots=True)
class Books:
    """The application on its simulated ERP, with a drop folder for each channel."""

    application: Application
    folder: Path
    profile: str

    @property
    def simulated(self) -> SimulatedErp:
        """The simulated ERP itself."""
        simulator = self.application.simulator
        assert isinstance(simulator, LocalSimulator)
        return simulator.erp

    @property
    def today(self) -> date:
        """The day on which everybody is."""
        return self.application.clock.today("Europe/Berlin")

    def drop(self, channel: str, name: str, content: str) -> None:
        """Let a file arrive in the folder of *channel*, or of the statements."""
        (self.folder / "inbox" / channel / name).write_text(content, "utf-8")

    def send(self, channel: str, order: Mapping[str, Any]) -> None:
        """Let an order of a channel in the portal's format arrive."""
        self.drop(channel, f"{order['id']}.json", json.dumps(order))

    def run(self) -> bool:
        """Run one pass; tells whether it did something."""
        channels = [setup.channel for setup in self.application.channels.values()]
        summary = run_pass(self.application.context, channels)
        assert not summary.erp_problem, summary.erp_problem
        return bool(summary.did_something or summary.tally.read)

    def move_to(self, day: date) -> None:
        """Go on at 8 o'clock UTC of *day*."""
        target = datetime.combine(day, time(8), UTC)
        self.simulated.advance(max(target - self.application.clock.now(), timedelta(0)))

    def view(self, external_id: str) -> FlowView:
        """Return the flow of an order; nothing of it may be held."""
        flows = self.application.store.flows
        [view] = [v for v in flows.views(flows.find(external_id))
                  if v.flow.external_id == external_id]  # fmt: skip
        assert not view.holds, [hold.message for hold in view.holds]
        return view


@contextmanager
def joint_books(
    folder: Path, profile: str, channels: Mapping[str, Plan], tolerances: Sequence[Any] = ()
) -> Iterator[Books]:
    """
    Yield a connector on a system of *profile* with a plan for each of *channels*.

    All channels but ``shopify`` send the portal's format, with the tax of each line beside.
    """
    settings = _settings(folder, profile, channels, tolerances)
    file = folder / "connector.yaml"
    file.write_text(yaml.safe_dump(settings), "utf-8")
    clock = ManualClock(datetime.combine(FIRST_DAY, time(8), UTC))
    with Application(load_settings(file), clock) as application:
        yield Books(application, folder, profile)


def _settings(
    folder: Path, profile: str, channels: Mapping[str, Plan], tolerances: Sequence[Any]
) -> dict[str, Any]:
    _write_master_data(folder / "master-data")
    (folder / "inbox/statements").mkdir(parents=True)
    (folder / "plans").mkdir()
    for name, plan in channels.items():
        content = plan.model_dump(mode="json", exclude={"name"})
        (folder / "plans" / f"{name}.yaml").write_text(yaml.safe_dump(content), "utf-8")
    return {
        "store": {"url": "sqlite:///store.sqlite3"},
        "plans": "plans",
        "erp": {
            "profile": profile,
            "simulator": {
                "state": "erp.sqlite3",
                "master_data": [
                    str(shipped("fixtures/erp")),
                    str(shipped("fixtures/erp-cases")),
                    "master-data",
                ],
                "engine": {
                    "active_jobs": [],
                    "tolerance_amount": "5.00",
                    "tolerance_percent": "1.0",
                },
            },
            "transport": {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"},
            "soap": {"options": ACCOUNTS},
        },
        "channels": {name: _channel(folder, name) for name in channels},
        "sync": {"workers": 1},
        "reconciliation": {
            "company_codes": ["1000", "2000", "3000", "4000"],
            "rules": {"version": "2026-01", "over_delivery_percent": "5", "tolerances": tolerances},
        },
        "statements": {
            "folders": {"bank": {"path": "inbox/statements", "settle_s": 0}},
            "accounts": {
                number: {
                    "company_code": name[:4],
                    "gl_account": "113100",
                    "post": True,
                    "unmatched": "on account" if name == "1000" else "propose",
                }
                for name, (number, _) in BANK.items()
            },
            "providers": {"stripe": {"gateways": ["card"], "company_code": "1000"}},
        },
    }


def _channel(folder: Path, name: str) -> dict[str, Any]:
    """Write profile and rules of a channel that sends the portal's format under its own name."""
    config = shipped("config")
    (folder / "inbox" / name).mkdir()
    profile = (config / "channels/portal.yaml").read_text("utf-8")
    profile = profile.replace("channel: portal", f"channel: {name}")
    profile = profile.replace("    unit: upper(unit)\n", _TAXES)
    rules = (config / "mappings/portal.yaml").read_text("utf-8")
    rules = rules.replace("channel: portal", f"channel: {name}")
    rules = rules.replace("prefix: EXT-", f"prefix: {PREFIXES[name]}")
    for kind, text in (("profile", profile), ("rules", rules)):
        (folder / f"{name}-{kind}.yaml").write_text(text, "utf-8")
    return {
        "path": f"inbox/{name}",
        "settle_s": 0,
        "profile": f"{name}-profile.yaml",
        "rules": f"{name}-rules.yaml",
        "plan": name,
    }


def _write_master_data(folder: Path) -> None:
    folder.mkdir()
    tables = folder.parent / "portal"
    shutil.copytree(shipped("config/mappings/portal"), tables)
    with (tables / "customers.csv").open(encoding="utf-8") as file:
        known = list(csv.reader(file))
    more = [[name, code, "20", code, name] for name, code, _ in MORE_CUSTOMERS]
    _write(tables / "customers.csv",
           [*known, *([name, *row] for name, row in CUSTOMERS.items()), *more])  # fmt: skip
    _write(
        folder / "customers.csv",
        [["customer", "name", "country"]]
        + [[name, f"Joint Books {name}", "DE" if code == "1000" else "CN"]
           for name, code, _ in MORE_CUSTOMERS],
    )  # fmt: skip
    _write(
        folder / "customer_companies.csv",
        [["customer", "company_code", "reconciliation_account", "terms_of_payment"]]
        + [[name, code, "140000", "Z030"] for name, code, _ in MORE_CUSTOMERS],
    )
    _write(
        folder / "customer_sales_areas.csv",
        [["customer", "sales_organization", "distribution_channel", "division", "currency",
          "terms_of_payment", "tax_class", "customer_pricing_procedure"]]
        + [[name, code, "20", "00", currency, "Z030", "1", "1"]
           for name, code, currency in MORE_CUSTOMERS],
    )  # fmt: skip
    _write(
        folder / "exchange_rates.csv",
        [["from_currency", "to_currency", "valid_from", "rate"]]
        + [["USD", "EUR", *each] for each in (*RATES, ("2026-04-01", "0.94"))],
    )


def _write(file: Path, rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(rows)
