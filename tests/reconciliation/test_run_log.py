"""The log of runs as the store keeps it: everything comes back, nothing can be changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.ports.reconciliation import ReconciliationRuns, StoredRun
from connector.reconciliation.report import ReconciliationRun
from connector.store.sql_store import SqlStore, open_reader, open_store
from connector.store.sqlite import sqlite_url
from tests.reconciliation.books import Books, line

NOON = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


def stored(run_id: str, finished_at: datetime = NOON) -> StoredRun:
    return StoredRun(
        run_id=run_id,
        key_date=date(2026, 2, 9),
        company_codes=("1000", "2000"),
        verdict="RECONCILED",
        content_hash="ab" * 32,
        finished_at=finished_at,
        content="{}",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    store = open_store(sqlite_url(path), upgrade=True)
    yield store
    store.close()


def test_a_run_comes_back_as_it_was_kept(store: SqlStore) -> None:
    books = Books()
    books.sell("EXT-1", [line(3, "9.99")], "2026-02-02")
    run = books.reconcile("2026-02-09")
    log: ReconciliationRuns = store.reconciliation_runs
    kept = replace(stored(run.header.run_id), content=run.to_json())

    log.save_reconciliation_run(kept)

    (found,) = log.reconciliation_runs()
    assert found == kept
    assert ReconciliationRun.from_json(found.content) == run


def test_the_newest_runs_come_first_and_no_more_than_wanted(store: SqlStore) -> None:
    log = store.reconciliation_runs
    for hours in (1, 3, 2):
        log.save_reconciliation_run(stored(f"run-{hours}", NOON + timedelta(hours=hours)))

    assert [run.run_id for run in log.reconciliation_runs(limit=2)] == ["run-3", "run-2"]


def test_the_same_run_is_kept_once_and_another_under_its_id_is_refused(store: SqlStore) -> None:
    log = store.reconciliation_runs
    log.save_reconciliation_run(stored("run-1"))
    log.save_reconciliation_run(stored("run-1"))

    with pytest.raises(ValueError, match="other content"):
        log.save_reconciliation_run(replace(stored("run-1"), verdict="BREAKS"))

    assert [run.verdict for run in log.reconciliation_runs()] == ["RECONCILED"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE reconciliation_run SET verdict = 'RECONCILED'", "DELETE FROM reconciliation_run"],
)
def test_the_database_itself_refuses_to_change_the_log(
    store: SqlStore, path: Path, statement: str
) -> None:
    store.reconciliation_runs.save_reconciliation_run(stored("run-1"))

    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        connection.execute(statement)


def test_the_log_can_be_read_beside_its_writer(store: SqlStore, path: Path) -> None:
    store.reconciliation_runs.save_reconciliation_run(stored("run-1"))

    with closing(open_reader(sqlite_url(path))) as reader:
        assert [run.run_id for run in reader.reconciliation_runs.reconciliation_runs()] == ["run-1"]
