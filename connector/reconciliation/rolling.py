"""
Ties a run to the runs before it: what it builds on, both roll-forwards, what it restates.

In two steps: :func:`roll` asks the ERP for what was posted in between, :meth:`Rolled.end` asks the
register of breaks, which may move until the very end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from connector.ports.reconciliation import (
    Head,
    NewEntry,
    ReconciliationLog,
    ReconciliationRuns,
    as_if_appended,
)
from connector.reconciliation.break_events import CauseFinder, break_events
from connector.reconciliation.break_movements import (
    OpenBreaks,
    compared,
    open_breaks,
    roll_breaks,
    tallies,
)
from connector.reconciliation.break_register import BreakRegister, Movement
from connector.reconciliation.chain_of_runs import UNRELIABLE, FinishedRun, Kind, RunHistory
from connector.reconciliation.differences import Break
from connector.reconciliation.item_movements import roll_items
from connector.reconciliation.late_entries import EnteredLines, restatement
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.restatement import Restatement
from connector.reconciliation.roll_forward import (
    BreakMovement,
    ItemMovement,
    PreviousRun,
    RollForward,
    Tally,
)
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import sealed


class _BreaksOfRun(BaseModel):
    """The breaks of a kept run, read without making anything of its matches."""

    model_config = ConfigDict(extra="ignore")

    breaks: tuple[Break, ...] = ()


class _RegisterReader:
    """Reads the register of breaks when somebody asks for it, once: it is a sum of many events."""

    def __init__(self, log: ReconciliationLog) -> None:
        self._log = log
        self._register: BreakRegister | None = None

    def read(self) -> BreakRegister:
        if self._register is None:
            self._register = BreakRegister.read(self._log)
        return self._register


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the log says when a run begins or ends, and how causes are found."""

    history: RunHistory
    registers: _RegisterReader
    runs: ReconciliationRuns
    rules: ReconciliationRules
    cause_of: CauseFinder

    @property
    def register(self) -> BreakRegister:
        """The register of breaks; only the end of a run looks at it."""
        return self.registers.read()

    @classmethod
    def read(
        cls,
        log: ReconciliationLog,
        runs: ReconciliationRuns,
        rules: ReconciliationRules,
        cause_of: CauseFinder,
    ) -> Self:
        """Read the log."""
        return cls(RunHistory.read(log), _RegisterReader(log), runs, rules, cause_of)


@dataclass(frozen=True, slots=True)
class Ended:
    """A run with all that belongs to it, and what it has to tell the log."""

    run: ReconciliationRun
    events: tuple[NewEntry, ...]
    open_breaks: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Rolled:
    """
    A run with its roll-forward of items, before the register of breaks is asked.

    ``entered`` are the customer lines of its own day that it has seen.
    """

    run: ReconciliationRun
    kind: Kind
    base: FinishedRun | None
    items: tuple[ItemMovement, ...]
    restated: Restatement | None
    entered: tuple[str, ...]

    @property
    def closes(self) -> bool:
        """Whether the open items roll forward exactly; a run that cannot be trusted need not."""
        return not any(row.difference for row in self.items)

    def end(self, around: Surroundings, head: Head, now: datetime) -> Ended:
        """Return the run as it is kept when the log ends at *head*."""
        run = self.run.model_copy(
            update={
                "restated": self.restated,
                "header": self.run.header.model_copy(
                    update={"finished_at": now, "previous": _previous(self.base)}
                ),
            }
        )
        events = break_events(run, around.register, self.kind, around.cause_of)
        if run.verdict in UNRELIABLE:
            return Ended(run, tuple(events), {})
        if run.header.mode is RunMode.LIVE:
            rows, closing = self._moved(run, around, events, head, now)
        else:
            rows, closing = self._compared(run, around)
        forward = RollForward(opens_from=_previous(self.base), breaks=rows, items=self.items)
        run = run.model_copy(update={"roll_forward": forward})
        if not forward.closes:
            # A defect of the log or of the readings: nothing that rests on it may move.
            run = sealed(run.model_copy(update={"verdict": Verdict.INCOMPLETE}))
            return Ended(run, (), {})
        return Ended(run, tuple(events), closing)

    def _moved(
        self,
        run: ReconciliationRun,
        around: Surroundings,
        events: list[NewEntry],
        head: Head,
        now: datetime,
    ) -> tuple[tuple[BreakMovement, ...], dict[str, Tally]]:
        """By the events in the log since the run before, those of this run included."""
        register = around.register
        for entry in as_if_appended(events, head, now):
            register.apply(entry)
        closing = tallies(open_breaks(run.breaks, register))
        since = self.base.sequence if self.base is not None else 0
        opening = self.base.details.open_breaks if self.base is not None else {}
        found = {each.id for each in run.breaks}
        moved = [
            each
            for each in register.movements
            if each.sequence > since and (each.break_id in found or self._covers(register, each))
        ]
        return roll_breaks(opening, moved, closing), closing

    def _covers(self, register: BreakRegister, movement: Movement) -> bool:
        record = register.records[movement.break_id]
        return self.kind.covers(record.company_code, record.scope_currency, record.found_with)

    def _compared(
        self, run: ReconciliationRun, around: Surroundings
    ) -> tuple[tuple[BreakMovement, ...], dict[str, Tally]]:
        """By the two lists of breaks alone: the register has moved on since."""
        after = open_breaks(run.breaks)
        before = _breaks_of(self.base, around.runs)
        closing = tallies(after)
        return roll_breaks(tallies(before), compared(before, after), closing), closing


def roll(run: ReconciliationRun, around: Surroundings, lines: EnteredLines, today: date) -> Rolled:
    """
    Find what *run* builds on, and read what was posted and entered since.

    Args:
        run: with mode and id in its header.
        around: what the log says.
        lines: reads customer lines.
        today: the day of reading, where the company keeps its books.

    Raises:
        ConnectorError: the ERP could not be read.
    """
    header, kind = run.header, Kind.of(run.header)
    if run.verdict in UNRELIABLE:
        return Rolled(run, kind, None, (), None, ())
    history = around.history
    mode = history.mode_for(kind, header.key_date) if header.mode is RunMode.DRY else header.mode
    base = history.base_for(kind, header.key_date, mode)
    earlier = history.same_day(kind, header.key_date)
    items: tuple[ItemMovement, ...] = ()
    if base is not None:
        posted = lines.posted_between(base.key_date, header.key_date)
        items = roll_items(base, run, posted, lines.later_than(base), around.rules)
    restated = None
    if earlier is not None:
        restated = restatement(run, earlier, lines.later_than(earlier)) or None
    return Rolled(run, kind, base, items, restated, lines.entered_since(today))


def _previous(base: FinishedRun | None) -> PreviousRun | None:
    return None if base is None else base.as_previous


def _breaks_of(base: FinishedRun | None, runs: ReconciliationRuns) -> OpenBreaks:
    stored = None if base is None else runs.reconciliation_run(base.run_id)
    if stored is None:
        return {}
    return open_breaks(_BreaksOfRun.model_validate_json(stored.content).breaks)
