"""What the tests of reconciliation share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store in a file."""
    found = open_store(sqlite_url(tmp_path / "store.db"), upgrade=True)
    yield found
    found.close()
