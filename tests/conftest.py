"""Fixtures that tests of several packages share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from functools import cache

import pytest
import typer.main
import typer.testing

from tests.postgresql_server import PostgresqlServer


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay to the end: nobody need look through them for garbage."""
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, started when the first test asks for it, one per test process."""
    server = PostgresqlServer()
    yield server
    server.close()


@pytest.fixture(scope="session", autouse=True)
def _commands_are_built_once() -> Iterator[None]:
    """Typer's runner builds all commands anew for each call: half of what a short call takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(typer.main.get_command))
        yield
