"""What shops and portals do: send twice, send out of order, change their mind half way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.bootstrap.application import Application
from connector.bootstrap.fault_catalogue import ENGINE
from connector.clock import ManualClock
from connector.errors import ConfigurationError
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Received, Step
from connector.resources import shipped
from connector.settings import load_settings
from connector.sync.context import PendingStep
from connector.sync.intake import receive
from connector.sync.passes import PassSummary, run_pass
from connector.sync.progress import Stage, stage_of
from tests.faults.trial import DAY, ONE_OF_EACH, ORDER, Trial, a_trial, an_order
from tests.sync.world import ListChannel

LATER = "2026-12-01"
MASTER_DATA = [str(shipped("fixtures/erp")), str(shipped("fixtures/erp-cases"))]


@pytest.fixture(params=("ecc", "s4-mixed"))
def trial(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trial]:
    with a_trial(tmp_path, request.param) as found:
        yield found


def version(trial: Trial, pieces: int, at: str, **more: Any) -> dict[str, Any]:
    """Return a version of the order, delivered much later so that it can still change."""
    stamp = f"{DAY}T{at}:00+01:00"
    return an_order(ORDER, trial.profile, pieces=pieces, day=LATER, **{"updated_at": stamp, **more})


def deliver(trial: Trial, *orders: dict[str, Any]) -> Received:
    """Let *orders* arrive in one batch, from any thread, without a pass."""
    profile = load_profile(shipped("config/channels/portal.yaml"))
    messages = [
        message
        for order in orders
        for message in read_orders(profile, json.dumps(order).encode(), "order.json")
    ]
    return receive(trial.installation.application.context, ListChannel(messages, "portal"))


def ordered(trial: Trial) -> list[int]:
    """Return the quantity of every order in the ERP."""
    return [int(doc.items[0].quantity) for doc in trial.simulator.erp.sales_documents()]


def when_it_comes_to(trial: Trial, point: Point, do: Callable[[], object]) -> None:
    """Do something once, when the write of the order has come to *point*."""
    application = trial.installation.application
    done: list[bool] = []

    def watch(passed: Point, step: Step | PendingStep) -> None:
        if passed is point and step.operation is Operation.CREATE_SALES_ORDER and not done:
            done.append(True)
            do()

    application.__dict__["context"] = replace(application.context, on_point=watch)


def test_order_twice_in_one_batch_is_one_order(trial: Trial) -> None:
    order = an_order(ORDER, trial.profile)

    received = deliver(trial, order, order)
    trial.run()

    assert (received.new_orders, received.duplicates) == (1, 1)
    assert trial.documents() == ONE_OF_EACH


def test_order_sent_again_changes_nothing_at_any_time(trial: Trial) -> None:
    """Before it is written, when it is complete, and much later."""
    order = an_order(ORDER, trial.profile)
    deliver(trial, order)
    before = deliver(trial, order)
    trial.run()
    trial.settle()
    complete = deliver(trial, order)
    trial.later(days=40)
    much_later = deliver(trial, order)
    trial.settle()

    assert {each.duplicates for each in (before, complete, much_later)} == {1}
    assert trial.documents() == ONE_OF_EACH
    assert stage_of(trial.view) is Stage.COMPLETED


def test_versions_out_of_order_in_one_batch_the_newest_counts(trial: Trial) -> None:
    newest, older = version(trial, 3, "10:00"), version(trial, 2, "09:00")

    received = deliver(trial, newest, older)
    trial.run()

    assert (received.new_orders, received.outdated_versions) == (1, 1)
    assert ordered(trial) == [3]
    assert not trial.view.holds


def test_versions_out_of_order_an_older_one_never_takes_a_newer_one_back(trial: Trial) -> None:
    deliver(trial, version(trial, 3, "10:00"))
    trial.run()

    received = deliver(trial, version(trial, 2, "09:00"))
    trial.settle()

    assert received.outdated_versions == 1
    assert ordered(trial) == [3]
    assert not trial.view.holds


@pytest.mark.parametrize("point", [Point.AFTER_INTENT, Point.AFTER_FENCE_CHECK, Point.READ_BACK])
def test_order_changed_in_flight_is_made_first_and_then_changed(trial: Trial, point: Point) -> None:
    """What is on its way is finished as it was sent; the new version is a change of it."""
    deliver(trial, version(trial, 2, "08:00"))
    when_it_comes_to(trial, point, lambda: deliver(trial, version(trial, 5, "09:00")))

    trial.run()
    trial.settle()

    assert ordered(trial) == [5]
    view = trial.view
    assert not view.holds
    assert [(step.operation, step.order_version, step.state) for step in view.steps] == [
        (Operation.CREATE_SALES_ORDER, 1, StepState.DONE),
        (Operation.CHANGE_SALES_ORDER, 2, StepState.DONE),
    ]


@pytest.mark.parametrize("is_posted", [True, False])
def test_order_changed_in_flight_while_in_doubt_is_looked_for_as_it_was_sent(
    trial: Trial, is_posted: bool
) -> None:
    """The look-up compares with what was sent, not with what has arrived since."""
    fault = "commit delayed until released" if is_posted else "update terminated after commit"
    trial.inject(ENGINE, fault, "commit")
    deliver(trial, version(trial, 2, "08:00"))
    trial.run()
    [step] = trial.view.steps
    assert step.state is StepState.IN_DOUBT

    deliver(trial, version(trial, 5, "09:00"))
    trial.later(seconds=30)
    [step] = trial.view.steps
    assert (step.state, step.order_version) == (StepState.IN_DOUBT, 1), "nothing is sent"
    trial.settle()

    assert ordered(trial) == [5]
    assert not trial.view.holds
    assert {step.state for step in trial.view.steps} == {StepState.DONE}


def test_order_changed_in_flight_by_a_cancellation_is_made_and_rejected(trial: Trial) -> None:
    deliver(trial, version(trial, 2, "08:00"))
    cancelled = version(trial, 2, "09:00", cancelled_at=f"{DAY}T09:00:00+01:00")
    when_it_comes_to(trial, Point.AFTER_FENCE_CHECK, lambda: deliver(trial, cancelled))

    trial.run()
    trial.settle()

    [document] = trial.simulator.erp.sales_documents()
    assert document.items[0].rejection_reason == "01"
    assert not trial.view.holds


class TwoChannels:
    """Settings of two portals, each with rules of its own."""

    def __init__(self, folder: Path, prefixes: tuple[str, str]) -> None:
        self.inboxes = tuple(folder / name for name in ("north", "south"))
        channels = {}
        for inbox, prefix in zip(self.inboxes, prefixes, strict=True):
            inbox.mkdir()
            channels[inbox.name] = {
                "path": str(inbox),
                "settle_s": 0,
                "plan": "standard",
                "profile": str(self._profile(folder, inbox.name)),
                "rules": str(self._rules(folder, inbox.name, prefix)),
            }
        self.file = folder / "connector.yaml"
        content = {
            "store": {"url": "sqlite:///store.sqlite3"},
            "plans": str(shipped("config/plans")),
            "erp": {
                "profile": "ecc",
                "simulator": {"engine": {"active_jobs": []}, "master_data": MASTER_DATA},
            },
            "channels": channels,
        }
        self.file.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")

    def _profile(self, folder: Path, name: str) -> Path:
        content = yaml.safe_load(shipped("config/channels/portal.yaml").read_text("utf-8"))
        file = folder / f"{name}-profile.yaml"
        file.write_text(yaml.safe_dump({**content, "channel": name}, sort_keys=False), "utf-8")
        return file

    def _rules(self, folder: Path, name: str, prefix: str) -> Path:
        source = shipped("config/mappings/portal.yaml")
        content = yaml.safe_load(source.read_text("utf-8"))
        content["channel"] = name
        content["reference"] = {"prefix": prefix}
        for table in content["tables"].values():
            copy = folder / table["file"]
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes((source.parent / table["file"]).read_bytes())
        file = folder / f"{name}-rules.yaml"
        file.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
        return file


def test_same_reference_from_two_channels_is_two_orders_by_their_prefixes(tmp_path: Path) -> None:
    two = TwoChannels(tmp_path, ("N-", "S-"))
    for inbox in two.inboxes:
        (inbox / "order.json").write_text(json.dumps(an_order("4711", "ecc")), "utf-8")
    with Application(load_settings(two.file), ManualClock(_morning())) as application:
        summary = _pass(application)
        simulator: Any = application.simulator
        orders = list(simulator.erp.sales_documents())

    assert not summary.tally.failures
    assert {order.purchase_order_by_customer for order in orders} == {"N-4711", "S-4711"}


def test_same_reference_from_two_channels_with_one_prefix_is_refused_at_the_start(
    tmp_path: Path,
) -> None:
    two = TwoChannels(tmp_path, ("N-", "N-"))

    with pytest.raises(ConfigurationError, match="N-"):
        Application(load_settings(two.file), ManualClock(_morning()))


def _morning() -> datetime:
    return datetime(2026, 3, 2, 8, tzinfo=UTC)


def _pass(application: Application) -> PassSummary:

    channels = [setup.channel for setup in application.channels.values()]
    return run_pass(application.context, channels)
