"""Key dates whose newest run was INCOMPLETE or FAILED: what happened on them is not known yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from connector.reconciliation.chain_of_runs import FinishedRun, Kind, RunHistory
from connector.reconciliation.report import Verdict


@dataclass(frozen=True, slots=True)
class UnreliableDay:
    """
    A key date without a run to rely on.

    ``tries`` counts the runs in a row that ended so. ``short`` names the sources that the newest
    one of them lacked something of, empty where it failed; ``why`` says it in words.
    """

    key_date: date
    run_id: str
    verdict: Verdict
    read_at: datetime
    ended_at: datetime
    tries: int
    short: tuple[str, ...]
    why: str


def unreliable_days(history: RunHistory, kind: Kind) -> tuple[UnreliableDay, ...]:
    """
    Return the key dates of runs of *kind* that end unreliably, the earliest first.

    A reliable run makes good for those before it, not for those after: sources may fall short
    again of what they had.
    """
    in_a_row: dict[date, list[FinishedRun]] = {}
    for run in history.finished:
        if run.kind != kind or run.is_old:
            continue
        if run.is_complete:
            in_a_row.pop(run.key_date, None)
        else:
            in_a_row.setdefault(run.key_date, []).append(run)
    return tuple(_day(runs) for _, runs in sorted(in_a_row.items()))


def _day(runs: list[FinishedRun]) -> UnreliableDay:
    newest = runs[-1]
    return UnreliableDay(
        key_date=newest.key_date,
        run_id=newest.run_id,
        verdict=newest.verdict,
        read_at=newest.read_at,
        ended_at=newest.ended_at,
        tries=len(runs),
        short=tuple(newest.short),
        why=newest.failure
        or "; ".join(f"{name}: {text}" for name, text in newest.short.items())
        or "an equation of the run, or what it builds on, does not close",
    )
