"""
Jobs on their intervals, and a clean stop.

APScheduler only says when; what a job does is a function handed in. Of each job one instance runs
at a time, and runs that were missed meanwhile count as one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector.clock import Clock
from connector.errors import (
    ConnectorError,
    ErpUnavailableError,
    LogonRefusedError,
    TransientError,
)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is to be done again and again, *interval_s* seconds apart."""

    name: str
    interval_s: float
    work: Callable[[], object]


class Schedule:
    """
    Runs jobs until :meth:`stop` is called, then waits for those that are running.

    A job that fails is logged and tried again when its turn comes: an ERP or a channel that is
    away stops nothing and uses nothing up. Only a refused logon ends everything, because each
    further try counts towards the lock of the user: it is in :attr:`fatal`.
    """

    def __init__(
        self, jobs: Sequence[Job], clock: Clock, on_outcome: Callable[[str, str], None]
    ) -> None:
        self._jobs = tuple(jobs)
        self._clock = clock
        self._on_outcome = on_outcome
        self._stop = threading.Event()
        self._idle = threading.Condition()
        self._running: set[str] = set()
        self._without_erp: set[str] = set()
        self._failing: dict[str, str] = {}
        self.fatal: ConnectorError | None = None

    def stop(self) -> None:
        """Let no further job start; may be called from a signal handler."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether :meth:`stop` was called: long work looks here between its parts."""
        return self._stop.is_set()

    def run(self, shutdown_s: float) -> bool:
        """
        Run until stopped, then wait at most *shutdown_s* for running jobs.

        Returns whether all of them have ended; what was cut short is recorded in its step and is
        looked up at the next start.
        """
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(max(len(self._jobs), 1))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        for job in self._jobs:
            scheduler.add_job(
                self._run,
                "interval",
                args=[job],
                id=job.name,
                name=job.name,
                seconds=job.interval_s,
                next_run_time=self._clock.now(),
            )
        scheduler.add_listener(self._on_defect, EVENT_JOB_ERROR)
        scheduler.start()
        self._stop.wait()
        _log.info("stopping", running=sorted(self._running))
        scheduler.shutdown(wait=False)
        with self._idle:
            finished = self._idle.wait_for(lambda: not self._running, shutdown_s)
        if not finished:
            _log.warning("cut short", running=sorted(self._running))
        return finished

    def _run(self, job: Job) -> None:
        if self._stop.is_set():
            return
        with self._counted(job.name):
            outcome = self._outcome(job)
        self._on_outcome(job.name, outcome)

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        with self._idle:
            self._running.add(name)
        try:
            yield
        finally:
            with self._idle:
                self._running.discard(name)
                self._idle.notify_all()

    def _outcome(self, job: Job) -> str:
        try:
            job.work()
        except LogonRefusedError as error:
            with self._idle:
                is_news = self.fatal is None
                self.fatal = error
            if is_news:
                _log.error("logon refused, the daemon stops", job=job.name, problem=str(error))
            self.stop()
            return str(error)
        except ErpUnavailableError as error:
            with self._idle:
                is_news = not self._without_erp
                self._without_erp.add(job.name)
            if is_news:
                _log.warning("the ERP cannot be reached, waiting for it", problem=str(error))
            return str(error)
        except TransientError as error:
            if self._is_news(job, str(error)):
                _log.warning("not possible at present", job=job.name, problem=str(error))
            return str(error)
        except ConnectorError as error:
            if self._is_news(job, str(error)):
                _log.error("job failed", job=job.name, problem=str(error))
            return str(error)
        with self._idle:
            answered = job.name in self._without_erp
            was_failing = self._failing.pop(job.name, "")
            self._without_erp.discard(job.name)
        if answered and not self._without_erp:
            _log.info("the ERP can be reached again")
        if was_failing:
            _log.info("job is well again", job=job.name)
        return "ok"

    def _is_news(self, job: Job, problem: str) -> bool:
        """A problem that stays the same is told once, not at every interval."""
        with self._idle:
            before = self._failing.get(job.name)
            self._failing[job.name] = problem
        return before != problem

    def _on_defect(self, event: JobExecutionEvent) -> None:
        """APScheduler has caught and logged what nobody expected; the other jobs go on."""
        self._on_outcome(event.job_id, f"a defect: {type(event.exception).__name__}, see the log")
