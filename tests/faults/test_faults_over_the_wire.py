"""
The ERP is a process of its own, the line is a socket, and faults come from the command line.

What is shown in one process for every fault is shown here for those in which the line itself
matters. Times are real and short.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from connector.bootstrap.application import Application
from connector.clock import SystemClock
from connector.ports.step_state import StepState
from connector.ports.store_records import EventKind, FlowView
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from connector.settings import load_settings
from connector.sync.passes import PassSummary, run_pass
from tests.faults.trial import an_order, plan_for_all

MASTER_DATA: Final = [str(shipped("fixtures/erp")), str(shipped("fixtures/erp-cases"))]
CREATE: Final = "BAPI_SALESORDER_CREATEFROMDAT2"
COMMIT: Final = "BAPI_TRANSACTION_COMMIT"
POST_ORDER: Final = "POST A_SalesOrder"
POST_ENTRY: Final = "POST /sap/bc/srt/scs/sap/journalentrycreaterequestconfi"
#: A settle time and waiting times that a test can sit out.
QUICK: Final = {"settle_s": 0.6, "look_up_interval_s": 0.2, "first_retry_s": 0.2, "workers": 1}
_PATIENCE_S: Final = 30.0
_EVERY_S: Final = 0.1


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "connector", "simulator", "serve"]
    for folder in MASTER_DATA:
        command += ["--master-data", folder]
    process = subprocess.Popen(
        [*command, "--option", "engine.active_jobs=[]"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())
    process.terminate()
    process.communicate(timeout=20)


def command(served: dict[str, Any], *arguments: str) -> None:
    """Run a command of `simulator` as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "connector", "simulator", *arguments, "--address", served["rfc"]],
        check=True,
        capture_output=True,
    )


class Line:
    """A connector on the served ERP, with one order of its own."""

    def __init__(self, application: Application, inbox: Path, profile: str, number: str) -> None:
        self.application, self.profile, self.number = application, profile, number
        today = datetime.now(UTC).date().isoformat()
        order = an_order(number, profile, day=today)
        (inbox / "order.json").write_text(json.dumps(order), "utf-8")

    def run(self) -> PassSummary:
        channels = [each.channel for each in self.application.channels.values()]
        return run_pass(self.application.context, channels)

    @property
    def view(self) -> FlowView:
        flows = self.application.store.flows
        [view] = flows.views(flows.find(self.number))
        return view

    def events(self) -> list[EventKind]:
        found = self.application.store.events.of_flow(self.view.flow.id)
        return [event.kind for event in found]

    def run_until(self, operations: int) -> list[PassSummary]:
        """Run passes until so many steps are done."""
        summaries, until = [], time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            summaries.append(self.run())
            steps = self.view.steps
            if sum(step.state is StepState.DONE for step in steps) == operations:
                return summaries
            time.sleep(_EVERY_S)
        raise AssertionError([(s.operation, s.state, s.last_error) for s in self.view.steps])

    def orders(self) -> tuple[str, ...]:
        find = self.application.erp.sales_documents.find
        return find(self.number, DocumentCategory.SALES_ORDER)


@contextmanager
def a_line(folder: Path, served: dict[str, Any], profile: str, number: str) -> Iterator[Line]:
    inbox, plans = folder / "inbox", folder / "plans"
    for each in (inbox, plans):
        each.mkdir()
    plan = plan_for_all()
    (plans / "all.yaml").write_text(
        yaml.safe_dump(plan.model_dump(mode="json", exclude={"name"})), "utf-8"
    )
    config = shipped("config")
    settings = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "plans": str(plans),
        "erp": {
            "profile": profile,
            "timeout_s": 2,
            "simulator": {"address": served["rfc"], "http_address": served["http"]},
            "transport": {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"},
        },
        "channels": {
            "portal": {
                "path": str(inbox),
                "settle_s": 0,
                "profile": str(config / "channels/portal.yaml"),
                "rules": str(config / "mappings/portal.yaml"),
                "plan": "all",
            }
        },
        "sync": QUICK,
    }
    file = folder / "connector.yaml"
    file.write_text(yaml.safe_dump(settings), "utf-8")
    with Application(load_settings(file), SystemClock()) as application:
        yield Line(application, inbox, profile, number)


#: Order, delivery, goods issue, invoice, payment.
ALL: Final = 5

CASES: Final = [
    ("connection lost after commit", "ecc", COMMIT, (), EventKind.FOUND_AGAIN),
    ("silent reopen", "ecc", CREATE, (), EventKind.STEP_WAITS),
    ("client timeout with late commit", "ecc", COMMIT, ("--seconds", "0.3"), EventKind.FOUND_AGAIN),
    ("field missing", "ecc", CREATE, ("--field", "SALESDOCUMENT"), EventKind.STEP_REJECTED),
    ("connection lost before call", "s4-mixed", POST_ORDER, (), EventKind.STEP_WAITS),
    ("connection lost after call", "s4-mixed", POST_ORDER, (), EventKind.FOUND_AGAIN),
    ("truncated json", "s4-mixed", POST_ORDER, (), EventKind.FOUND_AGAIN),
    (
        "too many requests, seconds",
        "s4-mixed",
        POST_ORDER,
        ("--seconds", "1"),
        EventKind.STEP_WAITS,
    ),
    ("truncated xml", "s4-mixed", POST_ENTRY, (), EventKind.FOUND_AGAIN),
    ("update terminated after commit", "s4-mixed", "commit", (), EventKind.STEP_WAITS),
    ("disk full", "ecc", "commit", (), EventKind.STEP_WAITS),
]


#: Those that stand for the others in a quick run: one for each line and each way to end.
QUICK_ONES: Final = {"silent reopen", "connection lost after call", "truncated xml"}
PARAMETERS: Final = [
    pytest.param(
        position,
        case,
        id=f"{case[0]} on {case[1]}",
        marks=() if case[0] in QUICK_ONES else pytest.mark.torture,
    )
    for position, case in enumerate(CASES)
]


@pytest.mark.parametrize(("position", "case"), PARAMETERS)
def test_a_fault_from_the_command_line_leaves_one_of_each(
    tmp_path: Path, served: dict[str, Any], position: int, case: tuple[Any, ...]
) -> None:
    fault, profile, on, more, expected = case
    with a_line(tmp_path, served, profile, f"EXT-{8001 + position}") as line:
        command(served, "inject", fault, "--on", on, *more)
        line.run()
        if expected is EventKind.STEP_REJECTED:
            [hold] = line.view.holds
            assert hold.reason == "ERP_ANSWER_UNCLEAR"
            assert line.orders() == ()
            return
        line.run_until(ALL)

        assert expected in line.events()
        assert len(line.orders()) == 1
        view = line.view
        assert not view.holds
        assert (len(view.deliveries), len(view.billing_documents)) == (1, 1)
        assert len({number for step in view.steps for number in step.numbers}) >= 4


def test_an_erp_that_is_gone_is_waited_for(tmp_path: Path, served: dict[str, Any]) -> None:
    with a_line(tmp_path, served, "s4-mixed", "EXT-8101") as line:
        command(served, "inject", "erp restarting", "--on", "API_SALES_ORDER_SRV", "--times", "2")
        first = line.run()
        assert first.erp_problem
        assert not line.view.steps
        line.run_until(ALL)

        assert EventKind.STEP_WAITS not in line.events()
        assert {step.attempt for step in line.view.steps} == {1}
        assert len(line.orders()) == 1


@pytest.mark.torture
def test_a_clock_an_hour_behind_hides_nothing_over_the_wire(
    tmp_path: Path, served: dict[str, Any]
) -> None:
    command(served, "inject", "clock behind")
    try:
        with a_line(tmp_path, served, "s4-mixed", "EXT-8102") as line:
            line.run_until(ALL)
            assert len(line.orders()) == 1
            assert not line.view.holds
    finally:
        command(served, "faults", "--clear")
