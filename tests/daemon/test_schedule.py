"""Jobs run on their intervals, failures stop nothing, and a stop is clean and bounded."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator

import pytest
import structlog

from connector.clock import SystemClock
from connector.daemon.schedule import Job, Schedule
from connector.errors import (
    ConfigurationError,
    ErpUnavailableError,
    LogonRefusedError,
    TransientError,
)

#: Long enough for a loaded machine; no test waits that long unless it fails.
PATIENCE_S = 20.0


class Outcomes:
    """What the jobs reported, and a way to wait for it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._changed = threading.Condition()

    def __call__(self, name: str, outcome: str) -> None:
        with self._changed:
            self.seen.append((name, outcome))
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen) >= count, PATIENCE_S)


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.JSONRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    yield
    structlog.reset_defaults()


def started(
    outcomes: Outcomes, *works: Callable[[], object], interval_s: float = 0.01
) -> tuple[Schedule, threading.Thread, list[bool]]:
    jobs = [Job(f"job {number}", interval_s, work) for number, work in enumerate(works, 1)]
    schedule = Schedule(jobs, SystemClock(), outcomes)
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(schedule.run(PATIENCE_S)))
    thread.start()
    return schedule, thread, ended


def failing(*errors: Exception | None) -> Callable[[], None]:
    """Fail with each of *errors* in turn, then go on well."""
    waiting = list(errors)

    def work() -> None:
        error = waiting.pop(0) if waiting else None
        if error is not None:
            raise error

    return work


def messages(caplog: pytest.LogCaptureFixture, logger: str = "connector") -> list[str]:
    return [
        json.loads(record.getMessage())["event"]
        for record in caplog.records
        if record.name.startswith(logger)
    ]


def test_a_job_runs_at_once_and_again_and_again(outcomes: Outcomes) -> None:
    schedule, thread, ended = started(outcomes, lambda: None)

    outcomes.wait_for(3)
    schedule.stop()
    thread.join(PATIENCE_S)

    assert outcomes.seen[:3] == [("job 1", "ok")] * 3
    assert ended == [True]


def test_a_job_never_runs_beside_itself(outcomes: Outcomes) -> None:
    beside: list[int] = []
    running = threading.Semaphore(1)

    def work() -> None:
        if not running.acquire(blocking=False):
            beside.append(1)
            return
        threading.Event().wait(0.05)
        running.release()

    schedule, thread, _ = started(outcomes, work)
    outcomes.wait_for(3)
    schedule.stop()
    thread.join(PATIENCE_S)

    assert beside == []


def test_an_erp_that_is_away_is_waited_for_with_one_line(
    outcomes: Outcomes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    away = ErpUnavailableError("no route to sap.example")

    schedule, thread, _ = started(outcomes, failing(away, away, away))
    outcomes.wait_for(4)
    schedule.stop()
    thread.join(PATIENCE_S)

    assert [outcome for _, outcome in outcomes.seen[:4]] == [str(away)] * 3 + ["ok"]
    told = messages(caplog)
    assert told.count("the ERP cannot be reached, waiting for it") == 1
    assert told.count("the ERP can be reached again") == 1


@pytest.mark.parametrize(
    "error",
    [TransientError("the share is away"), ConfigurationError("inbox", "gone"), ValueError("bug")],
)
def test_a_failure_of_one_job_stops_nothing(outcomes: Outcomes, error: Exception) -> None:
    schedule, thread, ended = started(outcomes, failing(error), lambda: None)

    outcomes.wait_for(6)
    schedule.stop()
    thread.join(PATIENCE_S)

    first = [outcome for name, outcome in outcomes.seen if name == "job 1"]
    assert first[0] != "ok"
    assert "ok" in first[1:]
    assert ended == [True]
    assert schedule.fatal is None


def test_a_problem_that_stays_is_told_once_and_its_end_too(
    outcomes: Outcomes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gone = ConfigurationError("inbox", "there is no such folder")

    schedule, thread, _ = started(outcomes, failing(gone, gone, gone))
    outcomes.wait_for(4)
    schedule.stop()
    thread.join(PATIENCE_S)

    told = messages(caplog)
    assert told.count("job failed") == 1
    assert told.count("job is well again") == 1


def test_a_refused_logon_stops_everything_after_one_try(outcomes: Outcomes) -> None:
    refused = LogonRefusedError("erp", "the password is wrong")

    schedule, thread, _ = started(outcomes, failing(refused, refused))
    thread.join(PATIENCE_S)

    assert not thread.is_alive()
    assert schedule.fatal is refused
    assert outcomes.seen == [("job 1", str(refused))]


def test_a_stop_waits_for_the_running_job(outcomes: Outcomes) -> None:
    begun, may_end, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(PATIENCE_S)
        done.set()

    schedule, thread, ended = started(outcomes, work)
    assert begun.wait(PATIENCE_S)
    schedule.stop()
    assert schedule.is_stopping
    may_end.set()
    thread.join(PATIENCE_S)

    assert done.is_set()
    assert ended == [True]


def test_a_stop_does_not_wait_for_ever(outcomes: Outcomes) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(PATIENCE_S)

    schedule = Schedule([Job("slow", 60, work)], SystemClock(), outcomes)
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(schedule.run(0.05)))
    thread.start()
    assert begun.wait(PATIENCE_S)
    schedule.stop()
    thread.join(PATIENCE_S)
    may_end.set()

    assert ended == [False]
