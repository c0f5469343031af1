"""INSERT .. ON CONFLICT: the one construct that SQLAlchemy spells per database."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Insert

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that leaves a row with the same key as it is."""
    return ignoring(connection.dialect.name, table)


def insert_or_replace(connection: Connection, table: Table) -> Insert:
    """Return an INSERT that gives a row with the same key the new values."""
    return _replace(connection.dialect.name, table)


@cache
def ignoring(dialect: str, table: Table) -> Insert:
    """As :func:`insert_or_ignore`, by the name of the database's *dialect*."""
    statement: Insert = _INSERT[dialect](table).on_conflict_do_nothing()
    return statement


@cache
def _replace(dialect: str, table: Table) -> Insert:
    statement = _INSERT[dialect](table)
    keys = [column.name for column in table.primary_key]
    values = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    result: Insert = statement.on_conflict_do_update(index_elements=keys, set_=values)
    return result
