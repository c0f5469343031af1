"""Opening a store: one writer, any readers, and words that help when it cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from connector.errors import ConfigurationError
from connector.store.backend import RightTakenError, backend_of
from connector.store.lock import StoreInUseError
from connector.store.migrate import head_revision, is_unmade, upgrade
from connector.store.schema import metadata
from connector.store.sql_store import SqlStore, open_beside, open_reader, open_store

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOLD_THE_STORE = """
import sys
from connector.store.sql_store import open_store
store = open_store(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_daemon(url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store; it ends with the block, unless it is killed before."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_THE_STORE, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin and holder.stdout
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.stdin.close()
        holder.stdout.close()
        holder.wait(20)


def execute(url: str, statement: str) -> None:
    """Run one statement past the store."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_migrations_build_exactly_the_tables_that_the_code_uses(url: str) -> None:
    assert upgrade(url) == head_revision()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_upgrading_twice_changes_nothing(url: str) -> None:
    upgrade(url)
    store = open_store(url)
    store.close()
    assert upgrade(url) == head_revision()


def test_what_is_left_of_a_store_whose_making_was_cut_short_is_no_store_yet(url: str) -> None:
    assert is_unmade(url)
    writer = backend_of(url).writer(alone=True)
    with writer.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE TABLE flow (id INTEGER)"))
        transaction.rollback()
    writer.close()

    assert is_unmade(url)
    upgrade(url)
    assert not is_unmade(url)


def test_a_database_of_another_program_is_no_store(url: str) -> None:
    execute(url, "CREATE TABLE flow (id INTEGER)")

    with pytest.raises(ConfigurationError, match=r"no store of the connector.*\(flow\)"):
        upgrade(url)


def test_a_second_daemon_on_the_same_store_is_told_who_has_it(made_url: str) -> None:
    with another_daemon(made_url) as holder:
        with pytest.raises(StoreInUseError, match=f"process {holder.pid}") as caught:
            open_store(made_url)
        assert caught.value.holder == holder.pid
        assert "a second daemon on the same store" in str(caught.value)
        with pytest.raises(StoreInUseError):
            upgrade(made_url)
    open_store(made_url).close()


def test_a_killed_daemon_leaves_no_lock_behind(made_url: str) -> None:
    with another_daemon(made_url) as holder:
        holder.kill()
        holder.wait(20)

    open_store(made_url).close()


def test_two_stores_of_one_process_are_kept_apart_as_well(made_url: str) -> None:
    first = open_store(made_url)
    with pytest.raises(StoreInUseError, match=str(os.getpid())):
        open_store(made_url)
    first.close()
    open_store(made_url).close()


def test_people_decide_beside_a_daemon(store: SqlStore, made_url: str) -> None:
    beside = open_beside(made_url)
    beside.mirror.set_watermark("x", "1", now=NOW)
    assert store.mirror.watermark("x") == "1"
    beside.close()


def test_readers_need_no_lock_and_cannot_write(store: SqlStore, made_url: str) -> None:
    reader = open_reader(made_url)
    try:
        assert reader.flows.count()["open"] == 0
        with pytest.raises(ConfigurationError, match="open for reading alone"):
            reader.mirror.set_watermark("x", "1", now=NOW)
        with pytest.raises(ConfigurationError, match=r"readonly|read-only|no changes"):
            reader._database.read(lambda connection: connection.execute(text("DELETE FROM flow")))
    finally:
        reader.close()


def test_a_right_is_one_callers_at_a_time_and_told_by_whom_it_is_held(url: str) -> None:
    backend = backend_of(url)
    with backend.exclusively("reconcile", "Anna in process 4711"):
        with (
            pytest.raises(RightTakenError, match="Anna in process 4711"),
            backend_of(url).exclusively("reconcile", "Berta"),
        ):
            pytest.fail("two have the same right")
        with backend.exclusively("something else", "Berta"):
            pass
    with backend.exclusively("reconcile", "Berta"):
        pass


def test_a_missing_store_says_how_to_make_it(url: str) -> None:
    for opening in (open_store, open_reader, open_beside):
        with pytest.raises(ConfigurationError, match="db upgrade"):
            opening(url)


def test_a_store_of_a_newer_version_is_left_alone(made_url: str) -> None:
    execute(made_url, "UPDATE alembic_version SET version_num = '9999'")
    for opening in (upgrade, open_store, open_reader):
        with pytest.raises(ConfigurationError, match="9999, which this version does not know"):
            opening(made_url)


def test_a_store_of_an_older_version_says_how_to_upgrade(made_url: str) -> None:
    execute(made_url, "DELETE FROM alembic_version")
    with pytest.raises(ConfigurationError, match="db upgrade"):
        open_store(made_url)
    # What was refused has given everything back.
    execute(made_url, f"INSERT INTO alembic_version VALUES ('{head_revision()}')")
    open_store(made_url).close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("postgresql+psycopg://user:secret@host/db", "a password does not belong"),
        ("postgresql+psycopg://host/db?password=secret", "a password does not belong"),
        ("postgresql://user@host/db", "is not supported"),
        ("mysql://user@host/db", "is not supported"),
        ("postgresql+psycopg://user@host", "names no database"),
        ("store.sqlite3", "is no database address"),
        ("sqlite://", "is not supported"),
    ],
)
def test_addresses_that_cannot_be_used_are_explained_without_secrets(
    address: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        backend_of(address)
    assert "secret" not in str(caught.value)
    assert "store.url" in str(caught.value)
