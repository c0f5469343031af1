"""The log of reconciliation runs, as reconciliation needs it from the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredRun:
    """
    One finished reconciliation run as it is kept.

    ``run_id`` sorts by time. ``content`` is the whole run as JSON with decimals as text;
    ``content_hash`` covers its figures and leaves out when it ran. ``verdict`` is ``RECONCILED``,
    ``WITH_PENDING``, ``BREAKS``, ``INCOMPLETE`` or ``FAILED``.
    """

    run_id: str
    key_date: date
    company_codes: tuple[str, ...]
    verdict: str
    content_hash: str
    finished_at: datetime
    content: str


class ReconciliationRuns(Protocol):
    """The log of runs; entries are added, never changed or deleted."""

    def save_reconciliation_run(self, run: StoredRun) -> None:
        """Append *run*; raises ValueError when its id is already there with other content."""
        ...

    def reconciliation_runs(self, limit: int = 20) -> tuple[StoredRun, ...]:
        """Return the newest runs, newest first."""
        ...
