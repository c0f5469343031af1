"""How reconciliation stands, at a glance: the last run, what is open, days not to be relied on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from connector.ports.reconciliation import ReconciliationLog, ReconciliationRuns
from connector.reconciliation.break_codes import Severity
from connector.reconciliation.break_register import BreakRecord, BreakRegister
from connector.reconciliation.unreliable_days import UnreliableDay

#: How many days are named in a text.
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """
    The last run and the breaks that are open by severity.

    ``run_id`` is empty, and so is what follows, while there was no run. ``oldest_seen_on`` is the
    key date on which the oldest open break was found first. ``unreliable`` are the key dates whose
    newest run was INCOMPLETE or FAILED.
    """

    run_id: str = ""
    key_date: date | None = None
    verdict: str = ""
    finished_at: datetime | None = None
    open_breaks: Mapping[str, int] = field(default_factory=dict)
    oldest_seen_on: date | None = None
    unreliable: tuple[UnreliableDay, ...] = ()

    def age_s(self, now: datetime) -> float | None:
        """Return for how many seconds the last run has been over, None without one."""
        return (now - self.finished_at).total_seconds() if self.finished_at else None


class StandingReader:
    """Reads the standing; the register is read anew only after the log has moved."""

    def __init__(
        self,
        runs: ReconciliationRuns,
        log: ReconciliationLog,
        unreliable: Callable[[], Iterable[UnreliableDay]] = tuple,
    ) -> None:
        self._runs, self._log, self._unreliable = runs, log, unreliable
        self._known: tuple[str, Standing] | None = None

    def read(self) -> Standing:
        """Return how it stands now."""
        head = self._log.head().hash
        if self._known is None or self._known[0] != head:
            self._known = head, self._read()
        return replace(self._known[1], unreliable=tuple(self._unreliable()))

    def _read(self) -> Standing:
        breaks = list(BreakRegister.read(self._log).open())
        counts = Counter(_severity(each) for each in breaks)
        last = next(iter(self._runs.reconciliation_runs(1)), None)
        return Standing(
            run_id=last.run_id if last else "",
            key_date=last.key_date if last else None,
            verdict=last.verdict if last else "",
            finished_at=last.finished_at if last else None,
            open_breaks={severity.value: counts[severity.value] for severity in Severity},
            oldest_seen_on=min((each.first_seen_on for each in breaks), default=None),
        )


def _severity(record: BreakRecord) -> str:
    return record.difference.severity.value


def standing_rows(standing: Standing, now: datetime) -> list[str]:
    """Return the standing in lines of text; none while there was no run."""
    age = standing.age_s(now)
    if age is None or standing.key_date is None:
        return []
    lines = [
        f"reconciliation: {standing.verdict} at key date {standing.key_date.isoformat()}, "
        f"{age / 3600:.1f} h ago ({standing.run_id})"
    ]
    counts = [f"{count} {name}" for name, count in standing.open_breaks.items() if count]
    if counts:
        since = f", the oldest since {standing.oldest_seen_on}" if standing.oldest_seen_on else ""
        lines.append(f"open breaks: {', '.join(counts)}{since}")
    for day in standing.unreliable[:_NAMED]:
        times = "" if day.tries == 1 else f" {day.tries} times"
        lines.append(f"{day.key_date.isoformat()} is {day.verdict.value}{times}: {day.why}")
    if len(standing.unreliable) > _NAMED:
        lines.append(f"and {len(standing.unreliable) - _NAMED} more days without a run to rely on")
    return lines


def standing_json(standing: Standing, now: datetime) -> dict[str, object]:
    """Return the standing for programs; all empty while there was no run."""
    return {
        "run": standing.run_id,
        "key_date": standing.key_date.isoformat() if standing.key_date else "",
        "verdict": standing.verdict,
        "finished_at": standing.finished_at.isoformat() if standing.finished_at else "",
        "age_s": standing.age_s(now),
        "open_breaks": dict(standing.open_breaks),
        "oldest_break": standing.oldest_seen_on.isoformat() if standing.oldest_seen_on else "",
        "unreliable": [
            {
                "key_date": day.key_date.isoformat(),
                "run": day.run_id,
                "verdict": day.verdict.value,
                "tries": day.tries,
                "why": day.why,
            }
            for day in standing.unreliable
        ],
    }
