"""Kept reconciliation runs: appended to, never changed, each sealed by an entry of the chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from connector.ports.reconciliation import StoredRun, piece_name
from connector.store.database import Database
from connector.store.schema import reconciliation_match_piece, reconciliation_run

_INSERT: Final = insert(reconciliation_run)
_BY_ID: Final = select(reconciliation_run).where(reconciliation_run.c.run_id == bindparam("run_id"))
_NEWEST: Final = (
    select(reconciliation_run)
    .order_by(reconciliation_run.c.run_id.desc())
    .limit(bindparam("limit"))
)
# Contents are large: a server sends them in small portions, and does not wait until it has all.
_CONTENTS: Final = (
    select(reconciliation_run.c.run_id, reconciliation_run.c.content)
    .order_by(reconciliation_run.c.id)
    .execution_options(yield_per=1)
)
_PIECE: Final = reconciliation_match_piece.c
_INSERT_PIECE: Final = insert(reconciliation_match_piece)
_NEXT_PIECE: Final = (
    select(_PIECE.piece, _PIECE.content)
    .where(_PIECE.run_id == bindparam("run_id"), _PIECE.piece > bindparam("after"))
    .order_by(_PIECE.piece)
    .limit(1)
)
_PIECES: Final = (
    select(reconciliation_match_piece)
    .order_by(_PIECE.run_id, _PIECE.piece)
    .execution_options(yield_per=20)
)


def keep_run(connection: Connection, run: StoredRun, matches: Sequence[bytes] = ()) -> bool:
    """
    Keep *run* with its *matches*; returns whether it is new. Whoever keeps one appends its entry.

    Raises:
        ValueError: another content is kept under its id.
    """
    known = connection.execute(_BY_ID, {"run_id": run.run_id}).first()
    if known is None:
        connection.execute(_INSERT, _to_row(run))
        for number, content in enumerate(matches, start=1):
            row = {"run_id": run.run_id, "piece": number, "content": content}
            connection.execute(_INSERT_PIECE, row)
    elif _to_run(known) != run:
        raise ValueError(f"run {run.run_id} is in the log with other content")
    return known is None


class SqlReconciliationRuns:
    """Implements :class:`connector.ports.reconciliation.ReconciliationRuns`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_reconciliation_run(self, run: StoredRun) -> None:
        from connector.store.reconciliation_log import append_entries

        def work(connection: Connection) -> None:
            if keep_run(connection, run):
                append_entries(connection, [run.finished_entry()], run.finished_at)

        self._database.write(work)

    def reconciliation_runs(self, limit: int = 20) -> tuple[StoredRun, ...]:
        return self._database.read(
            lambda connection: tuple(map(_to_run, connection.execute(_NEWEST, {"limit": limit})))
        )

    def reconciliation_run(self, run_id: str) -> StoredRun | None:
        def work(connection: Connection) -> StoredRun | None:
            row = connection.execute(_BY_ID, {"run_id": run_id}).first()
            return None if row is None else _to_run(row)

        return self._database.read(work)

    def match_pieces(self, run_id: str) -> Iterator[bytes]:
        after = 0
        while (found := self._piece(run_id, after)) is not None:
            after, content = found
            yield content

    def _piece(self, run_id: str, after: int) -> tuple[int, bytes] | None:
        def work(connection: Connection) -> tuple[int, bytes] | None:
            row = connection.execute(_NEXT_PIECE, {"run_id": run_id, "after": after}).first()
            return None if row is None else (row.piece, row.content)

        return self._database.read(work)

    def content_hashes(self) -> Mapping[str, str]:
        def work(connection: Connection) -> dict[str, str]:
            rows = connection.execute(_CONTENTS)
            found = {row.run_id: hashlib.sha256(row.content.encode()).hexdigest() for row in rows}
            for row in connection.execute(_PIECES):
                name = piece_name(row.run_id, row.piece)
                found[name] = hashlib.sha256(row.content).hexdigest()
            return found

        return self._database.read(work)


def _to_row(run: StoredRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "key_date": run.key_date.isoformat(),
        "company_codes": json.dumps(run.company_codes),
        "verdict": run.verdict,
        "content_hash": run.content_hash,
        "finished_at": run.finished_at,
        "content": run.content,
    }


def _to_run(row: Row[Any]) -> StoredRun:
    return StoredRun(
        run_id=row.run_id,
        key_date=date.fromisoformat(row.key_date),
        company_codes=tuple(json.loads(row.company_codes)),
        verdict=row.verdict,
        content_hash=row.content_hash,
        finished_at=row.finished_at,
        content=row.content,
    )
