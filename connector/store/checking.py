"""Looking a store over: its tables, what guards its evidence, and the database below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, Table, create_engine, func, select, text

from connector.errors import ConfigurationError
from connector.store.backend import backend_of
from connector.store.database import Database
from connector.store.migrate import build_tables, current_revision, head_revision
from connector.store.schema import metadata

_GUARDS: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT trigger_name FROM information_schema.triggers"
    " WHERE trigger_schema = current_schema()",
}
_GUARD: Final = re.compile(r"(?P<table>\w+)_refuse_(update|delete)")


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What a look over a store found: its ``name``, its ``revision``, and ``problems`` in words."""

    name: str
    revision: str
    needed: str
    problems: tuple[str, ...]


def check_store(url: str, password: SecretStr | None = None) -> StoreCheck:
    """
    Look the store at *url* over, beside a running daemon; changes nothing.

    Raises:
        ConfigurationError: there is no store, or it cannot be read.
        TransientError: the server cannot be reached.
    """
    backend = backend_of(url, password)
    if not backend.exists():
        raise ConfigurationError(
            backend.name, "there is no store", "Run `sd-connector db upgrade` to make it"
        )
    database = Database(backend, writer=None, readers=1)
    try:
        revision = database.read(current_revision)
        problems = list(backend.check())
        if revision != head_revision():
            problems.append(
                f"its tables are of revision {revision or 'none'}, this version needs "
                f"{head_revision()}: run `sd-connector db upgrade`"
            )
        else:
            problems += database.read(lambda connection: list(_of_tables(connection)))
    finally:
        database.close()
    return StoreCheck(backend.name, revision, head_revision(), tuple(problems))


def _of_tables(connection: Connection) -> Iterator[str]:
    for difference in compare_metadata(MigrationContext.configure(connection), metadata):
        yield f"its tables are not as they were made: {_words(difference)}"
    missing = _expected_guards() - _guards(connection)
    for name in sorted(missing):
        yield f"nothing keeps {name} from being changed or deleted: its triggers are gone"
    if connection.dialect.name == "postgresql":
        for table in counting_tables():
            yield from _of_counter(connection, table)


def _words(difference: object) -> str:
    parts = difference[0] if isinstance(difference, list) else difference
    kind, *others = parts if isinstance(parts, tuple) else (str(parts),)
    named = [str(getattr(each, "name", each)) for each in others if each is not None]
    return " ".join([str(kind).replace("_", " "), *named])


def _guards(connection: Connection) -> set[str]:
    """Return the tables that are kept from changes."""
    names = connection.execute(text(_GUARDS[connection.dialect.name])).scalars()
    found: dict[str, int] = {}
    for name in {str(each).lower() for each in names}:
        if match := _GUARD.fullmatch(name):
            found[match["table"]] = found.get(match["table"], 0) + 1
    return {table for table, count in found.items() if count == 2}


def _expected_guards() -> set[str]:
    """Return which tables a new store keeps from changes."""
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            build_tables(connection)
            return _guards(connection)
    finally:
        engine.dispose()


def counting_tables() -> list[Table]:
    """Return the tables whose key counts up by itself."""
    return [table for table in metadata.sorted_tables if table.autoincrement_column is not None]


def counter_of(table: Table) -> str:
    """Return the sequence behind the key of *table*, as SQL of PostgreSQL."""
    assert table.autoincrement_column is not None
    return f"pg_get_serial_sequence('{table.name}', '{table.autoincrement_column.name}')"


def _of_counter(connection: Connection, table: Table) -> Iterator[str]:
    largest = connection.execute(select(func.max(table.autoincrement_column))).scalar() or 0
    counter = connection.execute(text(f"SELECT {counter_of(table)}")).scalar_one()
    last = connection.execute(
        text("SELECT pg_sequence_last_value(CAST(:counter AS regclass))"), {"counter": counter}
    ).scalar()
    if (last or 0) < largest:
        yield (
            f"the counter of {table.name} stands at {last or 0}, and {largest} is given already: "
            f"SELECT setval('{counter}', {largest})"
        )
