"""The order in which a run lists things: the same however its records were divided."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from connector.reconciliation.differences import Difference
from connector.sd_documents.model import Frozen

M = TypeVar("M", bound=Frozen)
D = TypeVar("D", bound=Difference)


def in_total_order(found: Iterable[M], key: Callable[[M], Any]) -> tuple[M, ...]:
    """Return *found* sorted by *key*, and what is alike in it by all that it says."""
    ordered: list[M] = []
    for _, alike in groupby(sorted(found, key=key), key=key):
        group = list(alike)
        if len(group) > 1:
            group.sort(key=lambda each: each.model_dump_json())
        ordered += group
    return tuple(ordered)


def aged_to(key_date: date, differences: Iterable[D]) -> tuple[D, ...]:
    """Return *differences* with their age in days on *key_date*."""
    return tuple(_aged(each, max((key_date - each.since).days, 0)) for each in differences)


def _aged(difference: D, days: int) -> D:
    if difference.age_days == days:
        return difference
    return difference.model_copy(update={"age_days": days})
