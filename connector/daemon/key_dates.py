"""
Which key dates are due for reconciliation: pure, from the clock and from what was done.

A key date is a day that has ended in the company's time zone. Every day comes up once; the last
day of a month comes up once more on a working day of the next, when its late postings are in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


class Occasion(StrEnum):
    """Why a key date is reconciled."""

    END_OF_DAY = "end of day"
    MONTH_END = "month end"


@dataclass(frozen=True, slots=True, order=True)
class DueDate:
    """A key date that is due since an instant (aware)."""

    key_date: date
    due_since: datetime
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class KeyDateRule:
    """
    When key dates are due.

    ``daily_at`` and ``month_end_at`` are times of day in ``time_zone``, empty for never.
    ``is_working_day`` is asked from the first day of a month on, until ``month_end_working_day`` of
    them were found. ``catch_up_days`` is how far back missed days are made up for.
    """

    time_zone: str
    daily_at: time | None
    month_end_at: time | None
    month_end_working_day: int
    is_working_day: Callable[[date], bool]
    catch_up_days: int

    def due(
        self, now: datetime, last_day: date | None, last_month_end: date | None
    ) -> tuple[DueDate, ...]:
        """
        Return what is due at *now*, the earliest key date first.

        *last_day* and *last_month_end* are the newest key dates that were done; None where none
        was, then only the newest of each is due: what was before the schedule is not made up for.

        Raises:
            ValueError: the calendar of working days does not reach far enough.
        """
        return tuple(sorted((*self._days(now, last_day), *self._month_ends(now, last_month_end))))

    def _days(self, now: datetime, last: date | None) -> list[DueDate]:
        if self.daily_at is None:
            return []
        today = now.astimezone(ZoneInfo(self.time_zone)).date()
        found: list[DueDate] = []
        for back in range(1, self.catch_up_days + 1):
            day = today - back * _DAY
            if last is not None and day <= last:
                break
            due_since = self._at(day + _DAY, self.daily_at)
            if due_since <= now:
                found.append(DueDate(day, due_since, Occasion.END_OF_DAY))
                if last is None:
                    break
        return found

    def _month_ends(self, now: datetime, last: date | None) -> list[DueDate]:
        if self.month_end_at is None:
            return []
        today = now.astimezone(ZoneInfo(self.time_zone)).date()
        found: list[DueDate] = []
        month_end = today.replace(day=1) - _DAY
        while today - month_end <= self.catch_up_days * _DAY + timedelta(days=31):
            if last is not None and month_end <= last:
                break
            due_since = self._at(self._working_day_after(month_end), self.month_end_at)
            if due_since <= now:
                found.append(DueDate(month_end, due_since, Occasion.MONTH_END))
                if last is None:
                    break
            month_end = month_end.replace(day=1) - _DAY
        return found

    def _working_day_after(self, month_end: date) -> date:
        day, left = month_end, self.month_end_working_day
        while left:
            day += _DAY
            left -= self.is_working_day(day)
        return day

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.time_zone))
