"""
The file: pieces, their keys, the orders they came from, the parts and what was found in each.

SQLite, for one writer and many small look-ups. Everything that a run changes is one transaction,
so that a run that is killed leaves what was there before it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

from connector.kept_extract.pieces import Piece, both_forms, digest_of

#: Raised whenever what is written, or what it means, is not what it was.
FORMAT: Final = 1

_TABLES: Final = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE piece (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL,
    component INTEGER NOT NULL, part INTEGER NOT NULL, lines INTEGER NOT NULL, keys BLOB NOT NULL
);
CREATE TABLE content (piece INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE key (key INTEGER NOT NULL, piece INTEGER NOT NULL, PRIMARY KEY (key, piece))
    WITHOUT ROWID;
CREATE TABLE flow (
    id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, piece INTEGER NOT NULL,
    reference TEXT NOT NULL, sold_to_party TEXT NOT NULL, received_on TEXT NOT NULL,
    numbers TEXT NOT NULL, found TEXT
);
CREATE TABLE part (
    id INTEGER PRIMARY KEY, valid_until TEXT NOT NULL, digest BLOB NOT NULL, result BLOB NOT NULL
);
"""
_INDEXES: Final = """
CREATE INDEX piece_part ON piece (part);
CREATE INDEX flow_piece ON flow (piece);
"""
#: Kinds of pieces: of orders, of open items, of lines of money outside.
CHAIN, OPEN_ITEM, MOVEMENT = 0, 1, 2
_FOREVER: Final = date.max.isoformat()
#: Rows that are asked for with one statement.
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class KeptPiece:
    """A piece as it is in the file, without its content."""

    id: int
    kind: int
    name: str
    digest: bytes
    component: int
    part: int
    lines: int
    keys: bytes


@dataclass(frozen=True, slots=True)
class KeptFlow:
    """
    An order in the file: its fingerprint, and what the ERP is asked about it in each run.

    ``numbers`` are its sales documents; ``found`` is what a look for its reference found, None
    where nobody looked.
    """

    id: int
    fingerprint: bytes
    piece: int
    reference: str
    sold_to_party: str
    received_on: date
    numbers: tuple[str, ...]
    found: tuple[str, ...] | None


class ExtractFile:
    """One open file; every change is part of one transaction until :meth:`commit`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        (highest,) = connection.execute("SELECT max(id) FROM piece").fetchone()
        self._next_piece = int(highest or 0) + 1

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

    # -- what the file is about ------------------------------------------------------------------

    def about(self) -> dict[str, str]:
        """Return what the file was made for."""
        return dict(self._connection.execute("SELECT name, value FROM about").fetchall())

    def tell(self, values: Mapping[str, str]) -> None:
        """Note *values* about the file."""
        self._connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", values.items())

    # -- pieces ----------------------------------------------------------------------------------

    def add(self, piece: Piece, kind: int = CHAIN, name: str = "") -> int:
        """Add *piece* without linking it, and return its id."""
        number = self._next_piece
        self._next_piece += 1
        content = piece.content
        self._connection.execute(
            "INSERT INTO piece VALUES (?, ?, ?, ?, 0, 0, ?, ?)",
            (number, kind, name, digest_of(content), piece.lines, piece.keys.tobytes()),
        )
        self._connection.execute("INSERT INTO content VALUES (?, ?)", (number, content))
        return number

    def remove(self, pieces: Iterable[KeptPiece]) -> None:
        """Remove pieces with their keys, and the orders in them."""
        for piece in pieces:
            keys = _keys(piece.keys)
            self._connection.executemany(
                "DELETE FROM key WHERE key = ? AND piece = ?", [(key, piece.id) for key in keys]
            )
            self._connection.execute("DELETE FROM piece WHERE id = ?", (piece.id,))
            self._connection.execute("DELETE FROM content WHERE piece = ?", (piece.id,))

    def index(self, pieces: Iterable[int]) -> None:
        """Let *pieces* be found by their keys."""
        for piece in self.pieces(pieces):
            self._connection.executemany(
                "INSERT INTO key VALUES (?, ?)", [(key, piece.id) for key in _keys(piece.keys)]
            )

    def index_all(self) -> None:
        """Let all pieces of a new file be found by their keys and parts."""
        self._connection.execute("CREATE TEMP TABLE loose (key INTEGER, piece INTEGER)")
        insert = "INSERT INTO loose VALUES (?, ?)"
        for number, keys in self._connection.execute("SELECT id, keys FROM piece ORDER BY id"):
            self._connection.executemany(insert, [(key, number) for key in _keys(keys)])
        self._connection.execute("INSERT INTO key SELECT key, piece FROM loose ORDER BY key, piece")
        self._connection.execute("DROP TABLE loose")
        for statement in _INDEXES.split(";"):
            self._connection.execute(statement)

    def keys(self) -> Iterator[tuple[int, int]]:
        """Yield all keys with their pieces, sorted."""
        yield from self._connection.execute("SELECT key, piece FROM key ORDER BY key, piece")

    def with_keys(self, keys: Iterable[int]) -> set[int]:
        """Return the pieces that have any of *keys*, whether they hold or seek it."""
        forms = [form for key in keys for form in both_forms(key)]
        found: set[int] = set()
        for part in _slices(forms):
            query = f"SELECT piece FROM key WHERE key IN ({_marks(part)})"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(query, part))
        return found

    def pieces(self, ids: Iterable[int]) -> Iterator[KeptPiece]:
        """Yield the pieces of *ids*."""
        yield from self._pieces("id", sorted(ids))

    def pieces_of(self, parts: Iterable[int]) -> Iterator[KeptPiece]:
        """Yield the pieces of *parts*."""
        yield from self._pieces("part", sorted(parts))

    def _pieces(self, column: str, values: Sequence[int]) -> Iterator[KeptPiece]:
        for some in _slices(values):
            query = f"SELECT * FROM piece WHERE {column} IN ({_marks(some)})"  # noqa: S608
            for row in self._connection.execute(query, some).fetchall():
                yield KeptPiece(*row)

    def named(self, kind: int) -> dict[str, tuple[int, bytes]]:
        """Return the pieces of a kind by name: id and digest."""
        query = "SELECT name, id, digest FROM piece WHERE kind = ? AND name <> ''"
        rows = self._connection.execute(query, (kind,))
        return {name: (number, digest) for name, number, digest in rows}

    def counted(self) -> Iterator[tuple[int, int]]:
        """Yield all pieces by id with how many customer lines each has."""
        yield from self._connection.execute("SELECT id, lines FROM piece ORDER BY id")

    def assign(self, places: Iterable[tuple[int, int, int]]) -> None:
        """Put pieces into parts: component, part and piece of each."""
        self._connection.executemany(
            "UPDATE piece SET component = ?, part = ? WHERE id = ?", places
        )

    def content_of(self, part: int) -> list[bytes]:
        """
        Return what the pieces of a part hold, by id.

        Raises:
            sqlite3.DatabaseError: one of them is not what was written.
        """
        rows = self._connection.execute(
            "SELECT digest, content FROM piece JOIN content ON content.piece = piece.id"
            " WHERE part = ? ORDER BY piece.id",
            (part,),
        ).fetchall()
        if any(digest_of(content) != digest for digest, content in rows):
            raise sqlite3.DatabaseError(f"{self.path.name}: a piece is not what was written")
        return [content for _, content in rows]

    def contents(self, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield what some pieces hold."""
        for some in _slices(ids):
            query = f"SELECT piece, content FROM content WHERE piece IN ({_marks(some)})"  # noqa: S608
            yield from self._connection.execute(query, some).fetchall()

    # -- orders ----------------------------------------------------------------------------------

    def add_flows(self, flows: Iterable[KeptFlow]) -> None:
        """Note orders, in place of what was noted of them before."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO flow VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    flow.id,
                    flow.fingerprint,
                    flow.piece,
                    flow.reference,
                    flow.sold_to_party,
                    flow.received_on.isoformat(),
                    " ".join(flow.numbers),
                    None if flow.found is None else " ".join(flow.found),
                )
                for flow in flows
            ),
        )

    def remove_flows(self, ids: Iterable[int]) -> None:
        """Forget orders."""
        self._connection.executemany("DELETE FROM flow WHERE id = ?", [(each,) for each in ids])

    def flows(self) -> Iterator[KeptFlow]:
        """Yield all orders by id."""
        rows = self._connection.execute("SELECT * FROM flow ORDER BY id")
        for number, fingerprint, piece, reference, sold_to, received_on, numbers, found in rows:
            yield KeptFlow(
                id=number,
                fingerprint=fingerprint,
                piece=piece,
                reference=reference,
                sold_to_party=sold_to,
                received_on=date.fromisoformat(received_on),
                numbers=tuple(numbers.split()),
                found=None if found is None else tuple(found.split()),
            )

    def flows_in(self, pieces: Sequence[int]) -> set[int]:
        """Return the orders in *pieces*."""
        found: set[int] = set()
        for some in _slices(pieces):
            query = f"SELECT id FROM flow WHERE piece IN ({_marks(some)})"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(query, some))
        return found

    # -- parts -----------------------------------------------------------------------------------

    def free_part(self) -> int:
        """Return a number above those of all parts."""
        (highest,) = self._connection.execute("SELECT max(part) FROM piece").fetchone()
        return int(highest or 0) + 1

    def put_result(self, part: int, result: bytes, valid_until: date | None) -> None:
        """Keep what was found in a part; *valid_until* None is for good."""
        until = _FOREVER if valid_until is None else valid_until.isoformat()
        self._connection.execute(
            "INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?)",
            (part, until, digest_of(result), result),
        )

    def remove_parts(self, parts: Iterable[int]) -> None:
        """Forget what was found in *parts*; their pieces stay."""
        self._connection.executemany("DELETE FROM part WHERE id = ?", [(each,) for each in parts])

    def parts(self) -> list[int]:
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
        for some in _slices(parts):
            query = f"SELECT result FROM part WHERE id IN ({_marks(some)})"  # noqa: S608
            for (result,) in self._connection.execute(query, some).fetchall():
                yield result


def remove(path: Path) -> None:
    """Remove the file, and what SQLite may have left beside it."""
    for each in (path, *(path.with_name(path.name + end) for end in ("-journal", "-wal", "-shm"))):
        each.unlink(missing_ok=True)


def _keys(content: bytes) -> list[int]:
    view = memoryview(content).cast("q")
    return view.tolist()


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))


def _slices(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
