"""Stores on both databases: a test that asks for `store` or `url` runs on each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from tests.postgresql_server import PostgresqlServer


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the store lies in."""
    return str(request.param)


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a store that does not exist yet."""
    if backend == "sqlite":
        yield sqlite_url(tmp_path / "store.sqlite3")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    found = server.new_database(empty=True)
    yield found
    server.drop_database(found)


@pytest.fixture
def made_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty store; on PostgreSQL a copy of one that was made before."""
    if backend == "sqlite":
        found = sqlite_url(tmp_path / "store.sqlite3")
        open_store(found, upgrade=True).close()
        yield found
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    found = server.new_database()
    yield found
    server.drop_database(found)


@pytest.fixture
def store(made_url: str) -> Iterator[SqlStore]:
    """An empty store, open for writing."""
    found = open_store(made_url)
    yield found
    found.close()
