"""`sd-connector db`: the store is made, looked over and moved, on a file and on a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from typer.testing import Result

from connector.store.migrate import head_revision
from tests.postgresql_server import GUARDED, PASSWORD, PostgresqlServer

Run = Callable[..., Result]


@pytest.fixture
def guarded(postgresql: PostgresqlServer) -> str:
    """The address of an empty database of a user who has to name a password."""
    found = postgresql.url_like(postgresql.new_database(empty=True), role=GUARDED)
    with postgresql.administrator(found) as administrator:
        administrator.execute(f"GRANT ALL ON SCHEMA public TO {GUARDED}")
    return found


def test_a_store_is_made_and_looked_over(connector: Run, shop: Any) -> None:
    assert connector("db", "check").exit_code == 2
    assert connector("db", "upgrade").exit_code == 0

    result = connector("db", "check", "--json")

    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found == {
        "name": str(shop.folder / "store.sqlite3"),
        "revision": head_revision(),
        "needed": head_revision(),
        "problems": [],
    }
    assert "nothing is wrong with it" in connector("db", "check").stdout


def test_what_is_wrong_ends_with_1(connector: Run, shop: Any) -> None:
    connector("db", "upgrade")
    engine = create_engine(f"sqlite:///{shop.folder / 'store.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER event_refuse_update"))
    engine.dispose()

    result = connector("db", "check")

    assert result.exit_code == 1
    assert "nothing keeps event from being changed" in result.stdout


def test_a_store_moves_to_a_server_with_its_orders(
    connector: Run, shop: Any, guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.drop(shop.order())
    assert connector("sync").exit_code == 0
    before = json.loads(connector("orders", "list", "--json").stdout)
    secret = shop.folder / "secret"
    secret.write_text(f"{PASSWORD}\n")

    refused = connector("db", "copy", guarded)
    copied = connector("db", "copy", guarded, "--password-file", secret)

    assert refused.exit_code == 2
    assert "the server wants a password" in refused.output
    assert copied.exit_code == 0, copied.output
    assert "flow: 1\n" in copied.stderr
    shop.set(store={"url": guarded, "password_file": "secret"})
    assert json.loads(connector("orders", "list", "--json").stdout) == before
    assert connector("sync").exit_code == 0
    checked = connector("db", "check", "--json")
    assert json.loads(checked.stdout)["problems"] == []
    monkeypatch.setenv("SD_CONNECTOR__STORE__PASSWORD", PASSWORD)
    twice = connector("db", "check")
    assert twice.exit_code == 2
    assert "both password and password_file are given" in twice.output
    for result in (refused, copied, checked, twice):
        assert PASSWORD not in result.output


def test_a_password_file_that_is_missing_is_named(connector: Run, shop: Any) -> None:
    connector("db", "upgrade")

    result = connector("db", "copy", "sqlite:///x.db", "--password-file", shop.folder / "gone")

    assert result.exit_code == 2
    assert "gone cannot be read" in " ".join(result.output.split())
