"""
What the daemon does on its intervals: each job is one use case, called for as long as it may run.

The jobs that write to the ERP take turns, so that its sessions are shared by one crew of workers
at a time; a job that finds the other at work waits, and its missed runs count as one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from connector.bootstrap import statements
from connector.bootstrap.intake_marks import note_intake
from connector.bootstrap.reconciliation_news import ReconciliationNews
from connector.bootstrap.statement_payments import post_from_statements, posts_from_statements
from connector.daemon.first_logon import FirstLogon
from connector.daemon.reconciling import LOOK_S, Reconcile, ScheduledReconciliation, rule_of
from connector.daemon.repeating import Repetition
from connector.daemon.schedule import Job
from connector.errors import ConnectorError, ErpUnavailableError, TransientError
from connector.ports.channels import Channel
from connector.sync.chain import open_receivables, valid_invoices
from connector.sync.crew import Crew, Tally
from connector.sync.intake import receive
from connector.sync.passes import due_views, run_pass
from connector.sync.recover import recover

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.channels.statement_folder import StatementFolder
    from connector.sync.context import SyncContext

_log = structlog.get_logger(__name__)

#: Between two looks of a simulated ERP in this process at its own jobs, in seconds.
_TICK_S = 1.0
#: How exactly it is kept until when a channel was read.
_INTAKE_NOTED: Final = timedelta(seconds=60)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class JobRecord:
    """How the last run of a job ended: ``ok``, or what went wrong."""

    outcome: str
    ended_at: datetime


class Jobs:
    """
    The jobs of one application.

    Args:
        stop: asked between steps; True lets what runs come to its end, and begins nothing new.
        reconcile: does one reconciliation and returns its verdict.

    Raises:
        ConfigurationError: the file of holidays of the schedule is wrong.
    """

    def __init__(
        self, application: Application, stop: Callable[[], bool], reconcile: Reconcile
    ) -> None:
        self._application = application
        self._context: SyncContext = application.context
        self._channels: tuple[Channel, ...] = tuple(
            setup.channel for setup in application.channels.values()
        )
        self._folders = application.statement_folders
        self._stop = stop
        self._reconcile = reconcile
        self._scheduled = self._schedule(application)
        self._turn = threading.Lock()
        self._intake_turn = threading.Lock()
        self._has_looked = False
        self._noted: dict[str, datetime] = {}
        self._logon = FirstLogon(self._context.erp.ping)

    def all(self) -> tuple[Job, ...]:
        """Return the jobs with their intervals, as the settings say."""
        daemon = self._application.settings.daemon
        jobs = [
            Job("intake", daemon.intake_s, self.intake),
            Job("advance", daemon.advance_s, self.advance),
            Job("status", daemon.status_s, self.status),
            Job("payments", daemon.payments_s, self.payments),
        ]
        if posts_from_statements(self._application):
            jobs.append(Job("statements", daemon.statements_s, self.statements))
        every_s = daemon.reconcile_s if self._scheduled is None else LOOK_S
        jobs.append(Job("reconcile", every_s, self.reconcile))
        simulator = self._application.simulator
        if simulator is not None and simulator.is_local:
            jobs.append(Job("simulated ERP", _TICK_S, simulator.tick))
        return tuple(jobs)

    def intake(self) -> None:
        """
        Receive from every channel, and statements from their folders.

        Raises:
            ConnectorError: the first problem of a channel or folder, after the others were read.
        """
        with self._intake_turn:
            problems = list(self._intake())
            self._has_looked = True
        if problems:
            raise problems[0]

    def _intake(self) -> Iterator[ConnectorError]:
        for channel in self._channels:
            if self._stop():
                return
            looked_at = self._context.clock.now()
            try:
                received = receive(self._context, channel)
                self._note_intake(channel.name, looked_at)
            except ConnectorError as error:
                yield error
                continue
            if received.new_orders or received.new_versions or received.unreadable:
                _log.info(
                    "received",
                    channel=channel.name,
                    new_orders=received.new_orders,
                    new_versions=received.new_versions,
                    unreadable=received.unreadable,
                )
        for folder in self._folders:
            if self._stop():
                return
            try:
                self._receive(folder)
            except ConnectorError as error:
                yield error

    def _note_intake(self, channel: str, at: datetime) -> None:
        noted = self._noted.get(channel)
        if noted is None or not noted <= at < noted + _INTAKE_NOTED:
            note_intake(self._context.store.mirror, channel, at)
            self._noted[channel] = at

    def _receive(self, folder: StatementFolder) -> None:
        for received in statements.receive(self._application, folder):
            added = received.added
            _log.info(
                "received statements",
                folder=folder.name,
                file=received.name,
                added=added.added if added else 0,
                replayed=added.replayed if added else 0,
                problems=len(received.problems),
            )

    def advance(self) -> None:
        """Work on the orders that are due, after taking over what a dead worker left behind."""
        with self._turn:
            recovered = recover(self._context)
            if recovered:
                _log.warning("took over what a worker left behind", steps=len(recovered))
            doubts = self._context.store.steps.in_doubt(self._context.clock.now())
            unread = self._context.store.mirror.unread(_PAGE, 0)
            if not (doubts or unread or any(True for _ in due_views(self._context))):
                return
            # Orders that cannot be mapped are held while the ERP is away, too.
            with suppress(TransientError):
                self._logon.require()
            crew = Crew(self._context, self._stop)
            self._told("advance", crew.work(due_views(self._context), unread, doubts))

    def status(self) -> None:
        """Pull what changed in the ERP, and work on the orders that this concerns."""
        with self._turn:
            self._logon.require()
            summary = run_pass(self._context, stop=self._stop)
            if summary.erp_problem:
                raise ErpUnavailableError(summary.erp_problem)
            self._told("status", summary.tally)

    def payments(self) -> None:
        """Read the open items of invoiced orders anew, and post the payments that fit them."""
        with self._turn:
            waiting = list(self._awaiting_payment())
            if waiting:
                self._logon.require()
                crew = Crew(self._context, self._stop)
                self._told("payments", crew.work(iter(()), waiting))

    def statements(self) -> None:
        """Post what bank lines and payouts bring, and propose the rest to persons."""
        with self._turn:
            self._logon.require()
            done = post_from_statements(self._application, self._stop)
        if done.did_something:
            _log.info(
                "posted from statements",
                posted=done.posted,
                held=done.held,
                in_doubt=done.in_doubt,
                proposed=done.proposed,
            )
        if done.erp_problem:
            raise ErpUnavailableError(done.erp_problem)

    def reconcile(self) -> None:
        """Reconcile the key dates that are due, or at today's date, and log the verdict."""
        if self._stop():
            return
        if not self._has_looked:
            # What arrived while nothing ran belongs to the key dates that are due.
            with suppress(ConnectorError):
                self.intake()
        if self._scheduled is not None:
            if self._scheduled.due() or self._scheduled.to_repeat():
                self._log_on_if_possible()
            self._scheduled.run()
            return
        self._log_on_if_possible()
        _log.info("reconciled", verdict=self._reconcile())

    def _log_on_if_possible(self) -> None:
        """A run that cannot reach the ERP fails in the log, where finance looks for it."""
        with suppress(TransientError):
            self._logon.require()

    def _schedule(self, application: Application) -> ScheduledReconciliation | None:
        settings = application.settings.reconciliation.schedule
        if not settings.is_set:
            return None
        news = ReconciliationNews(application)
        return ScheduledReconciliation(
            rule_of(settings, application.settings.time_zone),
            application.store.mirror,
            application.clock,
            self._reconcile,
            unreliable=news.unreliable,
            repetition=Repetition(
                timedelta(seconds=settings.repeat_s), settings.repeat_days, news.has_come
            ),
            retry_s=settings.retry_s,
            stop=self._stop,
        )

    def _awaiting_payment(self) -> Iterator[int]:
        flows, after = self._context.store.flows, 0
        while ids := flows.ids(open_only=True, held=False, after_id=after, limit=_PAGE):
            for view in flows.views(ids):
                if valid_invoices(view) and open_receivables(view):
                    yield view.flow.id
            after = ids[-1]

    def _told(self, job: str, tally: Tally) -> None:
        if tally.written or tally.held or tally.completed:
            _log.info(
                "worked",
                job=job,
                documents=tally.written,
                held=tally.held,
                completed=tally.completed,
            )
        if tally.unreachable:
            raise ErpUnavailableError(tally.unreachable)
        if tally.failures:
            more = f" (and {len(tally.failures) - 1} more)" if len(tally.failures) > 1 else ""
            raise TransientError(tally.failures[0] + more)
