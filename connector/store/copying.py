"""Moving a store to another database: from a file to a server, or back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import SecretStr
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from connector.errors import ConfigurationError
from connector.store.backend import Backend, backend_of
from connector.store.checking import counter_of, counting_tables
from connector.store.migrate import require_current, upgrade_locked
from connector.store.schema import metadata

#: Rows that are read and written at a time.
_BATCH = 1000


def copy_store(
    source: str,
    target: str,
    *,
    source_password: SecretStr | None = None,
    target_password: SecretStr | None = None,
    progress: Callable[[str, int], None] = lambda table, rows: None,
) -> int:
    """
    Copy everything of *source* into *target*, and return how many rows that are.

    Both are held against daemons meanwhile. The target is made where there is none; it must be
    empty. Its rows become visible all at once or, after any failure, not at all. *progress* is told
    each table with its number of rows.

    Raises:
        StoreInUseError: a daemon works on one of them.
        ConfigurationError: there is no source, it is of another version, or the target has rows.
        TransientError: a server cannot be reached.
    """
    of, into = backend_of(source, source_password), backend_of(target, target_password)
    if of.name == into.name:
        raise ConfigurationError(of.name, "source and target are the same", "Name another target")
    if not of.exists():
        raise ConfigurationError(of.name, "there is no store", "Correct store.url")
    into.prepare()
    with _sole(of) as reading, _sole(into, make=True) as writing:
        require_current(of.name, reading)
        _require_empty(into.name, writing)
        rows = 0
        for table in metadata.sorted_tables:
            count = _copy(reading, writing, table)
            progress(table.name, count)
            rows += count
        if writing.dialect.name == "postgresql":
            _set_counters(writing)
        return rows


@contextmanager
def _sole(backend: Backend, *, make: bool = False) -> Iterator[Connection]:
    """Yield a transaction that nobody works beside; it is durable at the end of the block."""
    writer = backend.writer(alone=True)
    try:
        if make:
            upgrade_locked(backend, writer)
        with writer.engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise backend.explained(error) from error
    finally:
        writer.close()


def _require_empty(name: str, connection: Connection) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise ConfigurationError(
                name,
                f"it is not empty: there are rows in {table.name}",
                "Name a database that holds nothing yet",
            )


def _copy(reading: Connection, writing: Connection, table: Table) -> int:
    count = 0
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH)
    for batch in reading.execute(query).mappings().partitions(_BATCH):
        writing.execute(insert(table), [dict(row) for row in batch])
        count += len(batch)
    return count


def _set_counters(connection: Connection) -> None:
    for table in counting_tables():
        largest = connection.execute(select(func.max(table.autoincrement_column))).scalar()
        if largest is not None:
            connection.execute(
                text(f"SELECT setval({counter_of(table)}, :largest)"), {"largest": largest}
            )
