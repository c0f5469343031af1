"""
The only place that reads the time.

Instants are aware UTC datetimes; calendar dates follow the company's time zone, because a posting
date is a date where the company keeps its books.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What the connector needs to know about time."""

    def now(self) -> datetime:
        """Return the present instant as an aware UTC datetime."""
        ...

    def today(self, time_zone: str) -> date:
        """Return the calendar date in *time_zone* (IANA name, e.g. ``Europe/Berlin``)."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; a clock that tests move returns at once and has moved on."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self, time_zone: str) -> date:
        return self.now().astimezone(ZoneInfo(time_zone)).date()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved: for tests, demonstrations and replays."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("ManualClock needs an aware datetime")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def today(self, time_zone: str) -> date:
        return self._now.astimezone(ZoneInfo(time_zone)).date()

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> None:
        """Move on by *by*; raises ValueError when it would go back."""
        if by < timedelta(0):
            raise ValueError("a clock does not go back")
        self._now += by

    def move_to(self, instant: datetime) -> None:
        """Move to *instant* (aware); earlier instants are refused with ValueError."""
        self.advance(instant.astimezone(UTC) - self._now)
