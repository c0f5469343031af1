"""
Number ranges: numbers are taken when a document is made, and lost when it is not committed.

With buffering, each application server fetches a block and hands it out on its own: numbers come
out of order, and what is left in a block is lost when the server restarts.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.simulator.engine.customizing_records import NumberRange
from connector.simulator.engine.outcome import Message

RangeKey = tuple[str, str, str]

#: Levels are written this far ahead, so that a crash never hands a number out twice.
RESERVE = 50


class NumberRangeError(Exception):
    """No interval, or none left; `situation` and `variables` make the message row."""

    def __init__(self, situation: str, *variables: str) -> None:
        self.situation, self.variables = situation, variables
        super().__init__(f"{situation}: {' '.join(variables)}")


class NumberRanges:
    """
    The levels of all intervals.

    *save* writes a reserved level durably; None when there is no state file. *buffer_size* and
    *servers* are as in the settings, asked for at each fetch.
    """

    def __init__(
        self,
        ranges: dict[tuple[str, str], NumberRange],
        buffering: Callable[[], tuple[int, int]],
        save: Callable[[RangeKey, int], None] | None,
    ) -> None:
        self._ranges = ranges
        self._buffering = buffering
        self._save = save
        self._levels: dict[RangeKey, int] = {}
        self._reserved: dict[RangeKey, int] = {}
        self._buffers: dict[tuple[RangeKey, int], range] = {}
        self._turn = 0

    def next(self, object_name: str, interval: str, sub_object: str = "") -> str:
        """
        Return the next number, zero-padded to ten.

        *sub_object* keeps levels apart, e.g. by company code and year. Raises NumberRangeError.
        """
        key = (object_name, interval, sub_object)
        size, servers = self._buffering()
        if size <= 1:
            return str(self._fetch(key, 1)[0]).zfill(10)
        self._turn = (self._turn + 1) % max(servers, 1)
        buffer = self._buffers.get((key, self._turn)) or self._fetch(key, size)
        self._buffers[key, self._turn] = buffer[1:]
        return str(buffer[0]).zfill(10)

    def levels(self) -> dict[RangeKey, int]:
        """Return the last number fetched per interval."""
        return dict(self._levels)

    def restore(self, levels: dict[RangeKey, int]) -> None:
        """Continue behind *levels*."""
        self._levels = dict(levels)
        self._reserved = dict(levels)
        self._buffers.clear()

    def lose_buffers(self) -> None:
        """Lose what is left in the buffers."""
        self._buffers.clear()

    def _fetch(self, key: RangeKey, count: int) -> range:
        object_name, interval, _ = key
        found = self._ranges.get((object_name, interval))
        if found is None:
            raise NumberRangeError("number range missing", object_name, interval)
        first = self._level(key, found.from_number - 1) + 1
        last = min(first + count - 1, found.to_number)
        if first > found.to_number:
            raise NumberRangeError("number range exhausted", object_name, interval)
        if self._save is not None and last > self._reserved.get(key, found.from_number - 1):
            self._reserved[key] = last + RESERVE
            self._save(key, last + RESERVE)
        self._levels[key] = last
        return range(first, last + 1)

    def _level(self, key: RangeKey, before_first: int) -> int:
        """A state written before an interval began anew each year has one level of all years."""
        object_name, interval, place = key
        of_all_years = self._levels.get((object_name, interval, place.partition("/")[0]))
        return self._levels.get(key, before_first if of_all_years is None else of_all_years)


def as_message(error: NumberRangeError, row: Callable[..., Message]) -> Message:
    """Return the message row of *error*, made by *row* (`MessageBook.row`)."""
    return row(error.situation, *error.variables)
