"""
The connector's own store is locked by another program, or its disk is full, at any moment.

The disk is full as SQLite finds it: the database may take no further page, and every write needs
one. What a write had reached in the ERP is never lost and never sent twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from connector.bootstrap.application import Application
from connector.cli.failures import ExitCode, exit_code_of
from connector.clock import ManualClock
from connector.daemon.jobs import Jobs
from connector.daemon.schedule import Job, Schedule
from connector.errors import ConfigurationError, ConnectorError, TransientError
from connector.ports.erp import Point
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import Step
from connector.resources import shipped
from connector.settings import load_settings
from connector.store import sqlite
from connector.store.lock import StoreInUseError
from connector.sync.context import PendingStep
from connector.sync.passes import PassSummary, run_pass
from tests.faults.trial import ONE_OF_EACH, ORDER, Trial, a_trial, an_order
from tests.scenarios.profiled import Installation

PROFILES: Final = ("ecc", "s4-mixed")
#: Points of a write before it can have been posted, and those after.
BEFORE: Final = (
    pytest.param(Point.AFTER_CLAIM, marks=pytest.mark.torture),
    Point.AFTER_INTENT,
    Point.CONNECTION_OPEN,
)
AFTER: Final = (Point.AFTER_FENCE_CHECK, Point.READ_BACK)


@dataclass
class Disk:
    """The disk under the store; its writing connection is noted when it is opened."""

    connections: list[sqlite3.Connection]
    path: Path

    def fill(self) -> None:
        """Let the next write find no room."""
        connection = self.connections[-1]
        connection.execute("CREATE TABLE IF NOT EXISTS filler (content BLOB)")
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> 'filler'"
        ).fetchall():
            for event in ("INSERT", "UPDATE"):
                connection.execute(
                    f"CREATE TEMP TRIGGER full_{event}_{table} BEFORE {event} ON main.{table} "
                    "BEGIN INSERT INTO filler VALUES (zeroblob(65536)); END"
                )
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        """Let writes find room again."""
        connection = self.connections[-1]
        for (trigger,) in connection.execute(
            "SELECT name FROM temp.sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER temp.{trigger}")
        connection.execute("PRAGMA max_page_count = 1073741823")


class Locked:
    """Another program's hold on the database."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Let go."""
        self._connection.close()


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    connections: list[sqlite3.Connection] = []
    prepare = sqlite._prepare_writer

    def noted(connection: sqlite3.Connection, record: Any) -> None:
        prepare(connection, record)
        connections.append(connection)

    monkeypatch.setattr(sqlite, "_prepare_writer", noted)
    monkeypatch.setattr(sqlite, "_BUSY_MS", 20)
    return Disk(connections, tmp_path / "store.sqlite3")


@pytest.fixture(params=PROFILES)
def trial(tmp_path: Path, disk: Disk, request: pytest.FixtureRequest) -> Iterator[Trial]:
    state = {
        "state": str(tmp_path / "erp.sqlite3"),
        "engine": {"active_jobs": []},
        "master_data": [str(shipped(name)) for name in ("fixtures/erp", "fixtures/erp-cases")],
    }
    with a_trial(tmp_path, request.param, simulator=state) as found:
        application = found.installation.application
        # From here on there is a connection to write with.
        application.store.mirror.set_watermark("opened", "now", now=application.clock.now())
        yield found


@pytest.fixture
def restarted(tmp_path: Path, trial: Trial) -> Iterator[Any]:
    """A function that ends the process as it is, and starts another one later."""
    with ExitStack() as stack:

        def restart() -> Trial:
            clock = ManualClock(trial.simulator.clock.now() + timedelta(minutes=1))
            trial.installation.application.close()
            settings = load_settings(tmp_path / "connector.yaml")
            application = stack.enter_context(Application(settings, clock))
            return Trial(Installation(application, trial.installation.inbox), trial.profile)

        yield restart


def at_point(trial: Trial, point: Point, do: Any) -> list[Point]:
    """Do something when the write of the order comes to *point*; returns the points passed."""
    application = trial.installation.application
    seen: list[Point] = []

    def watch(passed: Point, step: Step | PendingStep) -> None:
        if step.operation is not Operation.CREATE_SALES_ORDER:
            return
        if passed is point and point not in seen:
            do()
        seen.append(passed)

    application.__dict__["context"] = replace(application.context, on_point=watch)
    return seen


def sales(trial: Trial) -> int:
    return trial.documents()["sales"]


def test_disk_full_at_the_intake_says_so_and_keeps_the_order_where_it_is(
    trial: Trial, disk: Disk
) -> None:
    disk.fill()
    problem = trial.receive()

    assert isinstance(problem, str)
    assert str(disk.path) in problem
    assert "the disk is full" in problem
    assert list(trial.installation.application.store.all_views()) == []
    assert list(trial.installation.inbox.glob("*.json")), "it is not acknowledged"

    disk.make_room()
    trial.installation.application.check_channels()
    channels = [each.channel for each in trial.installation.application.channels.values()]
    run_pass(trial.installation.application.context, channels)
    trial.settle()
    assert trial.documents() == ONE_OF_EACH


@pytest.mark.parametrize("point", BEFORE)
def test_disk_full_before_a_write_nothing_is_sent(
    trial: Trial, disk: Disk, restarted: Any, point: Point
) -> None:
    at_point(trial, point, disk.fill)
    problem = trial.receive()

    assert isinstance(problem, str)
    assert "the disk is full" in problem
    assert sales(trial) == 0
    disk.make_room()
    again = restarted()
    again.run()
    again.settle()
    assert again.documents() == ONE_OF_EACH
    assert not again.view.holds
    assert again.view.flow.closed_at is not None


@pytest.mark.parametrize("point", AFTER)
def test_disk_full_after_the_commit_has_left_the_step_is_in_doubt_and_found(
    trial: Trial, disk: Disk, restarted: Any, point: Point
) -> None:
    """The ERP has it and the store could not note it: the next start looks before it does."""
    at_point(trial, point, disk.fill)
    problem = trial.receive()

    assert isinstance(problem, str)
    assert "the disk is full" in problem
    assert sales(trial) == 1
    disk.make_room()
    [step] = trial.view.steps
    assert step.state in {StepState.COMMIT_SENT, StepState.READ_BACK}

    again = restarted()
    points = at_point(again, Point.AFTER_CLAIM, lambda: None)
    again.run()
    [step] = [each for each in again.view.steps if each.id == step.id]
    assert (step.state, step.attempt) == (StepState.DONE, 1)
    assert points == [], "nothing is sent again"
    again.settle()
    assert again.documents() == ONE_OF_EACH
    assert again.view.flow.closed_at is not None


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_store_locked_in_the_middle_of_a_write_costs_time_alone(
    trial: Trial, disk: Disk, point: Point
) -> None:
    """Another program holds the database for a while; the same process goes on when it lets go."""
    held: list[Locked] = []
    at_point(trial, point, lambda: held.append(Locked(disk.path)))
    with pytest.raises(TransientError) as raised:
        _raising(trial)
    assert "another program keeps the database locked" in str(raised.value)
    assert exit_code_of(raised.value) is ExitCode.UNREACHABLE
    assert sales(trial) == (1 if point in AFTER else 0)

    for each in held:
        each.close()
    trial.settle()
    assert trial.documents() == ONE_OF_EACH
    assert trial.view.flow.closed_at is not None
    assert not trial.view.holds


def _raising(trial: Trial) -> None:
    """Receive the order; a problem that the pass has only counted is raised."""
    summary = trial.receive()
    if not isinstance(summary, str) and summary.tally.failures:
        raise TransientError(summary.tally.failures[0])


def test_store_locked_at_the_intake_says_so_and_keeps_the_order_where_it_is(
    trial: Trial, disk: Disk
) -> None:
    held = Locked(disk.path)
    summary = trial.receive()

    assert isinstance(summary, PassSummary)
    [problem] = summary.channel_problems
    assert f"{disk.path}: another program keeps the database locked" in problem
    assert list(trial.installation.inbox.glob("*.json")), "it is not acknowledged"
    held.close()
    trial.receive()
    trial.settle()

    assert trial.documents() == ONE_OF_EACH


@pytest.mark.parametrize("problem", ["store locked", "disk full"])
def test_the_daemon_notes_what_is_wrong_with_its_store_and_goes_on_when_it_is_well(
    trial: Trial, disk: Disk, problem: str
) -> None:
    application = trial.installation.application
    jobs = Jobs(application, lambda: False, lambda key_date=None: "ok")
    outcomes: list[str] = []
    intake = Job("intake", 1, jobs.intake)
    schedule = Schedule((intake,), application.clock, lambda job, outcome: outcomes.append(outcome))
    _put_an_order(trial)
    held = Locked(disk.path) if problem == "store locked" else None
    if held is None:
        disk.fill()

    schedule._run(intake)
    if held is not None:
        held.close()
    else:
        disk.make_room()
    schedule._run(intake)

    wrong, well = outcomes
    assert str(disk.path) in wrong
    assert ("locked" if held else "the disk is full") in wrong
    assert (well, schedule.fatal, schedule.is_stopping) == ("ok", None, False)
    trial.run()
    trial.settle()
    assert trial.documents() == ONE_OF_EACH


def _put_an_order(trial: Trial) -> None:
    content = an_order(ORDER, trial.profile)
    (trial.installation.inbox / "order.json").write_text(json.dumps(content), "utf-8")


def test_store_in_use_names_the_process_that_has_it(trial: Trial, tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "connector.yaml")
    with (
        Application(settings, ManualClock(trial.simulator.clock.now())) as second,
        pytest.raises(StoreInUseError, match="already writes to it") as raised,
    ):
        _ = second.store
    error: ConnectorError = raised.value
    assert isinstance(error, ConfigurationError)
    assert exit_code_of(error) is ExitCode.WRONG_USAGE
