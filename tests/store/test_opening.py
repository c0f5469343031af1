"""Opening a store: one writer, any readers, and words that help when it cannot be."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from connector.errors import ConfigurationError, TransientError
from connector.store import sqlite
from connector.store.backend import backend_of
from connector.store.lock import StoreInUseError, WriterLock
from connector.store.migrate import head_revision, is_unmade, upgrade
from connector.store.schema import metadata
from connector.store.sql_store import SqlStore, open_reader, open_store
from connector.store.sqlite import database_path, open_engine, sqlite_url

HOLD_LOCK = """
import sys
from pathlib import Path
from connector.store.backend import backend_of
from connector.store.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_migrations_build_exactly_the_tables_that_the_code_uses(url: str) -> None:
    assert upgrade(url) == head_revision()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_upgrading_twice_changes_nothing(url: str, tmp_path: Path) -> None:
    upgrade(url)
    store = open_store(url)
    store.close()
    assert upgrade(url) == head_revision()


def test_what_is_left_of_a_store_whose_making_was_cut_short_is_no_store_yet(url: str) -> None:
    assert is_unmade(url)
    engine = open_engine(database_path(url), writes=True, connections=1)
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("CREATE TABLE flow (id INTEGER)"))
        transaction.rollback()
    engine.dispose()
    assert database_path(url).exists()

    assert is_unmade(url)
    upgrade(url)
    assert not is_unmade(url)


def test_a_file_that_is_something_else_is_not_taken_for_an_unmade_store(url: str) -> None:
    database_path(url).write_text("an order, written to the wrong place")
    assert not is_unmade(url)


def test_a_database_of_another_program_is_no_store(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE flow (id INTEGER)"))
    engine.dispose()

    with pytest.raises(ConfigurationError, match=r"no store of the connector.*\(flow\)"):
        upgrade(url)


def test_a_second_daemon_on_the_same_store_is_told_who_has_it(url: str, tmp_path: Path) -> None:
    upgrade(url)
    path = database_path(url)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin and holder.stdout
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreInUseError, match=f"process {holder.pid}") as caught:
            open_store(url)
        assert caught.value.holder == holder.pid
        assert "a second daemon on the same store" in str(caught.value)
        with pytest.raises(StoreInUseError):
            upgrade(url)
    finally:
        holder.stdin.close()
        holder.stdout.close()
        holder.wait(20)
    open_store(url).close()


def test_a_killed_writer_leaves_no_lock_behind(url: str) -> None:
    upgrade(url)
    path = database_path(url)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin and holder.stdout
    holder.stdout.readline()
    holder.kill()
    holder.wait(20)
    holder.stdin.close()
    holder.stdout.close()

    open_store(url).close()


def test_the_lock_works_between_two_stores_of_one_process(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "a"):
        WriterLock(tmp_path / "b").close()
        with pytest.raises(StoreInUseError, match=str(os.getpid())):
            WriterLock(tmp_path / "a")
    WriterLock(tmp_path / "a").close()


def test_readers_need_no_lock_and_cannot_write(store: SqlStore, url: str) -> None:
    reader = open_reader(url)
    try:
        assert reader.flows.count()["open"] == 0
        with pytest.raises(ConfigurationError, match="open for reading alone"):
            reader.mirror.set_watermark("x", "1", now=_now())
    finally:
        reader.close()


def test_a_missing_store_says_how_to_make_it(url: str) -> None:
    for opening in (open_store, open_reader):
        with pytest.raises(ConfigurationError, match="db upgrade"):
            opening(url)


def test_a_store_of_a_newer_version_is_left_alone(url: str) -> None:
    upgrade(url)
    with sqlite3.connect(database_path(url)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for opening in (upgrade, open_store, open_reader):
        with pytest.raises(ConfigurationError, match="9999, which this version does not know"):
            opening(url)


def test_a_store_of_an_older_version_says_how_to_upgrade(url: str) -> None:
    upgrade(url)
    with sqlite3.connect(database_path(url)) as connection:
        connection.execute("DELETE FROM alembic_version")
    connection.close()
    with pytest.raises(ConfigurationError, match="db upgrade"):
        open_store(url)


def test_a_file_that_is_no_database_is_named(url: str) -> None:
    database_path(url).write_text("orders,customers\n" * 100)
    with pytest.raises(ConfigurationError, match="no database"):
        open_store(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file"):
        upgrade(sqlite_url(tmp_path / "file" / "store.sqlite3"))


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


def test_a_foreign_lock_on_the_database_is_waited_for_and_then_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_MS", 50)
    store = open_store(url, upgrade=True)
    foreign = sqlite3.connect(database_path(url), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(TransientError, match="another program keeps the database locked"):
            store.mirror.set_watermark("x", "1", now=_now())
    finally:
        foreign.execute("ROLLBACK")
        foreign.close()
    store.mirror.set_watermark("x", "2", now=_now())
    assert store.mirror.watermark("x") == "2"
    store.close()


def test_each_commit_is_flushed_to_disk_before_it_counts(store: SqlStore) -> None:
    def pragma(name: str) -> object:
        assert store._database._writer is not None
        with store._database._writer.engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1


def _now() -> datetime:
    return datetime(2026, 3, 2, 8, tzinfo=UTC)
