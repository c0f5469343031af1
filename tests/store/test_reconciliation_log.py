"""The chain of reconciliation in the store: gapless, append-only, one writer after the other."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from connector.ports.reconciliation import (
    GENESIS,
    EntryKind,
    LogMovedError,
    NewEntry,
    ReconciliationRunningError,
    StoredRun,
)
from connector.reconciliation.verification import verify
from connector.store import migrate
from connector.store.backend import backend_of
from connector.store.sql_store import SqlStore, open_beside, open_reader, open_store

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def said(text: str, subject: str = "BRK-1") -> NewEntry:
    return NewEntry(EntryKind.BREAK_COMMENTED, subject, {"by": "Ann", "text": text})


def stored(run_id: str) -> StoredRun:
    return StoredRun(
        run_id=run_id,
        key_date=date(2026, 3, 31),
        company_codes=("1000",),
        verdict="RECONCILED",
        content_hash="ab" * 32,
        finished_at=NOON,
        content='{"run": "of March"}',
    )


def test_each_entry_carries_the_hash_of_the_one_before(store: SqlStore) -> None:
    log = store.reconciliation_log
    log.append([said("one"), said("two")], at=NOON)
    log.append([said("Größe 漢字 \u2192")], at=NOON)

    entries = log.entries()

    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert entries[0].previous_hash == GENESIS
    assert [e.previous_hash for e in entries[1:]] == [e.hash for e in entries[:-1]]
    assert all(entry.computed_hash() == entry.hash for entry in entries)
    assert (log.head().sequence, log.head().hash) == (3, entries[-1].hash)
    assert entries[2].content["text"] == "Größe 漢字 \u2192"


def test_entries_are_found_by_kind_and_by_what_they_are_about(store: SqlStore) -> None:
    log = store.reconciliation_log
    log.append([said("a", "BRK-1"), said("b", "BRK-2")], at=NOON)
    log.append([NewEntry(EntryKind.RUN_STARTED, "run-1", {})], at=NOON)

    assert [e.subject for e in log.entries([EntryKind.RUN_STARTED])] == ["run-1"]
    assert [e.sequence for e in log.entries(subject="BRK-2")] == [2]
    assert [e.sequence for e in log.entries(after=1)] == [2, 3]


def test_whoever_decided_on_an_older_state_is_refused(store: SqlStore) -> None:
    log = store.reconciliation_log
    log.append([said("first")], at=NOON)

    with pytest.raises(LogMovedError, match="at the same time"):
        log.append([said("too late")], at=NOON, after=0)

    assert log.head().sequence == 1


def test_writers_of_several_processes_follow_each_other(store: SqlStore, made_url: str) -> None:
    with closing(open_beside(made_url)) as other, ThreadPoolExecutor(4) as threads:
        logs = [store.reconciliation_log, other.reconciliation_log]
        work = [
            threads.submit(logs[n % 2].append, [said(f"{n}a"), said(f"{n}b")], at=NOON)
            for n in range(20)
        ]
        for each in work:
            each.result()

    entries = store.reconciliation_log.entries()
    assert [entry.sequence for entry in entries] == list(range(1, 41))
    assert verify(entries, {}) == ()


def test_a_run_is_kept_together_with_the_entry_that_seals_it(store: SqlStore) -> None:
    run = stored("run-1")
    store.reconciliation_log.append([run.finished_entry()], at=NOON, run=run)
    store.reconciliation_runs.save_reconciliation_run(stored("run-2"))

    entries = store.reconciliation_log.entries([EntryKind.RUN_FINISHED])

    assert [entry.subject for entry in entries] == ["run-1", "run-2"]
    assert store.reconciliation_runs.reconciliation_run("run-1") == run
    assert store.reconciliation_runs.reconciliation_run("run-9") is None
    kept = store.reconciliation_runs.content_hashes()
    assert kept == dict.fromkeys(("run-1", "run-2"), run.content_sha256)
    assert verify(store.reconciliation_log.entries(), kept) == ()


def test_matches_are_kept_with_their_run_in_pieces_that_are_read_one_by_one(
    store: SqlStore, made_url: str
) -> None:
    log, runs = store.reconciliation_log, store.reconciliation_runs
    pieces = [bytes([number]) * 300 for number in range(12)]
    for run_id, kept in (("run-1", pieces), ("run-2", pieces[:1]), ("run-3", [])):
        run = stored(run_id)
        hashes = [hashlib.sha256(piece).hexdigest() for piece in kept]
        entry = run.finished_entry({"matches": {"pieces": hashes}})
        log.append([entry], at=NOON, run=run, matches=kept)

    assert list(runs.match_pieces("run-1")) == pieces
    assert list(runs.match_pieces("run-2")) == pieces[:1]
    assert list(runs.match_pieces("run-3")) == list(runs.match_pieces("run-9")) == []
    assert len(runs.content_hashes()) == 3 + 12 + 1
    assert verify(log.entries(), runs.content_hashes()) == ()

    engine = create_engine(made_url)
    for statement in ("UPDATE {} SET piece = 99", "DELETE FROM {}"):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement.format("reconciliation_match_piece")))
    engine.dispose()


def test_a_refused_run_leaves_no_entry(store: SqlStore) -> None:
    run = stored("run-1")
    store.reconciliation_log.append([run.finished_entry()], at=NOON, run=run)
    other = StoredRun(
        run_id="run-1",
        key_date=run.key_date,
        company_codes=run.company_codes,
        verdict="BREAKS",
        content_hash=run.content_hash,
        finished_at=NOON,
        content="{}",
    )

    with pytest.raises(ValueError, match="other content"):
        store.reconciliation_log.append([other.finished_entry()], at=NOON, run=other)

    assert store.reconciliation_log.head().sequence == 1


@pytest.mark.parametrize(
    "statement",
    ["UPDATE reconciliation_log SET body = '{}'", "DELETE FROM reconciliation_log"],
)
def test_the_database_itself_refuses_to_change_the_chain(
    store: SqlStore, made_url: str, statement: str
) -> None:
    store.reconciliation_log.append([said("one")], at=NOON)

    engine = create_engine(made_url)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        engine.begin() as connection,
    ):
        connection.execute(text(statement))
    engine.dispose()


def test_one_process_reconciles_at_a_time(store: SqlStore, made_url: str) -> None:
    with closing(open_beside(made_url)) as other:
        with (
            store.reconciliation_log.exclusively("process 1"),
            pytest.raises(ReconciliationRunningError, match="process 1"),
            other.reconciliation_log.exclusively("process 2"),
        ):
            pass
        with other.reconciliation_log.exclusively("process 2"):
            pass


def test_the_chain_can_be_read_beside_its_writer(store: SqlStore, made_url: str) -> None:
    store.reconciliation_log.append([said("one")], at=NOON)

    with closing(open_reader(made_url)) as reader:
        assert [e.sequence for e in reader.reconciliation_log.entries()] == [1]


def test_runs_that_were_kept_before_there_was_a_chain_are_sealed_by_the_migration(
    url: str,
) -> None:
    backend = backend_of(url)
    backend.prepare()
    writer = backend.writer(alone=True)
    with writer.engine.begin() as connection:
        command.upgrade(migrate._config(connection), "0002")
        for number in (1, 2):
            values = {
                "run_id": f"20260331T12000000000{number}Z-ab",
                "at": f"2026-03-31T12:00:00.00000{number}Z",
                "content": f'{{"größe": "{number}"}}',
            }
            connection.execute(
                text(
                    "INSERT INTO reconciliation_run (run_id, key_date, company_codes, verdict,"
                    " content_hash, finished_at, content) VALUES (:run_id, '2026-03-31',"
                    " '[\"1000\"]', 'BREAKS', 'ab', :at, :content)"
                ),
                values,
            )
    writer.close()

    with closing(open_store(url, upgrade=True)) as store:
        entries = store.reconciliation_log.entries()
        kept = store.reconciliation_runs.content_hashes()
        more = store.reconciliation_log.append([said("after it")], at=NOON)

    assert [entry.kind for entry in entries] == ["run finished"] * 2
    assert entries[0].content["verdict"] == "BREAKS"
    assert verify((*entries, *more), kept) == ()
