"""
The file: pieces, their keys, the orders they came from, the parts and what was found in each.

SQLite, for one writer and many small look-ups. Everything that a run changes is one transaction,
so that a run that is killed leaves what was there before it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from connector.kept_extract import flow_table, part_table, piece_table
from connector.kept_extract.flow_table import FlowTable
from connector.kept_extract.part_table import PartTable
from connector.kept_extract.piece_table import PieceTable

#: Raised whenever what is written, or what it means, is not what it was.
FORMAT: Final = 2

_TABLES: Final = f"""
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
{piece_table.TABLES}{flow_table.TABLES}{part_table.TABLES}
"""


class ExtractFile:
    """One open file; every change is part of one transaction until :meth:`commit`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self.pieces = PieceTable(connection)
        self.flows = FlowTable(connection)
        self.parts = PartTable(connection, self.pieces)

    @classmethod
    def make(cls, path: Path) -> Self:
        """
        Make a new file in place of whatever is there.

        Nothing is safe before :meth:`commit`: who makes a file has nothing to lose.
        """
        remove(path)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.executescript(
                f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=8192; {_TABLES}"
            )
            connection.execute("BEGIN EXCLUSIVE")
            return cls(path, connection)
        except BaseException:
            connection.close()
            raise

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Open what is there for one run; None where there is nothing that can be read."""
        if not path.is_file():
            return None
        connection = sqlite3.connect(path, isolation_level=None, timeout=0)
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            return cls(path, connection)
        except sqlite3.Error:
            connection.close()
            return None

    def commit(self) -> None:
        """Keep what was changed, on the disk."""
        self._connection.execute("PRAGMA optimize")
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN EXCLUSIVE")

    def close(self) -> None:
        """Close the file and forget what was not committed."""
        with suppress(sqlite3.Error):
            self._connection.rollback()
        self._connection.close()

    def about(self) -> dict[str, str]:
        """Return what the file was made for."""
        return dict(self._connection.execute("SELECT name, value FROM about").fetchall())

    def tell(self, values: Mapping[str, str]) -> None:
        """Note *values* about the file."""
        self._connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", values.items())

    def seal(self) -> str:
        """Return the hash of all that the next run builds on without reading it again."""
        digest = sha256()
        about = {name: value for name, value in self.about().items() if name != "seal"}
        digest.update(repr(sorted(about.items())).encode())
        for query in (
            "SELECT id, valid_until, pieces, result FROM part ORDER BY id",
            "SELECT * FROM flow ORDER BY id",
            "SELECT * FROM orphan ORDER BY number",
        ):
            for row in self._connection.execute(query):
                digest.update(repr(row).encode())
        return digest.hexdigest()


def remove(path: Path) -> None:
    """Remove the file, and what SQLite may have left beside it."""
    for each in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))):
        each.unlink(missing_ok=True)
