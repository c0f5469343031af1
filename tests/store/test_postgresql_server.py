"""A store on a server: connections end, servers restart, and rights must not outlive them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from connector.errors import ConfigurationError, TransientError
from connector.store import postgresql as postgresql_module
from connector.store.backend import backend_of
from connector.store.lock import StoreInUseError
from connector.store.migrate import upgrade
from connector.store.sql_store import SqlStore, open_beside, open_reader, open_store
from tests.postgresql_server import GUARDED, PASSWORD, PostgresqlServer

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def url(postgresql: PostgresqlServer) -> Iterator[str]:
    """The address of an empty store."""
    found = postgresql.new_database()
    yield found
    postgresql.drop_database(found)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An empty store, open for writing, with one reader."""
    found = open_store(url, readers=1)
    found.mirror.set_watermark("x", "before", now=NOW)
    yield found
    found.close()


def writing(store: SqlStore) -> Any:
    assert store._database._writer is not None
    return store._database._writer.engine


def test_a_connection_that_ended_between_two_transactions_is_not_noticed(
    store: SqlStore, postgresql: PostgresqlServer
) -> None:
    assert store.mirror.watermark("x") == "before"
    postgresql.disconnect_all()
    assert store.mirror.watermark("x") == "before"
    postgresql.disconnect_all()
    store.mirror.set_watermark("x", "after", now=NOW)
    assert store.mirror.watermark("x") == "after"


def test_a_connection_lost_in_the_middle_of_a_write_leaves_nothing_and_it_is_done_again(
    store: SqlStore, postgresql: PostgresqlServer
) -> None:
    begun: list[str] = []

    def write(connection: Connection) -> str:
        found = connection.execute(text("SELECT value FROM watermark")).scalar_one()
        connection.execute(text("UPDATE watermark SET value = value || ' and after'"))
        if not begun:
            postgresql.disconnect_all()
        begun.append(found)
        return str(connection.execute(text("SELECT value FROM watermark")).scalar_one())

    assert store._database.write(write) == "before and after"
    assert begun == ["before", "before"]
    assert store.mirror.watermark("x") == "before and after"


def test_a_connection_lost_at_the_commit_is_told_and_not_tried_again(
    store: SqlStore, postgresql: PostgresqlServer
) -> None:
    """Nobody knows whether it is durable; whoever asked looks, instead of doing it twice."""
    calls: list[int] = []

    def write(connection: Connection) -> None:
        calls.append(1)
        connection.execute(text("UPDATE watermark SET value = 'after'"))

    event.listen(writing(store), "commit", lambda connection: postgresql.disconnect_all())
    with pytest.raises(TransientError, match="the connection to the server was lost"):
        store._database.write(write)

    assert calls == [1]
    assert store.mirror.watermark("x") == "before"


def test_a_server_that_is_down_is_told_and_used_again_when_it_is_back(
    store: SqlStore, postgresql: PostgresqlServer, url: str
) -> None:
    postgresql.stop()
    try:
        with pytest.raises(TransientError, match="the server cannot be reached"):
            store.mirror.set_watermark("x", "after", now=NOW)
        with pytest.raises(TransientError, match="the server cannot be reached"):
            store.mirror.watermark("x")
        for opening in (open_store, open_reader, open_beside, upgrade):
            with pytest.raises(TransientError, match="the server cannot be reached"):
                opening(url)
    finally:
        postgresql.start()
    assert store.mirror.watermark("x") == "before"
    store.mirror.set_watermark("x", "after", now=NOW)
    assert store.mirror.watermark("x") == "after"


def test_whoever_lost_the_right_with_the_connection_writes_no_more(
    store: SqlStore, postgresql: PostgresqlServer, url: str
) -> None:
    """Two daemons, and the network parts the first from the server for a moment."""
    postgresql.disconnect_all()
    second = open_store(url)
    with pytest.raises(StoreInUseError, match="already writes to it"):
        store.mirror.set_watermark("x", "first", now=NOW)
    second.mirror.set_watermark("x", "second", now=NOW)
    assert store.mirror.watermark("x") == "second"

    second.close()
    store.mirror.set_watermark("x", "first", now=NOW)
    assert store.mirror.watermark("x") == "first"


def test_a_connection_of_ones_own_that_the_server_still_believes_in_is_ended(
    store: SqlStore,
) -> None:
    """The client's side of it broke, and the server has not noticed: it still has the right."""
    lost = writing(store).connect()
    lost.detach()
    try:
        store.mirror.set_watermark("x", "after", now=NOW)
    finally:
        lost.close()
    assert store.mirror.watermark("x") == "after"


def test_a_lock_of_another_program_is_waited_for_and_then_named(
    url: str, postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_module, "_BUSY_MS", 50)
    store = open_store(url)
    with postgresql.administrator(url) as foreign, foreign.transaction():
        foreign.execute("LOCK TABLE watermark")
        with pytest.raises(TransientError, match="another program keeps the database locked"):
            store.mirror.set_watermark("x", "1", now=NOW)
    store.mirror.set_watermark("x", "2", now=NOW)
    assert store.mirror.watermark("x") == "2"
    store.close()


def test_commits_are_durable_whatever_the_server_is_set_to(
    url: str, postgresql: PostgresqlServer
) -> None:
    postgresql.configure(url, "synchronous_commit", "off")
    postgresql.configure(url, "default_transaction_isolation", "serializable")
    store = open_store(url)
    with writing(store).begin() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    store.close()


def test_a_server_that_only_follows_another_is_told_apart(
    url: str, postgresql: PostgresqlServer
) -> None:
    postgresql.configure(url, "default_transaction_read_only", "on")
    store = open_store(url)
    with pytest.raises(ConfigurationError, match="the server takes no changes"):
        store.mirror.set_watermark("x", "1", now=NOW)
    store.close()


def test_schemas_of_one_database_are_stores_of_their_own(
    url: str, postgresql: PostgresqlServer
) -> None:
    with postgresql.administrator(url) as administrator:
        administrator.execute('CREATE SCHEMA "Second Store" AUTHORIZATION connector')
    second_url = f'{url}&options=-csearch_path%3D"Second\\ Store"'
    upgrade(second_url)
    first, second = open_store(url), open_store(second_url)
    first.mirror.set_watermark("x", "1", now=NOW)
    second.mirror.set_watermark("x", "2", now=NOW)
    assert (first.mirror.watermark("x"), second.mirror.watermark("x")) == ("1", "2")
    first.close()
    second.close()


def test_a_schema_that_does_not_exist_is_told(url: str) -> None:
    with pytest.raises(ConfigurationError, match="none of the schemas in its search path exists"):
        open_store(f"{url}&options=-csearch_path%3Dnowhere")


def test_a_database_without_room_for_all_characters_is_refused(
    postgresql: PostgresqlServer,
) -> None:
    url = postgresql.new_database(empty=True, encoding="LATIN1")
    with pytest.raises(ConfigurationError, match=r"keeps text as LATIN1.*ENCODING 'UTF8'"):
        upgrade(url)
    postgresql.drop_database(url)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (None, "the server wants a password"),
        (SecretStr("geheim"), "the server refuses user or password"),
    ],
)
def test_a_refused_log_on_is_explained_without_the_password(
    url: str, postgresql: PostgresqlServer, password: SecretStr | None, words: str
) -> None:
    guarded = postgresql.url_like(url, role=GUARDED)
    with pytest.raises(ConfigurationError, match=words) as caught:
        open_reader(guarded, password=password)
    assert "geheim" not in str(caught.value)


def test_the_password_is_shown_nowhere(url: str, postgresql: PostgresqlServer) -> None:
    guarded = postgresql.url_like(url, role=GUARDED)
    backend = backend_of(guarded, SecretStr(PASSWORD))
    engine = backend.readers(1)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == GUARDED
    assert PASSWORD not in f"{backend.name} {engine!r} {vars(backend)}"
    engine.dispose()


def test_what_a_user_may_not_do_is_told(url: str, postgresql: PostgresqlServer) -> None:
    guarded = postgresql.url_like(url, role=GUARDED)
    with pytest.raises(ConfigurationError, match="may not read or write all of the store"):
        open_reader(guarded, password=SecretStr(PASSWORD))


@pytest.mark.parametrize(
    ("database", "role", "words"),
    [
        ("nowhere", "connector", "the server has no such database"),
        ("postgres", "stranger", "the server does not know the user"),
    ],
)
def test_a_wrong_address_says_which_part_is_wrong(
    postgresql: PostgresqlServer, database: str, role: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        open_store(postgresql.url(database, role=role))


def test_rows_stand_in_no_message(store: SqlStore) -> None:
    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(text("INSERT INTO watermark VALUES ('Erika Mustermann', '', '')"))

    with pytest.raises(ConfigurationError, match="duplicate key") as caught:
        store._database.write(twice)
    assert "Erika" not in str(caught.value)


def test_a_driver_that_is_not_installed_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'sd-connector\[postgresql\]'"):
        open_store("postgresql+psycopg://user@host/db")


def test_a_right_is_held_for_hours_without_a_transaction_that_the_server_would_end(
    url: str,
) -> None:
    """Servers end transactions in which nothing happens, and with them the right."""
    backend = backend_of(url)
    beside = backend.readers(1)
    try:
        with backend.exclusively("reconcile", "Anna in process 4711"), beside.connect() as other:
            asked = "SELECT state FROM pg_stat_activity WHERE application_name LIKE 'Anna%'"
            assert other.execute(text(asked)).scalars().all() == ["idle"]
    finally:
        beside.dispose()
