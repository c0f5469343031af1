"""
The ERP's master data for mapping: asked for in batches, and remembered.

Mapping looks up one row at a time. To ask the ERP in few calls all the same, orders are mapped once
with what is known; what they missed is read together, and those that missed something are mapped
again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from connector.clock import Clock
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.master_data import MasterDataNotReadError
from connector.mappings.rules import MappingRules
from connector.ports.master_data import MasterDataReader, MasterDataRow
from connector.sd_documents.values import DocumentCategory

#: What is looked up: the kind, and the columns with their values.
Wanted = tuple[str, tuple[tuple[str, str], ...]]
Rows = tuple[MasterDataRow, ...]

#: Lookups by what lookups found; what is nested deeper is read one by one.
_ROUNDS: Final = 4
#: Numbers, which mean the same with leading zeros and without.
_NUMBERS: Final = frozenset({"customer", "partner", "material"})
#: Rows that are remembered at most; the oldest go first.
_MOST: Final = 200_000


class MasterDataCache:
    """
    Remembers what was read, for threads together.

    With *max_age* what was found counts so long, and what was not found is asked for each time, so
    that master data which a person adds counts at once. Without it everything stays as it was
    first read: a run sees one state.
    """

    def __init__(
        self, reader: MasterDataReader, clock: Clock, max_age: timedelta | None = None
    ) -> None:
        self._reader, self._clock, self._max_age = reader, clock, max_age
        self._lock = threading.Lock()
        self._known: dict[Wanted, tuple[datetime, Rows]] = {}

    def known(self, wanted: Wanted) -> Rows | None:
        """Return the rows of *wanted*, None where they have to be read."""
        with self._lock:
            found = self._known.get(wanted)
        if found is None:
            return None
        read_at, rows = found
        if self._max_age is not None and self._clock.now() - read_at > self._max_age:
            return None
        return rows

    def read(self, wanted: Collection[Wanted]) -> Mapping[Wanted, Rows]:
        """
        Read *wanted* in as few calls as it takes.

        Raises what reads of the ERP raise.
        """
        answers: dict[Wanted, Rows] = {}
        for (kind, columns), group in groupby(sorted(wanted), _shape_of):
            keys = tuple(group)
            rows = self._reader.read(kind, [dict(key) for _, key in keys])
            by_key: dict[tuple[str, ...], list[MasterDataRow]] = {}
            for row in rows:
                by_key.setdefault(tuple(_bare(c, row[c]) for c in columns), []).append(row)
            for each in keys:
                answers[each] = tuple(by_key.get(tuple(value for _, value in each[1]), ()))
        self._remember(answers)
        return answers

    def _remember(self, answers: Mapping[Wanted, Rows]) -> None:
        now = self._clock.now()
        with self._lock:
            for wanted, rows in answers.items():
                self._known.pop(wanted, None)
                if rows or self._max_age is None:
                    self._known[wanted] = now, rows
            for oldest in list(self._known)[: max(0, len(self._known) - _MOST)]:
                del self._known[oldest]


def _shape_of(wanted: Wanted) -> tuple[str, tuple[str, ...]]:
    kind, key = wanted
    return kind, tuple(column for column, _ in key)


def wanted_of(kind: str, key: Mapping[str, str]) -> Wanted:
    """Return what is looked up in a form that is equal wherever it means the same."""
    return kind, tuple(sorted((column, _bare(column, value)) for column, value in key.items()))


def _bare(column: str, value: str) -> str:
    """Return a number without its leading zeros."""
    return value.lstrip("0") or value if column in _NUMBERS and value.isdigit() else value


class _Lookups:
    """The master data of one round of mapping: what is not known is noted, or read at once."""

    def __init__(self, cache: MasterDataCache) -> None:
        self._cache = cache
        self._read: dict[Wanted, Rows] = {}
        self._missed: dict[Wanted, None] = {}
        self.misses = 0
        self.reads_at_once = False

    def rows(self, kind: str, key: Mapping[str, str]) -> Rows:
        """Return what is known; raises MasterDataNotReadError for what is read later."""
        wanted = wanted_of(kind, key)
        found = self._read.get(wanted)
        if found is None:
            found = self._cache.known(wanted)
        if found is not None:
            return found
        self._missed[wanted] = None
        if self.reads_at_once:
            self.read_missed()
            return self._read[wanted]
        self.misses += 1
        raise MasterDataNotReadError(kind)

    def read_missed(self) -> None:
        """Read what was not known."""
        self._read.update(self._cache.read(self._missed))
        self._missed.clear()


def map_asking(
    orders: Sequence[ExternalOrder],
    rules: MappingRules,
    wanted: Collection[DocumentCategory],
    cache: MasterDataCache,
) -> list[MappedOrder]:
    """
    Map *orders* by *rules* that look into the ERP, which is asked for all of them together.

    Raises:
        ErpUnavailableError, TransientError: the ERP could not answer; the same may work later.
        RejectedError, ConfigurationError: it refused to be read.
    """
    lookups = _Lookups(cache)
    bound = rules.with_master_data(lookups)
    mapped: dict[int, MappedOrder] = {}
    pending: Sequence[int] = range(len(orders))
    for number in range(_ROUNDS + 1):
        lookups.reads_at_once = number == _ROUNDS
        again: list[int] = []
        for position in pending:
            before = lookups.misses
            mapped[position] = map_order(orders[position], bound, wanted)
            if lookups.misses > before:
                again.append(position)
        if not again:
            break
        lookups.read_missed()
        pending = again
    return [mapped[position] for position in range(len(orders))]


#: Gives the master data when it is first asked for: opening the ERP may not be needed.
MasterDataSource = Callable[[], MasterDataCache]
