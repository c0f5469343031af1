"""
The durable state of a simulated ERP: one SQLite file, one transaction per unit of work.

Each kind of record is a table of JSON rows; number levels and the clock lie beside them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.simulator.engine.changes import KINDS
from connector.simulator.engine.codec import decoded, encoded
from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.engine.finance_records import AccountingDocument, BillingDocument
from connector.simulator.engine.logistics_records import Delivery, MaterialDocument, Stock
from connector.simulator.engine.numbers import RangeKey
from connector.simulator.engine.purchasing_records import PurchaseOrder, PurchaseRequisition
from connector.simulator.engine.sales_records import FlowRow, SalesDocument

FORMAT = "simulated-erp 1"

RECORDS: dict[str, type] = {
    "sales": SalesDocument,
    "delivery": Delivery,
    "billing": BillingDocument,
    "material": MaterialDocument,
    "accounting": AccountingDocument,
    "flow": FlowRow,
    "stock": Stock,
    "requisition": PurchaseRequisition,
    "purchase": PurchaseOrder,
}


_DAMAGED: Final = (
    "It is damaged, or no state at all: restore it from a copy, or move it away to start an empty "
    "system"
)


class StateNotWrittenError(ShortDumpError):
    """The file cannot be written, as when the disk is full; nothing of it was."""


class StateFile:
    """
    The state file, open for as long as the ERP runs.

    Raises ConfigurationError when it cannot be opened, is in use, or is something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # The ERP's own lock keeps threads apart.
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=0.2
            )
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._connection.close()
            raise self._unusable(error) from error
        except ConfigurationError:
            self._connection.close()
            raise

    def _unusable(self, error: sqlite3.Error) -> ConfigurationError:
        remedies = {
            sqlite3.SQLITE_BUSY: "Close the other simulator that uses it, or name another file",
            sqlite3.SQLITE_LOCKED: "Close the other simulator that uses it, or name another file",
            sqlite3.SQLITE_CORRUPT: _DAMAGED,
            sqlite3.SQLITE_NOTADB: _DAMAGED,
        }
        # The low byte is the kind of failure, the rest its details; none where Python itself fails.
        kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return ConfigurationError(
            str(self._path),
            f"cannot be used as state of the simulated ERP ({error})",
            remedies.get(kind, "Name a file in a folder that this user may write to"),
        )

    def _prepare(self) -> None:
        run = self._connection.execute
        # The exclusive lock is kept until the file is closed: two systems never share a state.
        run("PRAGMA locking_mode=EXCLUSIVE")
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        run("BEGIN EXCLUSIVE")
        run("CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        found = run("SELECT value FROM meta WHERE name = 'format'").fetchone()
        if found is None:
            run("INSERT INTO meta VALUES ('format', ?)", (FORMAT,))
        elif found[0] != FORMAT:
            raise ConfigurationError(
                str(self._path),
                f"holds {found[0]!r}, this version reads {FORMAT!r}",
                "Reset the simulator's state, or name another file",
            )
        run("CREATE TABLE IF NOT EXISTS level (name TEXT PRIMARY KEY, value INTEGER NOT NULL)")
        for kind in KINDS:
            run(
                f"CREATE TABLE IF NOT EXISTS {kind} "
                "(id INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, body TEXT NOT NULL)"
            )
        run("COMMIT")

    def write(
        self,
        puts: Iterable[tuple[str, Any, Any]],
        drops: Iterable[tuple[str, Any]],
        clock_position: str,
    ) -> None:
        """
        Write records (kind, key, record) and removals (kind, key) in one transaction.

        Raises StateNotWrittenError when they cannot be: the file is as it was.
        """
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            for kind, key, record in puts:
                run(
                    f"INSERT INTO {_table(kind)} (key, body) VALUES (?, ?) "  # noqa: S608
                    "ON CONFLICT (key) DO UPDATE SET body = excluded.body",
                    (_text(key), encoded(record)),
                )
            for kind, key in drops:
                run(f"DELETE FROM {_table(kind)} WHERE key = ?", (_text(key),))  # noqa: S608
            self._put_clock(clock_position)
            run("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                run("ROLLBACK")
            raise self._not_written("a unit of work", error) from error

    def records(self, kind: str) -> Iterator[Any]:
        """Yield the records of a kind in the order in which they were first written."""
        record_type = RECORDS[kind]
        query = f"SELECT body FROM {_table(kind)} ORDER BY id"  # noqa: S608
        for (body,) in self._connection.execute(query):
            yield decoded(record_type, body)

    def save_level(self, key: RangeKey, level: int) -> None:
        """Write the level of a number range at once; StateNotWrittenError when it cannot be."""
        try:
            self._connection.execute(
                "INSERT INTO level VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                ("|".join(key), level),
            )
        except sqlite3.Error as error:
            raise self._not_written("a number", error) from error

    def levels(self) -> dict[RangeKey, int]:
        """Return the levels of the number ranges."""
        found = {}
        for name, value in self._connection.execute("SELECT name, value FROM level"):
            object_name, interval, sub_object = name.split("|")
            found[object_name, interval, sub_object] = value
        return found

    def save_clock(self, position: str) -> None:
        """Write the clock's position; on a full disk it goes with the next unit of work."""
        with suppress(sqlite3.OperationalError):
            self._put_clock(position)

    def clock_position(self) -> str | None:
        """Return the clock's last position, None in a new file."""
        found = self._connection.execute("SELECT value FROM meta WHERE name = 'clock'").fetchone()
        return found[0] if found else None

    def clear(self) -> None:
        """Remove everything but the format."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        for kind in KINDS:
            run(f"DELETE FROM {kind}")  # noqa: S608
        run("DELETE FROM level")
        run("DELETE FROM meta WHERE name <> 'format'")
        run("COMMIT")

    def close(self) -> None:
        """Release the file; closing twice does nothing."""
        self._connection.close()

    def _not_written(self, what: str, error: sqlite3.Error) -> StateNotWrittenError:
        return StateNotWrittenError(
            "DBIF_RSQL_SQL_ERROR",
            f"SQL error: {what} could not be written to {self._path.name} ({error}). Make room on "
            "the disk",
        )

    def _put_clock(self, position: str) -> None:
        self._connection.execute(
            "INSERT INTO meta VALUES ('clock', ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (position,),
        )


def _table(kind: str) -> str:
    if kind not in KINDS:
        raise KeyError(kind)
    return kind


def _text(key: Any) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
