"""What a database has to offer a store, and which one an address means."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from connector.errors import ConfigurationError, ConnectorError

_EXPECTED = (
    "Expected sqlite:///path/to/file.db, or postgresql+psycopg://user@host/database with the "
    "password elsewhere"
)


class Writer(Protocol):
    """A connection for writing. With the sole right to it, for as long as it is open."""

    @property
    def engine(self) -> Engine:
        """
        One connection. Its transactions take the right to write at their beginning and keep it to
        their end, against all other writers: what was read in them cannot change meanwhile.
        """

    def close(self) -> None:
        """Close the connection and give the right back; calling it twice is harmless."""


class Backend(Protocol):
    """A database that a store lies in; nothing is opened before it is asked for."""

    @property
    def name(self) -> str:
        """What messages call it; never with a password."""

    @property
    def right_ends_with_process(self) -> bool:
        """
        Whether the sole right to write proves that whoever had it before does not run any more.

        A lock of the operating system does. One that a server keeps ends with the connection.
        """

    def exists(self) -> bool:
        """Tell whether there is a database, with tables or without; False for no file."""

    def prepare(self) -> None:
        """Make what a new database needs around it; raises ConfigurationError when it cannot."""

    def writer(self, *, alone: bool) -> Writer:
        """
        Open it for writing; *alone* as the one process that works on orders.

        Raises:
            StoreInUseError: another process has the sole right.
            ConfigurationError: it cannot be opened or written.
            TransientError: the server cannot be reached.
        """

    def readers(self, connections: int) -> Engine:
        """
        Return up to *connections* connections for reading alone.

        Each transaction sees one consistent state of everything.
        """

    def exclusively(self, right: str, holder: str) -> AbstractContextManager[None]:
        """
        Hold a *right* (a short name) that one caller has at a time, until the end of the block.

        Raises:
            RightTakenError: another process, or another thread of this one, has it.
        """

    def check(self) -> tuple[str, ...]:
        """Let the database check itself; returns what is wrong, in words."""

    def explained(self, error: DBAPIError) -> ConnectorError:
        """Return what a failure means: to be tried again, or to be put right."""


class RightTakenError(Exception):
    """Another one has the right; ``holder`` is what it calls itself."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(holder)


def backend_of(url: str, password: SecretStr | None = None) -> Backend:
    """
    Return the database behind *url*.

    Raises:
        ConfigurationError: *url* is no address of a database that a store can lie in, a password
            is written in it, or its driver is not installed.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        from connector.store.sqlite import SqliteBackend, database_path

        return SqliteBackend(database_path(url))
    from connector.store.postgresql import PostgresqlBackend

    return PostgresqlBackend(parsed, password)


def parse_url(url: str) -> URL:
    """Return the parts of *url*; raises ConfigurationError for what no store can lie in."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text may hold a password, so that it is not repeated.
        raise ConfigurationError("store.url", "it is no database address", _EXPECTED) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return parsed
    if parsed.password is not None or any("password" in name for name in parsed.query):
        raise ConfigurationError(
            "store.url",
            "a password does not belong into the address",
            "Set the environment variable SD_CONNECTOR__STORE__PASSWORD, or name a file with it in "
            "store.password_file",
        )
    shown = parsed.render_as_string()
    if parsed.drivername != "postgresql+psycopg":
        raise ConfigurationError("store.url", f"{shown} is not supported", _EXPECTED)
    if not parsed.database:
        raise ConfigurationError("store.url", f"{shown} names no database", _EXPECTED)
    return parsed
