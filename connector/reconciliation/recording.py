"""
Keeps runs: each is started, finished and sealed in the log, with what it tells about breaks.

A run that fails leaves its row, with the reason. One that was killed leaves a start without an end;
the next run closes it as interrupted and begins anew, since nothing of it was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from connector.clock import Clock
from connector.errors import ConnectorError
from connector.ports.erp import OpenItems
from connector.ports.reconciliation import (
    EntryKind,
    Head,
    LogMovedError,
    NewEntry,
    ReconciliationLog,
    ReconciliationRuns,
    StoredRun,
)
from connector.reconciliation.break_events import CauseFinder
from connector.reconciliation.chain_of_runs import (
    UNRELIABLE,
    Kind,
    RunHistory,
    sealed_body,
)
from connector.reconciliation.collecting import without_cycle_search
from connector.reconciliation.kept_matches import sealed_matches
from connector.reconciliation.late_entries import EnteredLines, void_sign_offs
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.restriction import restricted
from connector.reconciliation.rolling import Rolled, Surroundings, roll
from connector.reconciliation.run import Assignment, run_header, sealed, stamp_of
from connector.reconciliation.run_details import figures_entry
from connector.reconciliation.sign_off import sign_offs, valid_sign_offs

#: Reads and compares at an instant.
Work = Callable[[datetime], ReconciliationRun]

#: How often everything is read again while postings go on and the roll-forward does not close.
_TRIES: Final = 3
#: How often the end of a run is decided anew because somebody wrote to the log meanwhile.
_ENDINGS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecorder:
    """
    Runs *work* and keeps what comes of it.

    ``cause_of`` says which step or document brought a break about. ``holder`` names this process
    to another one that wants to reconcile at the same time.
    """

    log: ReconciliationLog
    runs: ReconciliationRuns
    items: OpenItems
    clock: Clock
    cause_of: CauseFinder
    holder: str

    def run(self, assignment: Assignment, work: Work) -> ReconciliationRun:
        """
        Reconcile and keep the run.

        Raises:
            ReconciliationRunningError: another process reconciles; nothing was done.
            ConnectorError: reading failed. A run with verdict FAILED was kept before, so that the
                log does not look as if nobody had tried.
        """
        with self.log.exclusively(self.holder), without_cycle_search():
            started_at = self.clock.now()
            run_id = _run_id(assignment, started_at, self.log.head())
            mode = self._start(assignment, run_id, started_at)
            try:
                rolled = self._work(assignment, work, run_id, mode)
            except Exception as error:
                # Defects as well: whatever ends a run, the log says that it was tried.
                self._fail(assignment, run_id, mode, started_at, error)
                raise
            return self._finish(assignment, rolled)

    def dry(self, assignment: Assignment, work: Work) -> ReconciliationRun:
        """Reconcile and keep nothing; what it would do to breaks shows in the roll-forward."""
        run_id = _run_id(assignment, self.clock.now(), self.log.head())
        with without_cycle_search():
            rolled = self._work(assignment, work, run_id, RunMode.DRY)
            return rolled.end(self._surroundings(assignment), self.log.head(), self.clock.now()).run

    def _start(self, assignment: Assignment, run_id: str, at: datetime) -> RunMode:
        """Close what was killed before, and note that this run begins."""
        history = RunHistory.read(self.log)
        kind = kind_of(assignment)
        mode = history.mode_for(kind, assignment.key_date)
        closed = [
            NewEntry(EntryKind.RUN_INTERRUPTED, entry.subject, {"closed_by": run_id})
            for entry in history.unfinished
        ]
        started = {
            "key_date": assignment.key_date.isoformat(),
            "time_zone": assignment.time_zone,
            "company_codes": list(assignment.company_codes),
            "currencies": list(assignment.currencies),
            "restricted": assignment.restricted,
            "mode": mode.value,
            "rules_sha256": assignment.rules.sha256,
            "by": self.holder,
        }
        self.log.append([*closed, NewEntry(EntryKind.RUN_STARTED, run_id, started)], at=at)
        return mode

    def _work(self, assignment: Assignment, work: Work, run_id: str, mode: RunMode) -> Rolled:
        """Run, and roll forward; again while postings go on that one of both did not see."""
        for left in reversed(range(_TRIES)):
            read_at = self.clock.now()
            run = restricted(work(read_at))
            header = run.header.model_copy(
                update={"run_id": run_id, "mode": mode, "started_at": read_at}
            )
            rolled = roll(
                run.model_copy(update={"header": header}),
                self._surroundings(assignment),
                EnteredLines(self.items, assignment.company_codes, assignment.currencies),
                read_at.astimezone(ZoneInfo(assignment.time_zone)).date(),
            )
            if rolled.closes or not left:
                return rolled
        raise AssertionError("the last attempt returns")

    def _surroundings(self, assignment: Assignment) -> Surroundings:
        return Surroundings.read(self.log, self.runs, assignment.rules, self.cause_of)

    def _finish(self, assignment: Assignment, rolled: Rolled) -> ReconciliationRun:
        lines = EnteredLines(self.items, assignment.company_codes, assignment.currencies)
        pieces = [piece.content for piece in rolled.run.matches.pieces]
        for left in reversed(range(_ENDINGS)):
            head, now = self.log.head(), self.clock.now()
            around = self._surroundings(assignment)
            ended = rolled.end(around, head, now)
            run, kind = ended.run, kind_of(assignment)
            voids: list[NewEntry] = []
            if run.verdict not in UNRELIABLE:
                signed = [
                    each
                    for each in valid_sign_offs(sign_offs(self.log), around.history)
                    if each.kind == kind
                ]
                checked = around.history.newest(kind)
                voids = list(void_sign_offs(run, signed, checked, lines))
            stored = stored_run(run)
            entries = [
                *ended.events,
                figures_entry(run, ended.open_breaks, rolled.entered),
                stored.finished_entry({**sealed_body(run), **sealed_matches(run, pieces)}),
                *voids,
            ]
            try:
                self.log.append(entries, at=now, after=head.sequence, run=stored, matches=pieces)
            except LogMovedError:
                if not left:
                    raise
                continue
            return run
        raise AssertionError("the last attempt returns or raises")

    def _fail(
        self,
        assignment: Assignment,
        run_id: str,
        mode: RunMode,
        started_at: datetime,
        error: Exception,
    ) -> None:
        """Keep a row that says why; a mistake of the program says so."""
        failure = str(error)
        if not isinstance(error, ConnectorError):
            failure = f"internal error: {type(error).__name__}: {error}"
        now = self.clock.now()
        header = run_header(assignment, started_at).model_copy(
            update={"run_id": run_id, "mode": mode, "finished_at": now}
        )
        run = sealed(ReconciliationRun(header=header, verdict=Verdict.FAILED, failure=failure))
        stored = stored_run(run)
        self.log.append([stored.finished_entry(sealed_body(run))], at=now, run=stored)


def kind_of(assignment: Assignment) -> Kind:
    """Return what kind of run *assignment* asks for."""
    return Kind(
        tuple(sorted(assignment.company_codes)),
        tuple(sorted(assignment.currencies)),
        assignment.restricted,
    )


def stored_run(run: ReconciliationRun) -> StoredRun:
    """Return *run* as it is kept."""
    header = run.header
    return StoredRun(
        run_id=header.run_id,
        key_date=header.key_date,
        company_codes=header.company_codes,
        verdict=run.verdict.value,
        content_hash=run.content_hash,
        finished_at=header.finished_at,
        content=run.to_json(),
    )


def _run_id(assignment: Assignment, at: datetime, head: Head) -> str:
    """Sortable by time; the rest tells runs of one instant apart."""
    text = f"{head.hash} {assignment.key_date} {assignment.company_codes} {assignment.currencies}"
    return f"{stamp_of(at)}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"
