"""
What can be wrong with the ERP's clock: an hour ahead or behind, or a day on which clocks change.

These faults strike no call. They begin when they are injected; a clock that is ahead or behind
stays so until the faults are cleared.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connector.simulator.engine.clock import Clock

AHEAD: Final = "clock ahead"
BEHIND: Final = "clock behind"
SPRING: Final = "daylight saving begins"
AUTUMN: Final = "daylight saving ends"

#: How far off a clock is unless said otherwise.
_OFF_BY_S: Final = 3600.0
#: How long before the clocks change the ERP's clock is set.
_BEFORE: Final = timedelta(minutes=30)
_HOUR: Final = timedelta(hours=1)
_YEAR_AND_A_DAY: Final = 366 * 24


class ErpClock:
    """The ERP's clock: *clock*, and by how much it is wrong. *zone* is the company's."""

    def __init__(self, clock: Clock, zone: ZoneInfo) -> None:
        self.right = clock
        self.skew = timedelta(0)
        self._zone = zone

    def now(self) -> datetime:
        """Return the moment that the ERP takes for the present one."""
        return self.right.now() + self.skew

    def advance(self, by: timedelta) -> None:
        """Move forward; a negative *by* is refused with ValueError."""
        self.right.advance(by)

    def position(self) -> str:
        """Return the right moment as text: a restarted ERP's clock is right again."""
        return self.right.position()

    def restore(self, position: str) -> None:
        """Continue from *position*."""
        self.right.restore(position)

    def strike(self, name: str, seconds: float | None = None) -> None:
        """
        Let the fault *name* begin.

        *seconds* is how far the clock is off, an hour unless given; for a change of the clocks, how
        long before it the clock is set, half an hour unless given. ValueError: there is no such
        change within a year, or *seconds* is negative.
        """
        if seconds is not None and seconds < 0:
            raise ValueError("seconds must not be negative")
        if name in (AHEAD, BEHIND):
            off = timedelta(seconds=_OFF_BY_S if seconds is None else seconds)
            self.skew = off if name == AHEAD else -off
            return
        before = _BEFORE if seconds is None else timedelta(seconds=seconds)
        change = next_change(self.right.now(), self._zone, forward=name == SPRING)
        self.right.advance(max(change - before - self.right.now(), timedelta(0)))

    def waiting(self) -> tuple[str, ...]:
        """Return the fault that the clock has, if any."""
        if not self.skew:
            return ()
        return (AHEAD if self.skew > timedelta(0) else BEHIND,)

    def clear(self) -> None:
        """Be right again."""
        self.skew = timedelta(0)


def next_change(after: datetime, zone: ZoneInfo, *, forward: bool) -> datetime:
    """
    Return the instant (UTC) of the next change of the clocks of *zone*, *forward* or back.

    ValueError: they do not change within a year.
    """
    moment = after.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    for _ in range(_YEAR_AND_A_DAY):
        later = moment + _HOUR
        gained = _offset(later, zone) - _offset(moment, zone)
        if (gained > timedelta(0)) if forward else (gained < timedelta(0)):
            return later
        moment = later
    raise ValueError(f"the clocks of {zone.key} do not change within a year")


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
