"""The chain of reconciliation: appended to under a lock, each entry sealed by the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from connector.ports.reconciliation import (
    EntryKind,
    Head,
    LogEntry,
    LogMovedError,
    NewEntry,
    StoredRun,
    chained,
)
from connector.store.database import Database
from connector.store.reconciliation_runs import keep_run
from connector.store.run_lock import exclusive_run
from connector.store.schema import reconciliation_log

_INSERT: Final = insert(reconciliation_log)
_COLUMNS: Final = reconciliation_log.c
_ALL: Final = select(reconciliation_log).order_by(_COLUMNS.sequence)
_HEAD: Final = select(_COLUMNS.sequence, _COLUMNS.hash).order_by(_COLUMNS.sequence.desc()).limit(1)


def head_of(connection: Connection) -> Head:
    """Return the newest entry of the log that *connection* reads."""
    row = connection.execute(_HEAD).first()
    return Head() if row is None else Head(row.sequence, row.hash)


def append_entries(
    connection: Connection, entries: Sequence[NewEntry], at: datetime
) -> tuple[LogEntry, ...]:
    """Append within a writing transaction, of which one runs at a time."""
    made = chained(entries, head_of(connection), at)
    if made:
        connection.execute(_INSERT, [_to_row(entry) for entry in made])
    return made


class SqlReconciliationLog:
    """Implements :class:`connector.ports.reconciliation.ReconciliationLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> Head:
        return self._database.read(head_of)

    def append(
        self,
        entries: Sequence[NewEntry],
        *,
        at: datetime,
        after: int | None = None,
        run: StoredRun | None = None,
        matches: Sequence[bytes] = (),
    ) -> tuple[LogEntry, ...]:
        def work(connection: Connection) -> tuple[LogEntry, ...]:
            head = head_of(connection)
            if after is not None and head.sequence != after:
                raise LogMovedError(after, head.sequence)
            if run is not None:
                keep_run(connection, run, matches)
            return append_entries(connection, entries, at)

        return self._database.write(work)

    def entries(
        self,
        kinds: Sequence[EntryKind] = (),
        *,
        subject: str = "",
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[LogEntry, ...]:
        query = _ALL.limit(limit)
        if kinds:
            query = query.where(_COLUMNS.kind.in_([kind.value for kind in kinds]))
        if subject:
            query = query.where(_COLUMNS.subject == subject)
        if after:
            query = query.where(_COLUMNS.sequence > after)
        return self._database.read(
            lambda connection: tuple(map(_to_entry, connection.execute(query)))
        )

    @contextmanager
    def exclusively(self, holder: str) -> Iterator[None]:
        with exclusive_run(self._database, holder):
            yield


def _to_row(entry: LogEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "subject": entry.subject,
        "at": entry.at,
        "body": entry.body,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def _to_entry(row: Row[Any]) -> LogEntry:
    return LogEntry(
        sequence=row.sequence,
        kind=row.kind,
        subject=row.subject,
        at=row.at,
        body=row.body,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
