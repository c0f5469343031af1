"""Connections: how SQLite is opened, and what its failures mean to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import QueuePool

from connector.errors import ConfigurationError, ConnectorError, TransientError
from connector.store.group_commit import GroupCommit
from connector.store.lock import WriterLock

T = TypeVar("T")

#: How long a statement waits for a lock of a foreign program, in milliseconds.
_BUSY_MS = 10_000


def database_path(url: str) -> Path:
    """
    Return the file behind *url* (``sqlite:///path``).

    Raises:
        ConfigurationError: it is no address of a SQLite file.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(
            "store.url", f"{url!r} is no database address", "Expected sqlite:///path/to/file.db"
        ) from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigurationError(
            "store.url",
            f"{parsed.render_as_string(hide_password=True)} is not supported",
            "Expected a SQLite file: sqlite:///path/to/file.db",
        )
    return Path(parsed.database)


def sqlite_url(path: Path) -> str:
    """Return the address of a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open_engine(path: Path, *, writes: bool, connections: int) -> Engine:
    """
    Open *path* with at most *connections* connections.

    Write transactions take their lock at BEGIN: a reading one that turned into a writing one could
    fail half way. synchronous=FULL makes each commit durable before it returns.
    """
    engine = create_engine(
        sqlite_url(path),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_writer if writes else _prepare_reader)
    event.listen(engine, "begin", _begin_immediate if writes else _begin)
    return engine


def _prepare(connection: sqlite3.Connection) -> None:
    # The driver's own transaction control is off: BEGIN is ours.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _prepare_writer(connection: sqlite3.Connection, record: Any) -> None:
    _prepare(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _prepare_reader(connection: sqlite3.Connection, record: Any) -> None:
    _prepare(connection)
    connection.execute("PRAGMA query_only = ON")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def explained(error: DBAPIError, path: Path) -> ConnectorError:
    """Return what a failure of the database means: to be tried again, or to be put right."""
    text = str(error.orig).lower()
    if "locked" in text or "busy" in text:
        return TransientError(f"{path}: another program keeps the database locked ({error.orig})")
    if "readonly" in text or "unable to open" in text:
        return ConfigurationError(
            str(path),
            f"the store cannot be opened or written ({error.orig})",
            "Check that folder and file exist and that this user may write to both",
        )
    if "full" in text:
        return ConfigurationError(
            str(path), "the disk is full", "Free some space; nothing was lost or half written"
        )
    if "no such table" in text:
        return ConfigurationError(
            str(path), "the store has no tables yet", "Run `sd-connector db upgrade`"
        )
    if "malformed" in text or "not a database" in text:
        return ConfigurationError(
            str(path), f"is damaged or no database ({error.orig})", "Restore it from a backup"
        )
    return ConfigurationError(str(path), f"the database failed: {error.orig}")


class Database:
    """
    Readers and the one writer of a store.

    Without *lock* it is open for reading alone, and writing raises ConfigurationError; with
    *beside* it may write all the same, next to the process that holds the lock.
    """

    def __init__(
        self, path: Path, *, lock: WriterLock | None, readers: int, beside: bool = False
    ) -> None:
        self.path = path
        self._lock = lock
        self._reading = open_engine(path, writes=False, connections=readers)
        self._writing: Engine | None = None
        self._commits: GroupCommit | None = None
        if lock is not None or beside:
            self._writing = open_engine(path, writes=True, connections=1)
            self._commits = GroupCommit(self._writing)

    @property
    def is_only_writer(self) -> bool:
        """Whether no other process can be writing."""
        return self._lock is not None

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a reading transaction: one consistent state of everything."""
        try:
            with self._reading.begin() as connection:
                return work(connection)
        except DBAPIError as error:
            raise explained(error, self.path) from error

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a writing transaction; what it returns is durable."""
        if self._commits is None:
            raise ConfigurationError(
                str(self.path),
                "is open for reading alone",
                "Open the store for writing to change it",
            )
        try:
            return self._commits.run(work)
        except DBAPIError as error:
            raise explained(error, self.path) from error

    def close(self) -> None:
        """Close all connections and give the writer's lock back."""
        self._reading.dispose()
        if self._writing is not None:
            self._writing.dispose()
        if self._lock is not None:
            self._lock.close()
