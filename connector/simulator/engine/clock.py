"""The clock of the simulated ERP: one that moves only when told, one that follows the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """What the engine asks of a clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    def advance(self, by: timedelta) -> None:
        """Move forward; a negative *by* is refused with ValueError."""
        ...

    def position(self) -> str:
        """Return the present moment as text, for `restore` after a restart."""
        ...

    def restore(self, position: str) -> None:
        """Continue from *position*, never going back behind the present one."""
        ...


def _forward(by: timedelta) -> timedelta:
    if by < timedelta(0):
        raise ValueError(f"a clock only moves forward, not by {by}")
    return by


class SimulatedClock:
    """Stands still until `advance` or `set` is called."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be an aware datetime, e.g. with tzinfo=UTC")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Return the moment the clock stands at."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by *by*."""
        self._now += _forward(by)

    def set(self, moment: datetime) -> None:
        """Move forward to *moment* (aware); a moment in the past raises ValueError."""
        self.advance(moment - self._now)

    def position(self) -> str:
        """Return the moment as text."""
        return self._now.isoformat()

    def restore(self, position: str) -> None:
        """Continue at *position*, unless the clock is already later."""
        self._now = max(self._now, datetime.fromisoformat(position))


class WallClock:
    """Follows the machine's clock, ahead of it by what `advance` added."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return the machine's time plus what was advanced."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Run ahead by *by* more."""
        self._ahead += _forward(by)

    def position(self) -> str:
        """Return the moment as text."""
        return self.now().isoformat()

    def restore(self, position: str) -> None:
        """Run ahead so far that the clock does not stand before *position*."""
        self._ahead += max(datetime.fromisoformat(position) - self.now(), timedelta(0))


def local_date(moment: datetime, time_zone: ZoneInfo) -> date:
    """Return the date of *moment* in the company's time zone."""
    return moment.astimezone(time_zone).date()
