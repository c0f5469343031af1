"""
A table of documents that stays small: recent ones as records, older ones packed.

A simulated ERP runs for as long as a demonstration or a load test wants. Documents that nobody has
changed for a while are kept as compressed JSON and unpacked when they are read.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterator
from typing import Any, Generic, TypeVar

from connector.simulator.engine.codec import decoded, encoded

Key = TypeVar("Key", bound=Hashable)
Record = TypeVar("Record")

#: Unpacked records that are kept for the next read.
WARM = 256


class DocumentTable(Generic[Key, Record]):
    """Documents by key, in the order in which they were first put."""

    def __init__(self, record_type: type[Record], live: int) -> None:
        """Keep the *live* documents put last as records, the others packed."""
        self._type = record_type
        self._limit = max(live, 1)
        self._rows: dict[Key, Record | bytes] = {}
        self._live: dict[Key, None] = {}
        self._warm: dict[Key, Record] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: object) -> bool:
        return key in self._rows

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def get(self, key: Key) -> Record | None:
        """Return the document, or None."""
        row = self._rows.get(key)
        return self._unpacked(key, row) if isinstance(row, bytes) else row

    def __getitem__(self, key: Key) -> Record:
        row = self._rows[key]
        return self._unpacked(key, row) if isinstance(row, bytes) else row

    def __setitem__(self, key: Key, record: Record) -> None:
        self._rows[key] = record
        self._warm.pop(key, None)
        self._live.pop(key, None)
        self._live[key] = None
        if len(self._live) > self._limit:
            oldest = next(iter(self._live))
            del self._live[oldest]
            row: Any = self._rows[oldest]
            self._rows[oldest] = zlib.compress(encoded(row).encode(), 1)

    def pop(self, key: Key) -> None:
        """Remove a document; an unknown one is ignored."""
        self._rows.pop(key, None)
        self._live.pop(key, None)
        self._warm.pop(key, None)

    def values(self) -> Iterator[Record]:
        """Yield all documents, oldest first."""
        for row in self._rows.values():
            yield self._read(row) if isinstance(row, bytes) else row

    def _unpacked(self, key: Key, row: bytes) -> Record:
        record = self._warm.get(key)
        if record is None:
            record = self._warm[key] = self._read(row)
            if len(self._warm) > WARM:
                del self._warm[next(iter(self._warm))]
        return record

    def _read(self, row: bytes) -> Record:
        record: Record = decoded(self._type, zlib.decompress(row).decode())
        return record
