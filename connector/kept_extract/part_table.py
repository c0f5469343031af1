"""The parts: what was found in each, and until when it counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from connector.kept_extract.piece_table import PieceTable
from connector.kept_extract.statements import marks, slices

TABLES: Final = """
CREATE TABLE part (
    id INTEGER PRIMARY KEY, valid_until TEXT NOT NULL, pieces BLOB NOT NULL, result BLOB NOT NULL
);
"""
_FOREVER: Final = date.max.isoformat()


class PartTable:
    """The parts."""

    def __init__(self, connection: sqlite3.Connection, pieces: PieceTable) -> None:
        self._connection, self._pieces = connection, pieces

    def free(self) -> int:
        """Return a number above those of all parts."""
        (highest,) = self._connection.execute("SELECT max(part) FROM piece").fetchone()
        return int(highest or 0) + 1

    def put(self, part: int, result: bytes, valid_until: date | None) -> None:
        """Keep what was found in a part; *valid_until* None is for good."""
        until = _FOREVER if valid_until is None else valid_until.isoformat()
        self._connection.execute(
            "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?)",
            (part, until, self._pieces.digest_of_part(part), result),
        )

    def remove(self, parts: Iterable[int]) -> None:
        """Forget what was found in *parts*; their pieces stay."""
        self._connection.executemany("DELETE FROM part WHERE id = ?", [(each,) for each in parts])

    def all(self) -> list[int]:
        """Return all parts, ascending."""
        rows = self._connection.execute("SELECT DISTINCT part FROM piece ORDER BY part")
        return [row[0] for row in rows]

    def outdated(self, key_date: date) -> list[int]:
        """Return the parts whose results say nothing about *key_date* any more."""
        query = "SELECT id FROM part WHERE valid_until < ? ORDER BY id"
        return [row[0] for row in self._connection.execute(query, (key_date.isoformat(),))]

    def results(self) -> Iterator[bytes]:
        """Yield what was found in each part, ascending."""
        for (result,) in self._connection.execute("SELECT result FROM part ORDER BY id"):
            yield result

    def results_of(self, parts: Sequence[int]) -> Iterator[bytes]:
        """Yield what was found in some parts."""
        for some in slices(parts):
            query = f"SELECT result FROM part WHERE id IN ({marks(some)})"  # noqa: S608
            for (result,) in self._connection.execute(query, some).fetchall():
                yield result

    def check(self, parts: Sequence[int]) -> None:
        """
        Make sure that *parts* consist of the pieces that were evaluated.

        Raises:
            sqlite3.DatabaseError: they do not.
        """
        for some in slices(parts):
            query = f"SELECT id, pieces FROM part WHERE id IN ({marks(some)})"  # noqa: S608
            rows = self._connection.execute(query, some).fetchall()
            if len(rows) != len(some) or any(self._pieces.digest_of_part(n) != d for n, d in rows):
                raise sqlite3.DatabaseError("a kept part has other pieces")
