"""When a key date is run again whose run was INCOMPLETE or FAILED: pure, from what the log says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from connector.reconciliation.unreliable_days import UnreliableDay

#: What came in at once gives one run, not one for each file.
_GAP: Final = timedelta(seconds=60)
_LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Repetition:
    """
    How often a key date is run again until it ends reliably.

    ``every`` is the first wait; the second is twice as long, and so on, at most a day. ``days`` is
    how far back. ``has_come`` tells whether something came that a run was short of.
    """

    every: timedelta
    days: int
    has_come: Callable[[UnreliableDay], bool]

    def due(
        self, unreliable: Iterable[UnreliableDay], now: datetime, today: date
    ) -> tuple[UnreliableDay, ...]:
        """Return which of *unreliable* are to be run again at *now*, in their order."""
        return tuple(
            day
            for day in unreliable
            if today - day.key_date <= timedelta(days=self.days) and self._is_due(day, now)
        )

    def _is_due(self, day: UnreliableDay, now: datetime) -> bool:
        waited = now - day.ended_at
        if waited >= min(self.every * day.tries, _LONGEST):
            return True
        return waited >= _GAP and self.has_come(day)
