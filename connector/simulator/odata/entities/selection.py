"""What a narrowing says about documents: their numbers, dates, and the time of their change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connector.simulator.odata.entities.forms import document_number, text

if TYPE_CHECKING:
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entity_set import Narrowing

#: Time stamps of changes run ahead of the clock by microseconds where a clock stands still.
_SLACK = timedelta(milliseconds=1)


def numbers(narrowing: Narrowing, name: str) -> tuple[str, ...] | None:
    """Return the document numbers that *name* is limited to, as the engine keeps them."""
    values = narrowing.one_of(name)
    return None if values is None else tuple(dict.fromkeys(map(document_number, values)))


def texts(narrowing: Narrowing, name: str) -> tuple[str, ...] | None:
    """Return the values that *name* is limited to."""
    values = narrowing.one_of(name)
    return None if values is None else tuple(dict.fromkeys(map(text, values)))


def changed(narrowing: Narrowing, forms: Forms, kind: str, *dates: str) -> tuple[str, ...] | None:
    """
    Return the numbers of documents of *kind* changed since what the filter demands, sorted.

    LastChangeDateTime counts, and each of *dates* (properties that hold the day of creation or of a
    change). None: the filter says nothing of time.
    """
    limits = []
    moment = narrowing.at_least("LastChangeDateTime")
    if isinstance(moment, datetime):
        limits.append(moment)
    for name in dates:
        day = narrowing.at_least(name)
        if isinstance(day, date):
            limits.append(_midnight(forms, day))
    if not limits:
        return None
    return tuple(sorted(forms.erp.changed_since(kind, max(limits) - _SLACK)))


def lowest_day(narrowing: Narrowing, name: str) -> date | None:
    """Return the first day *name* may have, or None."""
    day = narrowing.at_least(name)
    if isinstance(day, datetime):
        return day.date()
    return day if isinstance(day, date) else None


def unique(found: Iterable[str]) -> tuple[str, ...]:
    """Return *found* in its order, each once."""
    return tuple(dict.fromkeys(found))


def _midnight(forms: Forms, day: date) -> datetime:
    zone = ZoneInfo(forms.erp.settings.time_zone)
    return datetime.combine(day, time(), zone).astimezone(UTC)
