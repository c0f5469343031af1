"""Looking a store over, and moving it to another database: everything comes along, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text

from connector.errors import ConfigurationError
from connector.ports.step_state import Operation
from connector.ports.store_records import NewHold
from connector.store.checking import check_store
from connector.store.copying import copy_store
from connector.store.lock import StoreInUseError
from connector.store.migrate import head_revision, is_unmade, upgrade
from connector.store.schema import metadata
from connector.store.sql_store import SqlStore, open_reader, open_store
from connector.store.sqlite import sqlite_url
from tests.postgresql_server import PostgresqlServer
from tests.sync.world import CHANNEL, START, an_order, inbound


def execute(url: str, *statements: str) -> None:
    """Run statements past the store."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def fill(store: SqlStore) -> None:
    """Put something into most tables."""
    orders = [inbound(an_order(str(number))) for number in range(1, 6)]
    store.orders.receive(orders, channel=CHANNEL, plan="standard", now=START)
    store.steps.claim(
        1, Operation.CREATE_SALES_ORDER, "1", owner="me", now=START, lease_until=START
    )
    store.holds.open(2, NewHold("CHECK", "look at it: Größe \u2192 \U0001f4e6"), now=START)
    store.mirror.set_watermark("x", "1", now=START)


def everything(store: SqlStore) -> dict[str, list[Any]]:
    """Return all rows of all tables."""

    def read(connection: Connection) -> dict[str, list[Any]]:
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
        }

    return store._database.read(read)


@pytest.fixture
def another(backend: str, tmp_path: Path, postgresql: PostgresqlServer) -> Iterator[str]:
    """The address of a database of the other kind, without tables."""
    if backend == "postgresql":
        yield sqlite_url(tmp_path / "new" / "store.sqlite3")
        return
    found = postgresql.new_database(empty=True)
    yield found
    postgresql.drop_database(found)


def test_a_store_as_it_was_made_has_nothing_wrong(store: SqlStore, made_url: str) -> None:
    fill(store)
    found = check_store(made_url)
    assert (found.problems, found.revision) == ((), head_revision())
    assert found.name == store.name


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DROP INDEX uq_step_claimed", "uq_step_claimed"),
        ("ALTER TABLE hold DROP COLUMN comment", "hold"),
        ("CREATE TABLE notes (id INTEGER)", "notes"),
    ],
)
def test_tables_that_somebody_has_changed_are_named(
    made_url: str, statement: str, words: str
) -> None:
    execute(made_url, statement)
    [problem] = check_store(made_url).problems
    assert "its tables are not as they were made" in problem
    assert words in problem


def test_evidence_that_nothing_guards_any_more_is_named(made_url: str, backend: str) -> None:
    on_table = " ON event" if backend == "postgresql" else ""
    execute(made_url, f"DROP TRIGGER event_refuse_delete{on_table}")
    [problem] = check_store(made_url).problems
    assert problem.startswith("nothing keeps event from being changed or deleted")


def test_a_store_without_tables_or_of_another_version_says_what_to_run(url: str) -> None:
    upgrade(url)
    execute(url, "DELETE FROM alembic_version")
    [problem] = check_store(url).problems
    assert "revision none" in problem
    assert "db upgrade" in problem


def test_a_counter_that_is_behind_is_named_with_its_cure(
    postgresql: PostgresqlServer,
) -> None:
    url = postgresql.new_database()
    store = open_store(url)
    fill(store)
    store.close()
    execute(url, "SELECT setval('flow_id_seq', 2)")

    [problem] = check_store(url).problems
    assert "the counter of flow stands at 2, and 5 is given already" in problem
    execute(url, problem.partition(": ")[2])
    assert check_store(url).problems == ()
    postgresql.drop_database(url)


def test_a_copy_holds_the_same_and_goes_on_counting(
    store: SqlStore, made_url: str, another: str
) -> None:
    fill(store)
    before = everything(store)
    store.close()

    told: dict[str, int] = {}
    rows = copy_store(made_url, another, progress=told.__setitem__)

    copy = open_store(another)
    assert everything(copy) == before
    assert rows == sum(told.values()) == sum(map(len, before.values()))
    copy.orders.receive([inbound(an_order("6"))], channel=CHANNEL, plan="standard", now=START)
    assert copy.flows.ids() == (1, 2, 3, 4, 5, 6)
    assert check_store(another).problems == ()
    copy.close()


def test_a_copy_that_fails_leaves_nothing(store: SqlStore, made_url: str, another: str) -> None:
    fill(store)
    store.close()

    def fail(table: str, rows: int) -> None:
        if table == "hold":
            raise InterruptedError

    with pytest.raises(InterruptedError):
        copy_store(made_url, another, progress=fail)

    reader = open_reader(another)
    assert not any(everything(reader).values())
    reader.close()
    assert copy_store(made_url, another) > 0


def _into_one_with_rows(store: SqlStore, url: str, another: str) -> None:
    other = open_store(another, upgrade=True)
    fill(other)
    other.close()
    copy_store(url, another)


def _into_itself(store: SqlStore, url: str, another: str) -> None:
    copy_store(url, url)


def _beside_a_daemon(store: SqlStore, url: str, another: str) -> None:
    daemon = open_store(url)
    try:
        copy_store(url, another)
    finally:
        daemon.close()


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (_into_one_with_rows, "it is not empty: there are rows in"),
        (_into_itself, "source and target are the same"),
        (_beside_a_daemon, "already writes to it"),
    ],
)
def test_what_must_not_be_copied_is_refused(
    attempt: Callable[[SqlStore, str, str], None],
    words: str,
    store: SqlStore,
    made_url: str,
    another: str,
) -> None:
    fill(store)
    store.close()
    with pytest.raises(ConfigurationError, match=words) as caught:
        attempt(store, made_url, another)
    if attempt is _beside_a_daemon:
        assert isinstance(caught.value, StoreInUseError)
        assert is_unmade(another)
