"""Statements that are compiled once: they do what the statements themselves do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
    update,
)

from connector.store.prepared import Prepared
from connector.store.types import UtcInstant

ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcInstant),
    Column("count", Integer),
    Column("done", Boolean),
)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
INSERT = Prepared(insert(ROWS), ("id", "at", "count", "done"))


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A database with one empty table."""
    engine = create_engine(url)
    with engine.begin() as opened:
        ROWS.create(opened)
        yield opened
    engine.dispose()


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(ROWS).order_by(ROWS.c.id))]


def test_values_are_converted_as_their_columns_ask(connection: Connection) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    INSERT.run(connection, {"id": 1, "at": elsewhere, "count": 3, "done": True})

    assert rows(connection) == [(1, NOON, 3, True)]


def test_many_rows_go_at_once_and_none_at_all_is_nothing(connection: Connection) -> None:
    INSERT.run_all(connection, [])
    INSERT.run_all(connection, [{"id": n, "at": None, "count": n, "done": False} for n in range(3)])

    assert [row[0] for row in rows(connection)] == [0, 1, 2]


def test_what_the_statement_fixes_need_not_be_given(connection: Connection) -> None:
    INSERT.run(connection, {"id": 1, "at": NOON, "count": 3, "done": False})
    more = Prepared(
        update(ROWS)
        .where(ROWS.c.id == bindparam("row_id"))
        .values(count=ROWS.c.count + 1, done=True)
        .returning(ROWS.c.count)
    )

    assert more.run(connection, {"row_id": 1, "not asked for": object()}).scalar() == 4
    assert rows(connection) == [(1, NOON, 4, True)]


def test_a_value_that_is_missing_is_an_error_and_not_an_empty_one(connection: Connection) -> None:
    with pytest.raises(KeyError, match="count"):
        INSERT.run(connection, {"id": 1, "at": NOON, "done": False})


def test_a_value_of_the_wrong_kind_is_refused_as_ever(connection: Connection) -> None:
    with pytest.raises(ValueError, match="aware"):
        INSERT.run(connection, {"id": 1, "at": datetime(2026, 3, 2), "count": 0, "done": False})  # noqa: DTZ001
