"""
Working days: which days a company delivers on.

A calendar of the rules is the company's own, as its ERP has it (the factory calendar): the days of
the week that are free, the holidays, and the last day that it knows. A day beyond that is refused
rather than guessed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.mappings.date_functions import date_of
from connector.mappings.number_functions import decimal

WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
_ONE_DAY: Final = timedelta(days=1)
#: No promise lies further ahead; a mistyped number must not count for minutes.
_FURTHEST: Final = 1000


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """
    A calendar by ``name``: ``free`` weekdays (0 is Monday), ``holidays`` and the last known day.

    ``until`` is empty where there are no holidays: every week is then like every other.
    """

    name: str
    free: frozenset[int]
    holidays: frozenset[date]
    until: date | None

    def is_working_day(self, day: date) -> bool:
        """
        Tell whether *day* is worked.

        Raises:
            ValueError: the calendar does not reach that far.
        """
        if self.until is not None and day > self.until:
            raise ValueError(
                f"the calendar {self.name!r} ends on {self.until}: add the holidays of {day.year}"
            )
        return day.weekday() not in self.free and day not in self.holidays


def read_holidays(file: Path) -> frozenset[date]:
    """
    Return the days of *file*: CSV with a header, whose column ``date`` has days as 2026-12-25.

    Raises:
        ConfigurationError: unreadable, without that column, or not a date; names file and line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, strict=True)
            if "date" not in (rows.fieldnames or ()):
                raise ConfigurationError(f"{file}, line 1", "there is no column 'date'", "Add it")
            found = set()
            for row in rows:
                try:
                    found.add(date.fromisoformat((row["date"] or "").strip()))
                except ValueError:
                    raise ConfigurationError(
                        f"{file}, line {rows.line_num}",
                        f"{row['date']!r} is not a date",
                        "Write it as 2026-12-25",
                    ) from None
    except OSError as error:
        raise ConfigurationError(str(file), f"cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(file), f"is not UTF-8 CSV ({error})") from error
    return frozenset(found)


def working_day(value: Any, calendar: Any) -> date | None:
    """
    `working_day(date, calendars.NAME)`: the date itself where it is worked, else the next that is.
    """
    day = date_of(value)
    if day is None:
        return None
    known = _calendar(calendar)
    for _ in range(_FURTHEST):
        if known.is_working_day(day):
            return day
        day += _ONE_DAY
    raise ValueError(f"the calendar {known.name!r} has no working day after {value}")


def add_working_days(value: Any, days: Any, calendar: Any) -> date | None:
    """
    `add_working_days(date, days, calendars.NAME)`: so many working days later (or earlier, where
    negative); with 0 as `working_day`.
    """
    day = date_of(value)
    if day is None:
        return None
    known, left = _calendar(calendar), int(decimal(days) or 0)
    if abs(left) > _FURTHEST:
        raise ValueError(f"{left} working days are more than {_FURTHEST}")
    if not left:
        return working_day(day, known)
    step = _ONE_DAY if left > 0 else -_ONE_DAY
    for _ in range(_FURTHEST * 7):
        day += step
        if known.is_working_day(day):
            left -= 1 if left > 0 else -1
            if not left:
                return day
    raise ValueError(f"the calendar {known.name!r} has too few working days around {value}")


def _calendar(value: Any) -> WorkingCalendar:
    if not isinstance(value, WorkingCalendar):
        raise ValueError("the calendar is missing: write calendars.NAME, as the rules call it")
    return value
