"""
The job that reconciles: key date after key date as they fall due, each once, or the present day.

What was done is kept in the store, so that a restart makes up for what was missed and repeats
nothing. A run that failed stands in the log of runs as FAILED, and its key date stays due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from connector.clock import Clock
from connector.daemon.key_dates import DueDate, KeyDateRule, Occasion
from connector.daemon.repeating import Repetition
from connector.errors import ConfigurationError, ConnectorError
from connector.mappings.calendars import WEEKDAYS, WorkingCalendar, read_holidays
from connector.ports.store import Mirror
from connector.reconciliation.unreliable_days import UnreliableDay
from connector.settings.reconciliation_schedule import ReconciliationScheduleSettings

_log = structlog.get_logger(__name__)

#: Names of the watermarks that hold the newest key date done.
WATERMARKS: Final = {
    Occasion.END_OF_DAY: "reconciled day",
    Occasion.MONTH_END: "reconciled month end",
}
#: How often the daemon looks whether a key date is due, in seconds.
LOOK_S: Final = 30.0


class Reconcile(Protocol):
    """Does one reconciliation and returns its verdict; no key date means the present day."""

    def __call__(self, key_date: date | None = None) -> str: ...


def rule_of(settings: ReconciliationScheduleSettings, time_zone: str) -> KeyDateRule:
    """
    Return the rule that *settings* describe.

    Raises:
        ConfigurationError: the file of holidays is wrong.
    """
    until = settings.holidays_known_until
    calendar = WorkingCalendar(
        name="reconciliation.schedule",
        free=frozenset(WEEKDAYS.index(day) for day in settings.free_days),
        holidays=read_holidays(settings.holidays) if settings.holidays else frozenset(),
        until=date.fromisoformat(until) if until else None,
    )
    return KeyDateRule(
        time_zone=time_zone,
        daily_at=settings.daily_at,
        month_end_at=settings.month_end_at,
        month_end_working_day=settings.month_end_working_day,
        is_working_day=calendar.is_working_day,
        catch_up_days=settings.catch_up_days,
    )


class ScheduledReconciliation:
    """
    Reconciles what is due; call it again and again, one at a time.

    Args:
        clock: the clock that key dates go by, which is that of the books.
        unreliable: tells the key dates whose newest run is not to be relied on.
        repetition: when such a key date is run again.
        stop: asked between two key dates; True begins no further one.
    """

    def __init__(
        self,
        rule: KeyDateRule,
        marks: Mirror,
        clock: Clock,
        reconcile: Reconcile,
        *,
        unreliable: Callable[[], Iterable[UnreliableDay]],
        repetition: Repetition,
        retry_s: float,
        stop: Callable[[], bool],
    ) -> None:
        self._rule, self._marks, self._clock, self._reconcile = rule, marks, clock, reconcile
        self._unreliable, self._repetition = unreliable, repetition
        self._retry, self._stop = timedelta(seconds=retry_s), stop
        self._failed: ConnectorError | None = None
        self._not_before: datetime | None = None

    def due(self) -> tuple[DueDate, ...]:
        """
        Return what is due now.

        Raises:
            ConfigurationError: the calendar of working days ends too early.
        """
        try:
            return self._rule.due(
                self._clock.now(),
                self._last(Occasion.END_OF_DAY),
                self._last(Occasion.MONTH_END),
            )
        except ValueError as error:
            raise ConfigurationError("reconciliation.schedule", str(error)) from error

    def to_repeat(self) -> tuple[UnreliableDay, ...]:
        """Return the key dates that were run and are to be run again now, the earliest first."""
        now = self._clock.now()
        return self._repetition.due(
            (day for day in self._unreliable() if self._was_scheduled(day.key_date)),
            now,
            now.astimezone(ZoneInfo(self._rule.time_zone)).date(),
        )

    def run(self) -> None:
        """
        Reconcile what is due, the earliest key date first; then again what was not to be relied on.

        Raises:
            ConnectorError: a reconciliation failed; its key date is tried again after a while, and
                those after it wait for it.
        """
        if self._not_before is not None and self._clock.now() < self._not_before:
            assert self._failed is not None
            raise self._failed
        for each in self.due():
            if self._stop():
                return
            # One run serves every occasion for which its key date is due by now.
            if self._is_done(each):
                continue
            verdict = self._reconciled(each.key_date)
            self._note(each)
            _log.info(
                "reconciled",
                key_date=each.key_date.isoformat(),
                occasion=each.occasion.value,
                verdict=verdict,
            )
        for day in self.to_repeat():
            if self._stop():
                return
            _log.info(
                "reconciled again",
                key_date=day.key_date.isoformat(),
                tries=day.tries + 1,
                verdict=self._reconciled(day.key_date),
            )
        self._failed = self._not_before = None

    def _reconciled(self, key_date: date) -> str:
        try:
            return self._reconcile(key_date)
        except ConnectorError as error:
            self._failed, self._not_before = error, self._clock.now() + self._retry
            raise

    def _note(self, done: DueDate) -> None:
        now = self._clock.now()
        for also in self.due():
            if also.key_date == done.key_date:
                name = WATERMARKS[also.occasion]
                self._marks.set_watermark(name, also.key_date.isoformat(), now=now)

    def _was_scheduled(self, key_date: date) -> bool:
        """What somebody runs by hand for other days is not the schedule's."""
        day, month_end = self._last(Occasion.END_OF_DAY), self._last(Occasion.MONTH_END)
        if day is not None and key_date <= day:
            return True
        is_month_end = (key_date + timedelta(days=1)).day == 1
        return is_month_end and month_end is not None and key_date <= month_end

    def _is_done(self, due: DueDate) -> bool:
        last = self._last(due.occasion)
        return last is not None and due.key_date <= last

    def _last(self, occasion: Occasion) -> date | None:
        mark = self._marks.watermark(WATERMARKS[occasion])
        return date.fromisoformat(mark) if mark else None
