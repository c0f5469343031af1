"""Dates and moments in expressions; a moment has its time zone, or is told one."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from connector.mappings.number_functions import decimal

#: How many of its units make a second, by the pattern of a moment.
_EPOCHS: Final = {"epoch": 1, "epoch_ms": 1000}


def date_of(value: Any, pattern: str = "%Y-%m-%d") -> date | None:
    """`date(value, pattern?)`: a calendar date; patterns as in `%d.%m.%Y`, ISO without one."""
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        # The zone does not matter: only the date of the result is used.
        return datetime.strptime(str(value).strip(), pattern).replace(tzinfo=UTC).date()
    except (ValueError, re.error):  # the latter for a pattern such as %Y-%Y
        raise ValueError(f"{str(value)[:40]!r} is not a date like {pattern}") from None


def instant(value: Any, zone: str = "", pattern: str = "") -> datetime | None:
    """
    `instant(value, zone?, pattern?)`: a moment. ISO 8601 without `pattern`; `zone` (such as
    `Europe/Berlin`) says where the clock hung if the text has no offset of its own. The patterns
    `epoch` and `epoch_ms` take seconds and thousandths of a second since 1970.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, datetime):
            moment = value
        elif pattern in _EPOCHS:
            moment = _since_1970(value, _EPOCHS[pattern])
        elif pattern:
            moment = datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007
        else:
            moment = datetime.fromisoformat(str(value).strip())
        if moment.tzinfo is None:
            if not zone:
                raise ValueError(f"{str(value)[:40]!r} has no time zone: name one as in instant()")
            moment = moment.replace(tzinfo=_zone(zone))
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{str(value)[:40]!r} lies outside the calendar") from None
    except (ValueError, re.error) as error:
        if "time zone" in str(error):
            raise
        raise ValueError(f"{str(value)[:40]!r} is not a point in time") from None


def day(value: Any, zone: str) -> date | None:
    """`day(moment, zone)`: the calendar date of a moment where the books are kept."""
    moment = instant(value)
    return None if moment is None else moment.astimezone(_zone(zone)).date()


def add_days(value: Any, days: Any) -> date | None:
    """`add_days(date, days)`: the date so many days later (or earlier)."""
    start = date_of(value)
    return None if start is None else start + timedelta(days=int(decimal(days) or 0))


def _since_1970(value: Any, in_a_second: int) -> datetime:
    """Return the moment so many seconds, or parts of them, after the beginning of 1970."""
    passed = decimal(value) or Decimal(0)
    microseconds = int(passed * 1_000_000 / in_a_second)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None
