"""Which key dates have no run to rely on, and whether what it was short of has come since."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from connector.bootstrap.application import Application
from connector.bootstrap.intake_marks import intake_complete_until
from connector.bootstrap.reconciliation import assignment_of
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.movements import is_of_movements
from connector.reconciliation.readings import CHANNEL_PAYMENTS, EXTERNAL_ORDERS, is_stale
from connector.reconciliation.recording import kind_of
from connector.reconciliation.unreliable_days import UnreliableDay, unreliable_days

#: How far back days are shown where none are run again.
_SHOWN_DAYS: Final = 31


class ReconciliationNews:
    """Looks into the log of runs, and at what was read since; the log only after it has moved."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._known: tuple[str, tuple[UnreliableDay, ...]] = "", ()

    def unreliable(self) -> tuple[UnreliableDay, ...]:
        """Return the key dates whose newest run of all company codes is not to be relied on."""
        log = self._application.reconciliation_log
        head = log.head().hash
        if self._known[0] != head:
            kind = kind_of(assignment_of(self._application))
            self._known = head, unreliable_days(RunHistory.read(log), kind)
        return self._known[1]

    def recent(self) -> tuple[UnreliableDay, ...]:
        """Return those of them that are not longer ago than key dates are run again."""
        settings = self._application.settings
        today = self._application.clock.today(settings.time_zone)
        days = timedelta(days=settings.reconciliation.schedule.repeat_days or _SHOWN_DAYS)
        return tuple(day for day in self.unreliable() if today - day.key_date <= days)

    def has_come(self, day: UnreliableDay) -> bool:
        """Tell whether something came in since the last run of *day* that it was short of."""
        application = self._application
        if any(map(is_of_movements, day.short)):
            newest = next(iter(application.statements.files(1)), None)
            if newest is not None and newest.read_at > day.read_at:
                return True
        if not {EXTERNAL_ORDERS, CHANNEL_PAYMENTS} & set(day.short):
            return False
        as_of = intake_complete_until(application.store.mirror, application.settings.channels)
        assignment = assignment_of(application, day.key_date)
        return as_of is not None and not is_stale(
            as_of,
            day.key_date,
            assignment.time_zone,
            application.clock.now(),
            assignment.rules,
        )
