"""A store in a SQLite file: how it is opened, and what its failures mean to a person."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from connector.errors import ConfigurationError, ConnectorError, TransientError
from connector.store.backend import RightTakenError, parse_url
from connector.store.lock import WriterLock

#: How long a statement waits for a lock of a foreign program, in milliseconds.
_BUSY_MS = 10_000
#: Words of SQLite, and what they mean: the problem, and what a person can do. The first counts.
_FAILURES: Final = (
    (
        ("readonly", "unable to open"),
        "the store cannot be opened or written ({})",
        "Check that folder and file exist and that this user may write to both",
    ),
    (("full",), "the disk is full", "Free some space; nothing was lost or half written"),
    (
        ("disk i/o",),
        "the disk is full or failing ({})",
        "Free some space, or check the disk; nothing was lost or half written",
    ),
    (("no such table",), "the store has no tables yet", "Run `sd-connector db upgrade`"),
    (
        ("malformed", "not a database"),
        "is damaged or no database ({})",
        "Restore it from a backup",
    ),
)


def database_path(url: str) -> Path:
    """
    Return the file behind *url* (``sqlite:///path``).

    Raises:
        ConfigurationError: it is no address of a SQLite file.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ConfigurationError(
            "store.url",
            f"{parsed.render_as_string()} is no file",
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
    # Without it, REPLACE would delete rows past the triggers that forbid it.
    connection.execute("PRAGMA recursive_triggers = ON")


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


class SqliteWriter:
    """Implements :class:`connector.store.backend.Writer`."""

    def __init__(self, path: Path, lock: WriterLock | None) -> None:
        self._lock = lock
        self.engine = open_engine(path, writes=True, connections=1)

    def close(self) -> None:
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()


class SqliteBackend:
    """Implements :class:`connector.store.backend.Backend`."""

    right_ends_with_process = True

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def prepare(self) -> None:
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                str(folder),
                f"cannot be made: {error.strerror}",
                "Choose a folder that this user may write to",
            ) from error

    def writer(self, *, alone: bool) -> SqliteWriter:
        return SqliteWriter(self.path, WriterLock(self.path) if alone else None)

    def readers(self, connections: int) -> Engine:
        return open_engine(self.path, writes=False, connections=connections)

    @contextmanager
    def exclusively(self, right: str, holder: str) -> Iterator[None]:
        path = self.path.with_name(f"{self.path.name}.{right}.lock")
        try:
            file = path.open("a+", encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                str(path),
                f"cannot be written: {error.strerror}",
                "Check that the folder exists and that this user may write to it",
            ) from error
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise RightTakenError(file.read().strip()) from error
            file.truncate(0)
            file.write(holder)
            file.flush()
            yield

    def check(self) -> tuple[str, ...]:
        engine = self.readers(1)
        try:
            with engine.begin() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                loose = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        except DBAPIError as error:
            raise self.explained(error) from error
        finally:
            engine.dispose()
        return (
            *(str(words) for words in found if words != "ok"),
            *(
                f"row {row[1]} of {row[0]} belongs to a row of {row[2]} that is gone"
                for row in loose
            ),
        )

    def explained(self, error: DBAPIError) -> ConnectorError:
        text = str(error.orig).lower()
        if "locked" in text or "busy" in text:
            return TransientError(
                f"{self.path}: another program keeps the database locked ({error.orig})"
            )
        for words, problem, advice in _FAILURES:
            if any(word in text for word in words):
                return ConfigurationError(self.name, problem.format(error.orig), advice)
        return ConfigurationError(self.name, f"the database failed: {error.orig}")
