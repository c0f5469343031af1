"""
The runs in the log, one after the other: which run builds on which, and what each sealed of itself.

A run builds on the newest complete run of its own kind (same company codes and currencies) with a
key date that is not later. Key dates of live runs ascend: a run for an earlier day than one that
was reconciled already is a verification, so that it cannot resolve or reopen what came later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.ports.reconciliation import (
    RUN_KINDS,
    EntryKind,
    LogEntry,
    ReconciliationLog,
)
from connector.reconciliation.report import ReconciliationRun, RunHeader, RunMode, Verdict
from connector.reconciliation.roll_forward import PreviousRun
from connector.reconciliation.run_details import DetailsReader, RunDetails

#: Runs with one of these verdicts are no ground to build on or to sign.
UNRELIABLE = frozenset({Verdict.INCOMPLETE, Verdict.FAILED})


@dataclass(frozen=True, slots=True)
class Kind:
    """What a run covers; runs of one kind follow each other."""

    company_codes: tuple[str, ...]
    currencies: tuple[str, ...] = ()
    restricted: bool = False

    @classmethod
    def of(cls, header: RunHeader) -> Kind:
        """Return the kind of the run with *header*."""
        return cls(
            tuple(sorted(header.company_codes)),
            tuple(sorted(header.currencies)),
            header.restricted,
        )

    def covers(self, company_code: str, currency: str, found_with: Iterable[str]) -> bool:
        """
        Tell whether a run of this kind would find a break of these again, if it is still there.

        A break without company code or currency is only seen by runs that leave nothing out, of
        all company codes that it was *found_with*.
        """
        if self.currencies and currency not in self.currencies:
            return False
        if company_code in self.company_codes:
            return True
        return not self.restricted and set(found_with) <= set(self.company_codes)


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """
    A run that ended, as the log tells it.

    ``extracted_on`` is the day of reading, ``read_at``, where the company keeps its books.
    ``is_old`` says that it was kept before the log was a chain, and that nothing is known about its
    figures. ``short`` has the first problem of each source that lacked something, by its name.
    ``extract`` seals what was kept for the next run to build on.
    """

    sequence: int
    run_id: str
    ended_at: datetime
    kind: Kind
    key_date: date
    mode: RunMode
    verdict: Verdict
    content_hash: str
    content_sha256: str
    read_at: datetime
    extracted_on: date
    is_old: bool
    reader: DetailsReader = field(compare=False, repr=False)
    breaks: int | None = None
    pending: int | None = None
    failure: str = ""
    short: Mapping[str, str] = field(default_factory=dict, compare=False)
    extract: str = ""

    @property
    def details(self) -> RunDetails:
        """Its figures; read from the log at the first use."""
        return self.reader.read()

    @property
    def is_complete(self) -> bool:
        return self.verdict not in UNRELIABLE

    @property
    def as_previous(self) -> PreviousRun:
        return PreviousRun(
            run_id=self.run_id, content_hash=self.content_hash, key_date=self.key_date
        )

    def knew(self, line: str, entered_on: date) -> bool:
        """Tell whether a customer *line* had been entered when this run read the ERP."""
        if entered_on != self.extracted_on:
            return entered_on < self.extracted_on
        return line in self.details.entered


def finished_run(entry: LogEntry, log: ReconciliationLog) -> FinishedRun:
    """Return what a RUN_FINISHED entry says."""
    body = entry.content
    zone = ZoneInfo(str(body.get("time_zone") or "UTC"))
    read_at = datetime.fromisoformat(str(body.get("extracted_at") or entry.at.isoformat()))
    return FinishedRun(
        sequence=entry.sequence,
        run_id=entry.subject,
        ended_at=entry.at,
        kind=Kind(
            tuple(sorted(body["company_codes"])),
            tuple(sorted(body.get("currencies", ()))),
            bool(body.get("restricted", False)),
        ),
        key_date=date.fromisoformat(body["key_date"]),
        mode=RunMode(body.get("mode", RunMode.LIVE)),
        verdict=Verdict(body["verdict"]),
        content_hash=body["content_hash"],
        content_sha256=body["content_sha256"],
        read_at=read_at,
        extracted_on=read_at.astimezone(zone).date(),
        is_old="mode" not in body,
        reader=DetailsReader(log, entry.subject),
        breaks=body.get("breaks"),
        pending=body.get("pending"),
        failure=body.get("failure", ""),
        short=body.get("short", {}),
        extract=body.get("extract", ""),
    )


def sealed_body(run: ReconciliationRun) -> dict[str, Any]:
    """Return what the entry of a finished run says besides verdict and hashes."""
    header = run.header
    previous = header.previous
    return {
        "time_zone": header.time_zone,
        "currencies": list(header.currencies),
        "restricted": header.restricted,
        "mode": header.mode.value,
        "program_version": header.program_version,
        "rules_sha256": header.rules_sha256,
        "extracted_at": header.started_at.isoformat(),
        "previous": previous.model_dump(mode="json") if previous is not None else None,
        "breaks": len(run.breaks),
        "pending": len(run.pending),
        "failure": run.failure,
        "short": {each.name: each.problems[0] for each in run.sources if each.problems},
        "extract": header.extract,
    }


@dataclass(frozen=True, slots=True)
class RunHistory:
    """All runs of the log, oldest first: those that ended, and those that were only started."""

    finished: tuple[FinishedRun, ...]
    unfinished: tuple[LogEntry, ...]

    @classmethod
    def read(cls, log: ReconciliationLog) -> RunHistory:
        """Read the entries about runs."""
        started: dict[str, LogEntry] = {}
        finished = []
        for entry in log.entries(RUN_KINDS):
            if entry.kind == EntryKind.RUN_STARTED:
                started[entry.subject] = entry
                continue
            started.pop(entry.subject, None)
            if entry.kind == EntryKind.RUN_FINISHED:
                finished.append(finished_run(entry, log))
        return cls(tuple(finished), tuple(started.values()))

    @property
    def extract(self) -> str:
        """What was kept last for the next run to build on; empty where nothing was."""
        return next((run.extract for run in reversed(self.finished) if run.extract), "")

    def find(self, run_id: str) -> FinishedRun | None:
        """Return a run by its id, or by the only beginning of one."""
        exact = [run for run in self.finished if run.run_id == run_id]
        found = exact or [run for run in self.finished if run.run_id.startswith(run_id)]
        return found[0] if len(found) == 1 else None

    def complete(self, kind: Kind) -> tuple[FinishedRun, ...]:
        """Return the reliable runs of *kind*, oldest first."""
        return tuple(run for run in self.finished if run.kind == kind and run.is_complete)

    def mode_for(self, kind: Kind, key_date: date) -> RunMode:
        """
        Return LIVE, unless a later day of one of the company codes was reconciled already.

        A run for a day that had not come yet counts as one of the day on which it was made: a look
        ahead must not keep the days until then out of the register.
        """
        later = any(
            run.mode is RunMode.LIVE
            and run.is_complete
            and min(run.key_date, run.extracted_on) > key_date
            and set(run.kind.company_codes) & set(kind.company_codes)
            for run in self.finished
        )
        return RunMode.VERIFICATION if later else RunMode.LIVE

    def base_for(self, kind: Kind, key_date: date, mode: RunMode) -> FinishedRun | None:
        """
        Return the run that one for *key_date* builds on, None for the first.

        A live run follows the live run before it, also one for the same day. A verification
        follows the run for the day before in the calendar of runs.
        """
        runs = [run for run in self.complete(kind) if not run.is_old]
        if mode is RunMode.LIVE:
            live = [run for run in runs if run.mode is RunMode.LIVE and run.key_date <= key_date]
            return live[-1] if live else None
        earlier = [run for run in runs if run.key_date < key_date]
        return max(earlier, key=lambda run: (run.key_date, run.sequence), default=None)

    def same_day(self, kind: Kind, key_date: date) -> FinishedRun | None:
        """Return the newest run of *kind* for exactly *key_date*."""
        runs = [run for run in self.complete(kind) if run.key_date == key_date and not run.is_old]
        return runs[-1] if runs else None

    def newest(self, kind: Kind) -> FinishedRun | None:
        """Return the run of *kind* that read the ERP last, whatever its key date."""
        runs = [run for run in self.complete(kind) if not run.is_old]
        return runs[-1] if runs else None
