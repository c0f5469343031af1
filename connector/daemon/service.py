"""The daemon as a service: lock, jobs, sign of life, metrics, and a clean end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import structlog

from connector.bootstrap.reconciliation_news import ReconciliationNews
from connector.bootstrap.reconciliation_standing import StandingReader
from connector.clock import SystemClock
from connector.daemon.event_log import EventLog
from connector.daemon.heartbeat import Heartbeat, write_heartbeat
from connector.daemon.jobs import JobRecord, Jobs
from connector.daemon.reconciling import Reconcile
from connector.daemon.schedule import Job, Schedule

if TYPE_CHECKING:
    from connector.bootstrap.application import Application

_log = structlog.get_logger(__name__)


class Service:
    """
    Runs the jobs of an application until SIGTERM, SIGINT or :meth:`stop`.

    Raises:
        ConfigurationError: a channel, the heartbeat or the metrics are set up wrongly, another
            daemon has the store, or (at the end) the ERP refused the logon.
    """

    def __init__(self, application: Application, reconcile: Reconcile) -> None:
        self._application = application
        self._settings = application.settings.daemon
        self._records: dict[str, JobRecord] = {}
        self._lock = threading.Lock()
        application.check_channels()
        jobs = Jobs(application, self._is_stopping, reconcile).all()
        beat = Job("heartbeat", self._settings.heartbeat_s, self._beat)
        self._events = EventLog(application.store, application.clock)
        log = Job("log", self._settings.advance_s, self._events.write)
        # The machine's clock: a simulated ERP's may be days ahead, and health is asked for by other
        # processes.
        self._clock = SystemClock()
        self._schedule = Schedule((*jobs, log, beat), self._clock, self._note)

    def stop(self) -> None:
        """Let the service end; may be called from a signal handler."""
        self._schedule.stop()

    def run(self) -> bool:
        """
        Run until stopped.

        Returns:
            Whether all running work has come to its end; what was cut short is recorded in its
            step, and is looked up at the next start before anything is written.
        """
        self._beat()
        with ExitStack() as cleanup:
            cleanup.enter_context(self._signals())
            if self._settings.metrics_port is not None:
                cleanup.enter_context(self._metrics(self._settings.metrics_port))
            _log.info("started", process=os.getpid(), erp=self._application.settings.erp.driver)
            finished = self._schedule.run(self._settings.shutdown_s)
            if finished:
                self._events.write()
        self._settings.heartbeat.unlink(missing_ok=True)
        if self._schedule.fatal is not None:
            raise self._schedule.fatal
        _log.info("ended", cut_short=not finished)
        return finished

    def _is_stopping(self) -> bool:
        return self._schedule.is_stopping

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals reach the main thread alone; elsewhere somebody else calls `stop`."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, lambda *_: self.stop())
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def _metrics(self, port: int) -> Iterator[None]:
        from connector.daemon.metrics import serve_metrics

        host = self._settings.metrics_host
        runs, log = self._application.reconciliation_runs, self._application.reconciliation_log
        news = ReconciliationNews(self._application)
        standing = StandingReader(runs, log, news.recent).read
        with serve_metrics(host, port, self._application.store, self._records, standing):
            yield

    def _note(self, job: str, outcome: str) -> None:
        if job not in ("heartbeat", "log"):
            with self._lock:
                self._records[job] = JobRecord(outcome, self._clock.now())

    def _beat(self) -> None:
        with self._lock:
            jobs = {name: record.outcome for name, record in self._records.items()}
        write_heartbeat(
            self._settings.heartbeat,
            Heartbeat(
                at=self._clock.now(),
                process=os.getpid(),
                every_s=self._settings.heartbeat_s,
                jobs=jobs,
            ),
        )
