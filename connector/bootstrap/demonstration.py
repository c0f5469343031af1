"""
The demonstration: a workspace with settings of its own, and a week or two in fast motion.

Orders come in, the simulated ERP's background jobs run at the end of each day, and the clock that
both share moves on to the next morning, until nothing is left to do.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.drop_folders import patterns_of
from connector.clock import ManualClock
from connector.errors import ConfigurationError, MessageError
from connector.mappings.message_format import is_named_like
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.reading import read_orders
from connector.ports.store import FlowStore
from connector.resources import shipped
from connector.settings import Settings, load_settings
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.history.files import is_history, read_history, years_of
from connector.simulator.history.folder import write_company
from connector.sync.passes import PassSummary, run_pass
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import progress_of

DEMO_ORDERS: Final = "fixtures/orders/demo-shopify"
DEMO_CHANNEL: Final = "shopify"

#: Between the end of a day's jobs and the next morning's pass.
_DAY: Final = timedelta(days=1)
#: Days without any news after which nothing more is expected: while goods or payments are due on
#: a later day, and when all is billed and only payments are open that the channel does not report.
_QUIET_DAYS: Final = 60
_QUIET_DAYS_WHEN_BILLED: Final = 1
#: Orders that are looked through at a time.
_PAGE: Final = 50
#: No order takes longer than this.
_LONGEST_DAYS: Final = 400


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a demonstration keeps everything; ``start`` is when its clock starts."""

    folder: Path
    settings: Settings
    inbox: Path
    start: datetime

    @property
    def clock(self) -> ManualClock:
        """A new clock that stands at the start."""
        return ManualClock(self.start)


def expected_holds() -> frozenset[tuple[str, str]]:
    """Return name and reason of the shipped orders that are meant to be held."""
    with (shipped(DEMO_ORDERS) / "expected_holds.csv").open(encoding="utf-8", newline="") as file:
        return frozenset((row["order"], row["reason"]) for row in csv.DictReader(file))


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is to be demonstrated.

    Without ``orders`` these are the shipped ones. ``master_data`` are folders that are laid over
    the shipped company's, ``plan`` is the name of another plan than the usual one.
    ``known`` are settings that may describe the channel; without them it is a shipped one.
    ``profile`` is the kind of system, which says what goes over RFC, OData and SOAP.
    """

    orders: Path | None = None
    channel: str = DEMO_CHANNEL
    master_data: tuple[Path, ...] = ()
    plan: str = ""
    known: Settings | None = None
    profile: str = "ecc"


def prepare(folder: Path, wish: Wish, *, fresh: bool) -> Workspace:
    """
    Make the workspace in *folder*, and put copies of the orders into its drop folder.

    A folder that holds a history (orders, documents, customers, materials) brings its own company
    for the simulated ERP. *fresh* forgets what an earlier demonstration left.

    Raises:
        ConfigurationError: there is no such channel, there are no orders, or *folder* cannot be
            written or is none of ours.
    """
    folder = folder.absolute()
    orders, channel = wish.orders or shipped(DEMO_ORDERS), wish.channel
    if not orders.is_dir():
        raise ConfigurationError(str(orders), "there is no such folder", "Name a folder of orders")
    try:
        _make(folder, fresh=fresh)
        content = _content(folder, orders, wish)
        if wish.orders is None and channel != DEMO_CHANNEL:
            raise ConfigurationError(
                f"channel {channel}",
                f"the shipped orders are those of {DEMO_CHANNEL}",
                "Name a folder with orders of this channel with --orders",
            )
        inbox = Path(content["channels"][channel]["path"])
        inbox.mkdir(parents=True, exist_ok=True)
        file = folder / _MARK
        file.write_text(_HEADER + yaml.safe_dump(content, sort_keys=False), "utf-8")
        settings = load_settings(file)
        profile = load_profile(settings.channels[channel].profile)
        patterns = patterns_of(settings.channels[channel], profile)
        copies = list(_copy(orders, inbox, patterns))
    except OSError as error:
        raise ConfigurationError(
            str(error.filename or folder),
            f"cannot be written: {error.strerror}",
            "Name a folder that this user may write to with --workspace",
        ) from error
    if not copies:
        raise ConfigurationError(
            str(orders),
            f"there are no orders in it ({', '.join(patterns)})",
            "Name another folder",
        )
    return Workspace(folder, settings, inbox, _morning_after(copies, profile))


@dataclass(frozen=True, slots=True)
class Day:
    """One day: what the connector's passes did, and how many documents the ERP's jobs made."""

    number: int
    passes: tuple[PassSummary, ...]
    made_by_jobs: int

    @property
    def has_news(self) -> bool:
        """Whether anything happened on this day."""
        return bool(self.made_by_jobs) or any(each.did_something for each in self.passes)


def run_days(application: Application, *, most: int = _LONGEST_DAYS) -> Iterator[Day]:
    """
    Run day after day until nothing happens any more; yields each day when it is over.

    Raises:
        ConfigurationError, TransientError: as `run_pass` does.
    """
    simulator = application.simulator
    assert simulator is not None
    channels = [setup.channel for setup in application.channels.values()]
    quiet, longest = 0, _QUIET_DAYS
    billed: set[int] = set()
    for number in range(1, most + 1):
        passes = [run_pass(application.context, channels)]
        made = simulator.run_jobs()
        if made:
            passes.append(run_pass(application.context))
            made += simulator.run_jobs()
            passes.append(run_pass(application.context))
        day = Day(number, tuple(passes), made)
        yield day
        quiet = 0 if day.has_news else quiet + 1
        if quiet == 1:
            # Without news the answer stays the same on the quiet days that follow.
            store = application.store
            waits = store.flows.next_due_at() is not None or any(_to_be_billed(store, billed))
            longest = _QUIET_DAYS if waits else _QUIET_DAYS_WHEN_BILLED
        if quiet >= longest or not application.store.flows.count()["open"]:
            return
        simulator.advance(_DAY)


def _to_be_billed(store: FlowStore, billed: set[int]) -> Iterator[int]:
    """
    Yield the open orders that are still to be delivered or billed.

    Those that are not go to *billed* and are not looked at again: nobody cancels invoices here.
    """
    after = 0
    while ids := store.flows.ids(open_only=True, held=False, after_id=after, limit=_PAGE):
        for view in store.flows.views([each for each in ids if each not in billed]):
            if progress_of(view).invoiced:
                billed.add(view.flow.id)
            else:
                yield view.flow.id
        after = ids[-1]


_HEADER: Final = "# Settings of a demonstration, written by `sd-connector demo`.\n"
_MARK: Final = "connector.yaml"


def _make(folder: Path, *, fresh: bool) -> None:
    """Only a folder that a demonstration has made is ever emptied."""
    if folder.exists() and any(folder.iterdir()):
        mark = folder / _MARK
        if not (mark.is_file() and mark.read_text("utf-8").startswith(_HEADER)):
            raise ConfigurationError(
                str(folder),
                "holds something else than a demonstration",
                "Name an empty folder, or one that does not exist, with --workspace",
            )
        if fresh:
            shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _channel_settings(channel: str, known: Settings | None) -> dict[str, Any]:
    if known is not None and channel in known.channels:
        found = known.channels[channel].model_dump(mode="json", exclude={"path", "settle_s"})
        return {name: value for name, value in found.items() if value is not None}
    folder = shipped("config")
    profile = folder / "channels" / f"{channel}.yaml"
    if not profile.is_file():
        names = ", ".join(sorted(path.stem for path in profile.parent.glob("*.yaml")))
        raise ConfigurationError(
            f"channel {channel}",
            "is neither in the settings nor among those that are shipped",
            f"Shipped are: {names}. Name your settings with --config for one of yours",
        )
    return {
        "profile": str(profile),
        "rules": str(folder / "mappings" / f"{channel}.yaml"),
    }


def _content(folder: Path, orders: Path, wish: Wish) -> dict[str, Any]:
    """Where the ERP is in the process, and nobody writes files at the same time, nobody waits."""
    channel = wish.channel
    described = _channel_settings(channel, wish.known)
    if wish.plan:
        described["plan"] = wish.plan
    content: dict[str, Any] = {
        "time_zone": "Europe/Berlin",
        "store": {"url": "sqlite:///connector.sqlite3"},
        "erp": {
            "driver": "simulator",
            "profile": wish.profile,
            "simulator": {"state": "erp.sqlite3"},
            "transport": {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"},
        },
        "channels": {
            channel: {**described, "path": str(folder / "inbox" / channel), "settle_s": 0}
        },
        "plans": str(shipped("config/plans")),
        "daemon": {"heartbeat": "heartbeat.json"},
        # One worker: documents get their numbers in the order of the orders, every time.
        "sync": {"workers": 1},
    }
    plan = load_plan(shipped("config/plans") / f"{described.get('plan', 'standard')}.yaml")
    content["erp"]["simulator"]["engine"] = {"active_jobs": _jobs_beside(plan)}
    if wish.master_data:
        folders = [str(shipped("fixtures/erp")), *(str(d.absolute()) for d in wish.master_data)]
        content["erp"]["simulator"]["master_data"] = folders
    elif is_history(orders):
        history = read_history(orders, years_of(orders)[-1])
        write_company(history, shipped("fixtures/erp"), folder / "company")
        content["erp"]["simulator"]["master_data"] = [str(folder / "company")]
        content["channels"][channel]["tables"] = str(orders.absolute())
        companies = sorted({item.sales_organization for item in history.items})
        content["reconciliation"] = {"company_codes": companies}
    return content


def _jobs_beside(plan: Plan) -> list[str]:
    """Return the ERP's own jobs that do what *plan* leaves to them, and nothing else."""
    done_by_us = {
        "delivery due list": plan.delivery.is_created,
        "picking": plan.goods_issue.is_created,
        "goods issue": plan.goods_issue.is_created,
        "billing due list": plan.billing.is_created,
    }
    jobs = EngineSettings().active_jobs
    return sorted(name for name in jobs if not done_by_us.get(name, False))


def _copy(orders: Path, inbox: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    found = (file for file in orders.rglob("*") if is_named_like(file.name, patterns))
    files = {file for file in found if file.is_file()}
    for file in sorted(files):
        target = inbox / "__".join(file.relative_to(orders).parts)
        shutil.copyfile(file, target)
        yield target


def _morning_after(files: list[Path], profile: ChannelProfile) -> datetime:
    """Return the morning after the newest order, so that a demonstration is always the same."""
    newest = datetime(2000, 1, 1, tzinfo=UTC)
    for file in files:
        for found in read_orders(profile, file.read_bytes(), file.name):
            if not isinstance(found, MessageError):
                newest = max(newest, found.order.ordered_at.astimezone(UTC))
    return newest.replace(hour=7, minute=0, second=0, microsecond=0) + _DAY
