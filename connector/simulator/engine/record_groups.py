"""Records by the values of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any


def grouped(records: Iterable[Any], *fields: str) -> dict[Any, list[Any]]:
    """Return *records* by the value of a field, or by the values of several."""
    found: dict[Any, list[Any]] = {}
    key = attrgetter(*fields)
    for each in records:
        found.setdefault(key(each), []).append(each)
    return found


def newest_first(records: Mapping[Any, Any], *fields: str) -> dict[Any, list[Any]]:
    """Return *records* likewise, those of a group by the day from which they are valid."""
    groups = grouped(records.values(), *fields)
    for each in groups.values():
        each.sort(key=attrgetter("valid_from"), reverse=True)
    return groups
