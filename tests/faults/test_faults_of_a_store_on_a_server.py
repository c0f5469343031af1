"""
The store's server goes away at any moment, or gives the connector's place to another one.

What a write had reached in the ERP is never lost and never sent twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event

from connector.cli.failures import ExitCode, exit_code_of
from connector.daemon.jobs import Jobs
from connector.daemon.schedule import Job, Schedule
from connector.errors import TransientError
from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.ports.store_records import Step
from connector.resources import shipped
from connector.store.sql_store import SqlStore, open_store
from connector.sync.context import PendingStep
from connector.sync.passes import PassSummary
from tests.faults.trial import ONE_OF_EACH, Trial, a_trial
from tests.postgresql_server import PostgresqlServer

PROFILES: Final = ("ecc", "s4-mixed")
#: A point of a write before it can have been posted, and those after.
BEFORE: Final = (Point.AFTER_INTENT,)
AFTER: Final = (Point.AFTER_FENCE_CHECK, Point.READ_BACK)


@pytest.fixture(params=PROFILES)
def trial(
    tmp_path: Path,
    postgresql: PostgresqlServer,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Trial]:
    url = postgresql.new_database()
    monkeypatch.setenv("SD_CONNECTOR__STORE__URL", url)
    simulator = {
        "engine": {"active_jobs": []},
        "master_data": [str(shipped(name)) for name in ("fixtures/erp", "fixtures/erp-cases")],
    }
    with a_trial(tmp_path, request.param, simulator=simulator) as found:
        yield found
    postgresql.drop_database(url)


@pytest.fixture
def server(postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """The server, which runs again when the test is over."""
    yield postgresql
    # It runs already, unless the test has failed on the way.
    with suppress(AssertionError):
        postgresql.start()


def once_at(trial: Trial, point: Point, do: Callable[[], object]) -> None:
    """Do something when the write of the order comes to *point* for the first time."""
    application = trial.installation.application
    done: list[Point] = []

    def watch(passed: Point, step: Step | PendingStep) -> None:
        if step.operation is Operation.CREATE_SALES_ORDER and passed is point and not done:
            done.append(passed)
            do()

    application.__dict__["context"] = replace(application.context, on_point=watch)


def receive(trial: Trial) -> None:
    """Receive the order; a problem that the pass has only counted is raised."""
    summary = trial.receive()
    assert isinstance(summary, PassSummary)
    if summary.tally.failures:
        raise TransientError(summary.tally.failures[0])


def finish(trial: Trial) -> None:
    """Let time pass until all is done, and look at what there is."""
    trial.settle()
    assert trial.documents() == ONE_OF_EACH
    assert trial.view.flow.closed_at is not None
    assert not trial.view.holds


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_server_that_goes_away_in_the_middle_of_a_write_costs_time_alone(
    trial: Trial, server: PostgresqlServer, point: Point
) -> None:
    once_at(trial, point, server.stop)
    with pytest.raises(TransientError) as raised:
        receive(trial)
    assert "the server cannot be reached" in str(raised.value)
    assert exit_code_of(raised.value) is ExitCode.UNREACHABLE
    assert trial.documents()["sales"] == (1 if point in AFTER else 0)

    server.start()
    finish(trial)


@pytest.mark.parametrize("was_durable", [True, False])
@pytest.mark.parametrize("point", [*BEFORE, Point.AFTER_FENCE_CHECK, Point.COMMIT_ANSWERED])
def test_a_connection_lost_at_a_commit_is_no_reason_to_send_twice(
    trial: Trial, server: PostgresqlServer, point: Point, was_durable: bool
) -> None:
    """Whether that commit became durable, the connector does not know; it must not matter."""
    lost: list[bool] = []

    def lose(connection: Any) -> None:
        if lost == [False]:
            lost[:] = [True]
            if was_durable:
                # Done, and its answer is lost: what is told is the loss of an empty transaction.
                connection.connection.dbapi_connection.commit()
                connection.connection.dbapi_connection.execute("SELECT 1")
            server.disconnect_all()

    event.listen(_writing(trial), "commit", lose)
    once_at(trial, point, lambda: lost.append(False))
    trial.receive()
    assert lost == [True]
    sales = trial.documents()["sales"]
    assert sales == (0 if point is Point.AFTER_INTENT else 1)

    finish(trial)


def _writing(trial: Trial) -> Any:
    store = trial.installation.application.store
    assert isinstance(store, SqlStore)
    assert store._database._writer is not None
    return store._database._writer.engine


@pytest.mark.parametrize("point", [*BEFORE, *AFTER])
def test_a_connector_whose_place_is_taken_sends_nothing_more(
    trial: Trial, server: PostgresqlServer, point: Point
) -> None:
    """The network parts it from the server for a moment, and another daemon starts in it."""
    others: list[SqlStore] = []
    url = trial.installation.application.settings.store.url

    def take_its_place() -> None:
        server.disconnect_all()
        others.append(open_store(url))

    once_at(trial, point, take_its_place)
    problem = trial.receive()
    assert isinstance(problem, str)
    assert "a second daemon on the same store" in problem
    assert trial.documents()["sales"] == (1 if point in AFTER else 0)
    again = trial.run()
    assert isinstance(again, str)
    assert "a second daemon on the same store" in again

    others[0].close()
    finish(trial)


def test_the_daemon_goes_on_when_its_server_is_back(trial: Trial, server: PostgresqlServer) -> None:
    application = trial.installation.application
    assert not list(application.store.all_views())
    jobs = Jobs(application, lambda: False, lambda key_date=None: "ok")
    outcomes: list[str] = []
    advance = Job("advance", 1, jobs.advance)
    schedule = Schedule(
        (advance,), application.clock, lambda job, outcome: outcomes.append(outcome)
    )
    server.stop()
    schedule._run(advance)
    server.start()
    schedule._run(advance)

    wrong, well = outcomes
    assert "the server cannot be reached" in wrong
    assert (well, schedule.fatal, schedule.is_stopping) == ("ok", None, False)
    trial.receive()
    finish(trial)
