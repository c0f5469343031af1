"""Stories that go on for days, lived in the order of their days."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from datetime import date
from typing import Any

#: A story does what its day brings, and yields the day on which it goes on.
Story = Generator[date, None, Any]


class Diary:
    """Which story goes on when; *go_to* is told each day that comes."""

    def __init__(self, go_to: Callable[[date], None]) -> None:
        self._go_to = go_to
        self._waiting: list[tuple[date, int, Story]] = []
        self._count = 0

    def enter(self, story: Story, on: date) -> None:
        """Let *story* begin, or go on, on a day."""
        self._count += 1
        heapq.heappush(self._waiting, (on, self._count, story))

    def live(self, until: date) -> None:
        """Live all days until *until*, itself included; what goes on later waits."""
        while self._waiting and self._waiting[0][0] <= until:
            on, _, story = heapq.heappop(self._waiting)
            self._go_to(on)
            try:
                self.enter(story, next(story))
            except StopIteration:
                continue
        self._go_to(until)
