"""
A store on a PostgreSQL server: how it is opened, and who may write.

What SQLite gives by its one write lock, advisory locks give here. Every writing transaction takes
one at its beginning and holds it to its end, so that writers follow each other, and each sees all
that the one before it has made durable: what is read, decided and written in one transaction is
right without row locks and without being repeated, and rows appear in the order of their ids. The
sole right to work on orders is a second lock, held by the very connection that writes: whoever has
lost the right has lost the connection, and gets a new one only with the right.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import SecretStr
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from connector.errors import ConfigurationError, ConnectorError
from connector.store.backend import RightTakenError
from connector.store.lock import StoreInUseError
from connector.store.postgresql_failures import explained

if TYPE_CHECKING:
    import psycopg

    _Server = psycopg.Connection[tuple[Any, ...]]
    _Prepare = Callable[[_Server], None]

#: How long a statement waits for another writer's transaction, in milliseconds.
_BUSY_MS = 10_000
#: How long a connection of our own that the server still believes in is waited for, in seconds.
_OLD_SESSION_S: Final = 5.0

#: Each statement stands for itself: nothing stays open that the server would end after a minute.
_AUTOCOMMIT: Final = "AUTOCOMMIT"

#: Names of the locks; a server keeps them apart by database, and the schema is part of the key.
_WRITING: Final = "writing"
_ORDERS: Final = "working on orders"

#: A peer that is gone is noticed within about a minute, on either side.
_KEEP_ALIVE: Final = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION: Final = """
SET lock_timeout = {busy_ms};
SET idle_in_transaction_session_timeout = '60s';
SET tcp_keepalives_idle = 30;
SET tcp_keepalives_interval = 10;
SET tcp_keepalives_count = 3;
SET TIME ZONE 'UTC'
"""
#: A commit is on the disk before it counts, unless the server is stricter still.
_DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
_HOLDER: Final = """
SELECT holder.pid, holder.application_name
FROM pg_locks JOIN pg_stat_activity AS holder USING (pid)
WHERE locktype = 'advisory' AND granted AND objsubid = 1
  AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = {purpose} AND objid = quote_ident(current_schema())::regnamespace::oid
"""


def _purpose(name: str) -> int:
    return zlib.crc32(name.encode()) & 0x7FFFFFFF


def _key(name: str) -> str:
    """Return the key of a lock as SQL: what it is for, and the schema that the tables lie in."""
    schema = "quote_ident(current_schema())::regnamespace::oid::bigint"
    return f"(({_purpose(name)}::bigint << 32) | {schema})"


_BEGIN_WRITING: Final = f"SELECT pg_advisory_xact_lock({_key(_WRITING)})"


@cache
def _text_dumper() -> type[Any]:
    """
    Return how text is handed to the server, which knows no NUL character.

    What somebody wrote into a message must not stop all orders: it stands there as U+FFFD.
    """
    from psycopg.types.string import StrDumper

    class TextDumper(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return TextDumper


def _signature() -> str:
    """Return a name for one writer: process and host, and what tells it from all others."""
    return f"sd-connector {os.getpid()}@{socket.gethostname()[:30]} {secrets.token_hex(4)}"


class PostgresqlBackend:
    """Implements :class:`connector.store.backend.Backend`."""

    #: The lock ends with the connection, which a process may survive.
    right_ends_with_process = False

    def __init__(self, url: URL, password: SecretStr | None) -> None:
        self._url, self._password = url, password

    @property
    def name(self) -> str:
        return self._url.set(password=None).render_as_string()

    def exists(self) -> bool:
        # Whether the server has the database shows when it is opened, with what else may be wrong.
        return True

    def prepare(self) -> None:
        """Nothing to be done: databases are made by whoever looks after the server."""

    def engine(
        self, *, connections: int, isolation: str, prepare: _Prepare, called: str = "sd-connector"
    ) -> Engine:
        """
        Return up to *connections* connections, each of which *prepare* has seen before its use.

        Raises:
            ConfigurationError: the driver is not installed.
        """
        arguments: dict[str, Any] = {"application_name": called, **_KEEP_ALIVE}
        if "connect_timeout" not in self._url.query:
            arguments["connect_timeout"] = 10
        if self._password is not None:
            arguments["password"] = self._password.get_secret_value()
        try:
            engine = create_engine(
                self._url,
                poolclass=QueuePool,
                pool_size=connections,
                max_overflow=0,
                pool_timeout=60,
                isolation_level=isolation,
                connect_args=arguments,
                hide_parameters=True,
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                self.name,
                f"the driver for PostgreSQL is not installed ({error.name})",
                "Install it with the connector: pip install 'sd-connector[postgresql]'",
            ) from error

        def opened(connection: _Server, record: Any) -> None:
            try:
                connection.adapters.register_dumper(str, _text_dumper())
                connection.autocommit = True
                self._check(connection)
                prepare(connection)
                connection.autocommit = isolation == _AUTOCOMMIT
            except BaseException:
                # The pool never learns of this connection, so nobody else would close it.
                connection.close()
                raise

        event.listen(engine, "connect", opened)
        return engine

    def _check(self, connection: _Server) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise ConfigurationError(
                self.name,
                f"the database keeps text as {encoding}, which has no room for all characters",
                "Make it anew with ENCODING 'UTF8'",
            )
        connection.execute(_SESSION.format(busy_ms=_BUSY_MS))
        schema = connection.execute("SELECT current_schema()").fetchone()
        if schema is None or schema[0] is None:
            raise ConfigurationError(
                self.name,
                "none of the schemas in its search path exists",
                "Make the schema, or correct search_path in the options of store.url",
            )

    def writer(self, *, alone: bool) -> PostgresqlWriter:
        return PostgresqlWriter(self, alone=alone)

    def readers(self, connections: int) -> Engine:
        def prepare(connection: _Server) -> None:
            connection.read_only = True

        return self.engine(connections=connections, isolation="REPEATABLE READ", prepare=prepare)

    @contextmanager
    def exclusively(self, right: str, holder: str) -> Iterator[None]:
        engine = self.engine(
            connections=1, isolation=_AUTOCOMMIT, prepare=lambda _: None, called=holder[:63]
        )
        try:
            with engine.connect() as connection:
                key = _key(right)
                if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({key})").scalar():
                    found = connection.exec_driver_sql(
                        _HOLDER.format(purpose=_purpose(right))
                    ).first()
                    raise RightTakenError(found.application_name if found else "")
                yield
        except DBAPIError as error:
            raise self.explained(error) from error
        finally:
            engine.dispose()

    def check(self) -> tuple[str, ...]:
        """A server looks after its files itself, by checksums, and says so when it reads them."""
        return ()

    def explained(self, error: DBAPIError) -> ConnectorError:
        return explained(error, self.name)


class PostgresqlWriter:
    """Implements :class:`connector.store.backend.Writer`."""

    def __init__(self, backend: PostgresqlBackend, *, alone: bool) -> None:
        self._backend, self._alone = backend, alone
        self._signature = _signature()
        self.engine = backend.engine(
            connections=1,
            # Each statement sees what was durable when it began, thus after the lock was given.
            isolation="READ COMMITTED",
            prepare=self._prepare,
            called=self._signature,
        )
        event.listen(self.engine, "begin", _begin_writing)
        try:
            self.engine.connect().close()
        except BaseException as error:
            # The caller gets no writer to close, whatever it was that ended the opening.
            self.engine.dispose()
            if isinstance(error, DBAPIError):
                raise backend.explained(error) from error
            raise

    def _prepare(self, connection: _Server) -> None:
        connection.execute(_DURABLE)
        if self._alone:
            self._take_right(connection)

    def _take_right(self, connection: _Server) -> None:
        deadline = time.monotonic() + _OLD_SESSION_S
        take = f"SELECT pg_try_advisory_lock({_key(_ORDERS)})".encode()
        while True:
            answer = connection.execute(take).fetchone()
            if answer is not None and answer[0]:
                return
            holder = connection.execute(
                _HOLDER.format(purpose=_purpose(_ORDERS)).encode()
            ).fetchone()
            pid, called = holder if holder is not None else (0, "")
            if called != self._signature or time.monotonic() > deadline:
                if holder is not None:
                    raise self._in_use(str(called))
                # It was given back between the two questions.
                continue
            # The connection that was lost: the server has not noticed yet.
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
            time.sleep(0.05)

    def _in_use(self, called: str) -> StoreInUseError:
        name, _, rest = called.partition(" ")
        process, _, host = rest.partition(" ")[0].partition("@")
        known = name == "sd-connector" and process.isdigit()
        return StoreInUseError(self._backend.name, int(process) if known else 0, host)

    def close(self) -> None:
        self.engine.dispose()


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql(_BEGIN_WRITING)
