"""A store in a file: how durable it is, and what can be wrong with files."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from connector.errors import ConfigurationError, TransientError
from connector.store import sqlite
from connector.store.backend import backend_of
from connector.store.lock import StoreInUseError, WriterLock
from connector.store.migrate import is_unmade, upgrade
from connector.store.sql_store import open_store
from connector.store.sqlite import database_path, sqlite_url

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a file that does not exist yet."""
    return sqlite_url(tmp_path / "store.sqlite3")


def test_the_lock_works_between_two_stores_of_one_process(tmp_path: Path) -> None:
    with WriterLock(tmp_path / "a"):
        WriterLock(tmp_path / "b").close()
        with pytest.raises(StoreInUseError, match=str(os.getpid())):
            WriterLock(tmp_path / "a")
    WriterLock(tmp_path / "a").close()


def test_a_file_that_is_something_else_is_not_taken_for_an_unmade_store(url: str) -> None:
    database_path(url).write_text("an order, written to the wrong place")
    assert not is_unmade(url)


def test_a_file_that_is_no_database_is_named(url: str) -> None:
    database_path(url).write_text("orders,customers\n" * 100)
    with pytest.raises(ConfigurationError, match="no database"):
        open_store(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="file"):
        upgrade(sqlite_url(tmp_path / "file" / "store.sqlite3"))


def test_an_address_of_a_server_is_no_file() -> None:
    with pytest.raises(ConfigurationError, match="is no file"):
        database_path("postgresql+psycopg://user@host/db")


def test_a_foreign_lock_on_the_database_is_waited_for_and_then_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_MS", 50)
    store = open_store(url, upgrade=True)
    foreign = sqlite3.connect(database_path(url), isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(TransientError, match="another program keeps the database locked"):
            store.mirror.set_watermark("x", "1", now=NOW)
    finally:
        foreign.execute("ROLLBACK")
        foreign.close()
    store.mirror.set_watermark("x", "2", now=NOW)
    assert store.mirror.watermark("x") == "2"
    store.close()


def test_each_commit_is_flushed_to_disk_before_it_counts(url: str) -> None:
    store = open_store(url, upgrade=True)

    def pragma(name: str) -> object:
        assert store._database._writer is not None
        with store._database._writer.engine.connect() as connection:
            return connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    store.close()


def test_evidence_cannot_be_replaced_either(url: str) -> None:
    store = open_store(url, upgrade=True)
    assert store._database._writer is not None
    row = "(1, '', 'paid', NULL, NULL, '', '', '')"
    with store._database._writer.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO event VALUES {row}")
    with (
        pytest.raises(Exception, match="append-only"),
        store._database._writer.engine.begin() as connection,
    ):
        connection.exec_driver_sql(f"INSERT OR REPLACE INTO event VALUES {row}")
    store.close()


def test_a_damaged_file_is_found_by_looking(url: str) -> None:
    open_store(url, upgrade=True).close()
    assert backend_of(url).check() == ()

    connection = sqlite3.connect(database_path(url))
    connection.execute("INSERT INTO hold VALUES (1, 99, NULL, '', '', 0, '', NULL, '', '', 0)")
    connection.commit()
    connection.close()

    [problem] = backend_of(url).check()
    assert problem == "row 1 of hold belongs to a row of flow that is gone"


def test_a_disk_that_fails_in_the_middle_is_said_with_what_to_do(tmp_path: Path) -> None:
    """A full disk shows as an input or output error where the shared memory cannot grow."""
    backend = backend_of(sqlite_url(tmp_path / "store.sqlite3"), None)
    failed = OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    said = str(backend.explained(failed))

    assert "the disk is full or failing" in said
    assert "Free some space" in said
