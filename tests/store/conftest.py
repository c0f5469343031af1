from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a store that does not exist yet."""
    return sqlite_url(tmp_path / "store.sqlite3")


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An empty store, open for writing."""
    found = open_store(url, upgrade=True)
    yield found
    found.close()
