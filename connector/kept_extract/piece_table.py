"""The pieces in the file, what they hold, and the keys by which they meet."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.kept_extract.packing import Packing
from connector.kept_extract.pieces import Piece, digest_of, meeting
from connector.kept_extract.statements import marks, slices

TABLES: Final = """
CREATE TABLE piece (
    id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, digest BLOB NOT NULL,
    component INTEGER NOT NULL, part INTEGER NOT NULL, lines INTEGER NOT NULL, keys BLOB NOT NULL
);
CREATE TABLE content (piece INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE dictionary (content BLOB NOT NULL);
CREATE TABLE key (key INTEGER NOT NULL, piece INTEGER NOT NULL, PRIMARY KEY (key, piece))
    WITHOUT ROWID;
"""
_INDEX: Final = "CREATE INDEX piece_part ON piece (part)"
#: Kinds of pieces: of orders, of open items, of lines of money outside.
CHAIN, OPEN_ITEM, MOVEMENT = 0, 1, 2


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
    keys: list[int]


class PieceTable:
    """The pieces."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        (highest,) = connection.execute("SELECT max(id) FROM piece").fetchone()
        self._next = int(highest or 0) + 1
        found = connection.execute("SELECT content FROM dictionary").fetchone()
        self._packing = None if found is None else Packing(found[0])

    def add(self, pieces: Sequence[Piece], kind: int = CHAIN) -> range:
        """Add *pieces* without linking them, and return their ids."""
        ids = range(self._next, self._next + len(pieces))
        self._next = ids.stop
        contents = [piece.content for piece in pieces]
        self._connection.executemany(
            "INSERT INTO piece VALUES (?, ?, ?, ?, 0, 0, ?, ?)",
            (
                (number, kind, piece.name, digest_of(content), piece.lines, piece.keys.tobytes())
                for number, piece, content in zip(ids, pieces, contents, strict=True)
            ),
        )
        if self._packing is None and contents:
            self._packing = self._learn(contents)
        if self._packing is not None:
            pack = self._packing.pack
            self._connection.executemany(
                "INSERT INTO content VALUES (?, ?)", zip(ids, map(pack, contents), strict=True)
            )
        return ids

    def _learn(self, contents: Sequence[bytes]) -> Packing:
        """Take the first pieces for what all look like."""
        packing = Packing(b"\n".join(contents[:2]))
        self._connection.execute("INSERT INTO dictionary VALUES (?)", (packing.dictionary,))
        return packing

    def remove(self, pieces: Iterable[KeptPiece]) -> None:
        """Remove pieces with their keys."""
        for piece in pieces:
            self._connection.executemany(
                "DELETE FROM key WHERE key = ? AND piece = ?",
                [(key, piece.id) for key in piece.keys],
            )
            self._connection.execute("DELETE FROM piece WHERE id = ?", (piece.id,))
            self._connection.execute("DELETE FROM content WHERE piece = ?", (piece.id,))

    def index(self, pieces: Iterable[int]) -> None:
        """Let *pieces* be found by their keys."""
        for piece in self.get(pieces):
            self._connection.executemany(
                "INSERT INTO key VALUES (?, ?)", [(key, piece.id) for key in piece.keys]
            )

    def index_all(self) -> None:
        """Let all pieces of a new file be found by their keys and parts."""
        self._connection.execute("CREATE TEMP TABLE loose (key INTEGER, piece INTEGER)")
        insert = "INSERT INTO loose VALUES (?, ?)"
        for number, keys in self._connection.execute("SELECT id, keys FROM piece ORDER BY id"):
            self._connection.executemany(insert, [(key, number) for key in _keys(keys)])
        self._connection.execute("INSERT INTO key SELECT key, piece FROM loose ORDER BY key, piece")
        self._connection.execute("DROP TABLE loose")
        self._connection.execute(_INDEX)

    def keys(self) -> Iterator[tuple[int, int]]:
        """Yield all keys with their pieces, sorted."""
        yield from self._connection.execute("SELECT key, piece FROM key ORDER BY key, piece")

    def sharing(self, keys: Iterable[int]) -> set[int]:
        """Return the pieces that belong together with one that has *keys*."""
        wanted = sorted({form for key in keys for form in meeting(key)})
        found: set[int] = set()
        for some in slices(wanted):
            query = f"SELECT piece FROM key WHERE key IN ({marks(some)})"  # noqa: S608
            found.update(row[0] for row in self._connection.execute(query, some))
        return found

    def get(self, ids: Iterable[int]) -> Iterator[KeptPiece]:
        """Yield the pieces of *ids*."""
        yield from self._found("id", sorted(ids))

    def of_parts(self, parts: Iterable[int]) -> Iterator[KeptPiece]:
        """Yield the pieces of *parts*."""
        yield from self._found("part", sorted(parts))

    def _found(self, column: str, values: Sequence[int]) -> Iterator[KeptPiece]:
        for some in slices(values):
            query = f"SELECT * FROM piece WHERE {column} IN ({marks(some)})"  # noqa: S608
            for row in self._connection.execute(query, some).fetchall():
                yield _kept_piece(row)

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
        return [content for _, content in self._contents("part", [part])]

    def contents(self, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield what some pieces hold; raises as :meth:`content_of` does."""
        for some in slices(ids):
            yield from self._contents("id", some)

    def _contents(self, column: str, values: Sequence[int]) -> list[tuple[int, bytes]]:
        rows = self._connection.execute(
            "SELECT id, digest, content FROM piece JOIN content ON content.piece = piece.id"  # noqa: S608
            f" WHERE {column} IN ({marks(values)}) ORDER BY id",
            values,
        ).fetchall()
        try:
            found = [(number, digest, self._unpacked(packed)) for number, digest, packed in rows]
        except (zlib.error, TypeError) as error:
            raise sqlite3.DatabaseError("a kept piece cannot be unpacked") from error
        if any(digest_of(content) != digest for _, digest, content in found):
            raise sqlite3.DatabaseError("a kept piece is not what was written")
        return [(number, content) for number, _, content in found]

    def _unpacked(self, packed: bytes) -> bytes:
        if self._packing is None:
            raise sqlite3.DatabaseError("the kept pieces have no dictionary")
        return self._packing.unpack(packed)

    def digest_of_part(self, part: int) -> bytes:
        query = (
            "SELECT id, kind, name, digest, component, keys FROM piece WHERE part = ? ORDER BY id"
        )
        rows = self._connection.execute(query, (part,)).fetchall()
        return digest_of(repr(rows).encode())


def _kept_piece(row: Sequence[Any]) -> KeptPiece:
    number, kind, name, digest, component, part, lines, keys = row
    return KeptPiece(number, kind, name, digest, component, part, lines, _keys(keys))


def _keys(content: bytes) -> list[int]:
    view = memoryview(content).cast("q")
    return view.tolist()
