"""What a unit of work does to the committed documents, and the log of what changed when."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)

#: Kinds of records that are kept.
KINDS = (
    *("sales", "delivery", "billing", "material", "accounting", "flow", "stock"),
    *("requisition", "purchase"),
)


@dataclass(frozen=True, slots=True)
class Put:
    """Insert or replace a record; `created` says that it is new."""

    kind: str
    key: Any
    record: Any
    created: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a record."""

    kind: str
    key: Any


@dataclass(frozen=True, slots=True)
class StockMove:
    """Add to the stock of a material in a plant (base unit, company currency)."""

    plant: str
    material: str
    unrestricted: Decimal = ZERO
    blocked: Decimal = ZERO
    value: Decimal = ZERO


Change = Put | Drop | StockMove

_TICK = timedelta(microseconds=1)


class ChangeLog:
    """When documents changed; in order of time, because updates run one after another."""

    def __init__(self) -> None:
        self._moments: dict[str, list[datetime]] = {}
        self._numbers: dict[str, list[str]] = {}
        self._latest: dict[tuple[str, str], datetime] = {}

    def note(self, kind: str, number: str, at: datetime) -> None:
        """Remember that a document changed; a moment before the last noted counts as the last."""
        known = self._latest.get((kind, number))
        # Two changes of a document never share a time stamp, even while the clock stands still.
        self._latest[kind, number] = at if known is None else max(at, known + _TICK)
        moments = self._moments.setdefault(kind, [])
        numbers = self._numbers.setdefault(kind, [])
        if moments and numbers[-1] == number and moments[-1] >= at:
            return
        moments.append(max(at, moments[-1]) if moments else at)
        numbers.append(number)

    def latest(self, kind: str, number: str) -> datetime | None:
        """Return the time stamp of a document's last change, None when it is not known."""
        return self._latest.get((kind, number))

    def since(self, kind: str, moment: datetime) -> tuple[str, ...]:
        """Return what changed at or after *moment*, each once, in order of the last change."""
        moments = self._moments.get(kind, [])
        start = bisect.bisect_left(moments, moment)
        latest = dict.fromkeys(reversed(self._numbers.get(kind, [])[start:]))
        return tuple(reversed(latest))
