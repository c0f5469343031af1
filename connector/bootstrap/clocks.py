"""One clock for the connector and a simulated ERP in its process."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.clock import Clock, ManualClock


class SimulationClock:
    """
    *clock*, set forward by what the simulated ERP was advanced.

    A simulated ERP whose state was saved on a later day goes on there, and the connector with it:
    both must agree on what day it is. A manual clock is moved itself.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return self._clock.now() + self._ahead

    def today(self, time_zone: str) -> date:
        """Return the calendar date in *time_zone*."""
        return self.now().astimezone(ZoneInfo(time_zone)).date()

    def sleep(self, seconds: float) -> None:
        """Wait; a manual clock has moved on at once."""
        self._clock.sleep(seconds)

    def advance(self, by: timedelta) -> None:
        """Move forward; raises ValueError for a negative *by*."""
        if by < timedelta(0):
            raise ValueError(f"a clock only moves forward, not by {by}")
        with self._lock:
            if isinstance(self._clock, ManualClock):
                self._clock.advance(by)
            else:
                self._ahead += by

    def position(self) -> str:
        """Return the instant as text, to be restored after a restart."""
        return self.now().isoformat()

    def restore(self, position: str) -> None:
        """Go on at *position*, unless it is later already."""
        self.advance(max(datetime.fromisoformat(position) - self.now(), timedelta(0)))
