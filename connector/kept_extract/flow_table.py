"""The orders that pieces came from, and the sales orders that nobody outside knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connector.kept_extract.statements import marks, slices

TABLES: Final = """
CREATE TABLE flow (
    id INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL, piece INTEGER NOT NULL,
    reference TEXT NOT NULL, sold_to_party TEXT NOT NULL, received_on TEXT NOT NULL,
    numbers TEXT NOT NULL, found TEXT
);
CREATE INDEX flow_piece ON flow (piece);
CREATE TABLE orphan (number TEXT PRIMARY KEY, head TEXT NOT NULL, piece INTEGER NOT NULL)
    WITHOUT ROWID;
"""


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


class FlowTable:
    """The orders, by the ids of their flows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, flows: Iterable[KeptFlow]) -> None:
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

    def remove(self, ids: Iterable[int]) -> None:
        """Forget orders."""
        self._connection.executemany("DELETE FROM flow WHERE id = ?", [(each,) for each in ids])

    def all(self) -> Iterator[KeptFlow]:
        """Yield all orders by id."""
        rows = self._connection.execute("SELECT * FROM flow ORDER BY id")
        return map(_kept_flow, rows)

    def in_pieces(self, pieces: Sequence[int]) -> dict[int, bytes]:
        """Return the orders in *pieces* with their fingerprints."""
        found: dict[int, bytes] = {}
        for some in slices(pieces):
            query = f"SELECT id, fingerprint FROM flow WHERE piece IN ({marks(some)})"  # noqa: S608
            found.update(self._connection.execute(query, some).fetchall())
        return found

    def pieces_led_to(self, pieces: Sequence[int]) -> set[int]:
        """Return those of *pieces* that an order, or a sales order of nobody, leads to."""
        found: set[int] = set()
        for some in slices(pieces):
            for table in ("flow", "orphan"):
                query = f"SELECT piece FROM {table} WHERE piece IN ({marks(some)})"  # noqa: S608
                found.update(row[0] for row in self._connection.execute(query, some))
        return found

    def add_orphans(self, orphans: Iterable[tuple[str, str, int]]) -> None:
        """Note sales orders that look like ours: number, what a list shows of them, and piece."""
        self._connection.executemany("INSERT OR REPLACE INTO orphan VALUES (?, ?, ?)", orphans)

    def remove_orphans(self, numbers: Iterable[str]) -> None:
        """Forget sales orders that looked like ours."""
        self._connection.executemany(
            "DELETE FROM orphan WHERE number = ?", [(number,) for number in numbers]
        )

    def orphans(self) -> dict[str, tuple[str, int]]:
        """Return what a list shows of each, and its piece, by number."""
        rows = self._connection.execute("SELECT number, head, piece FROM orphan ORDER BY number")
        return {number: (head, piece) for number, head, piece in rows}


def _kept_flow(row: tuple[Any, ...]) -> KeptFlow:
    number, fingerprint, piece, reference, sold_to, received_on, numbers, found = row
    return KeptFlow(
        id=number,
        fingerprint=fingerprint,
        piece=piece,
        reference=reference,
        sold_to_party=sold_to,
        received_on=date.fromisoformat(received_on),
        numbers=tuple(numbers.split()),
        found=None if found is None else tuple(found.split()),
    )
