"""The shipped orders from intake to reconciliation: both databases hold the same in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select

from connector.bootstrap.application import Application
from connector.bootstrap.demonstration import Wish, expected_holds, prepare, run_days
from connector.bootstrap.reconciliation import run_reconciliation
from connector.store import schema
from connector.store.sql_store import SqlStore
from tests.postgresql_server import PostgresqlServer

#: What is compared, without what differs from run to run: moments of this machine's clock.
TABLES = (
    schema.flow,
    schema.order_version,
    schema.hold,
    schema.event,
    schema.flow_document,
    schema.document,
    schema.customer_item,
    schema.flow_link,
    schema.step,
)


def live(folder: Path) -> tuple[str, str, dict[str, list[dict[str, Any]]]]:
    """Let the demonstration happen; returns where, the run's content hash, and all rows."""
    prepared = prepare(folder, Wish(), fresh=True)
    with Application(prepared.settings, prepared.clock) as application:
        assert list(run_days(application))
        run = run_reconciliation(application)
        holds = {
            (view.flow.order_name, hold.reason)
            for view in application.store.all_views()
            for hold in view.holds
        }
        assert holds == expected_holds()
        assert all(identity.holds for identity in run.identities)
        [kept] = application.reconciliation_runs.reconciliation_runs()
        store = application.store
        assert isinstance(store, SqlStore)
        return store.name, kept.content_hash, rows(store, folder)


def rows(store: SqlStore, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows by table; the folder of the demonstration is named alike everywhere."""

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value.replace(str(folder), "FOLDER") if isinstance(value, str) else value
            for name, value in row.items()
        }

    def read(connection: Connection) -> dict[str, list[dict[str, Any]]]:
        def all_of(table: Table) -> list[dict[str, Any]]:
            query = select(table).order_by(*table.primary_key)
            return [plain(dict(row)) for row in connection.execute(query).mappings()]

        return {table.name: all_of(table) for table in TABLES}

    return store._database.read(read)


def test_the_same_orders_leave_the_same_rows_in_both_databases(
    tmp_path: Path, postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One order at a time: their numbers follow the order in which they are worked on.
    monkeypatch.setenv("SD_CONNECTOR__SYNC__WORKERS", "1")
    in_file, hash_of_file, of_file = live(tmp_path / "sqlite")
    url = postgresql.new_database(empty=True)
    monkeypatch.setenv("SD_CONNECTOR__STORE__URL", url)
    on_server, hash_on_server, of_server = live(tmp_path / "postgresql")
    postgresql.drop_database(url)

    assert Path(in_file).is_file()
    assert on_server.startswith("postgresql+psycopg://")
    assert all(of_file.values()), "every table has rows to compare"
    for name, found in of_file.items():
        assert of_server[name] == found, name
    assert hash_on_server == hash_of_file
