"""Statements from a folder: read once, moved when durable, with the reasons when not all right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.bootstrap.statements import movements_of
from connector.channels.statement_folder import StatementFolder
from connector.clock import ManualClock
from connector.errors import ConfigurationError
from connector.ports.statements import AddedReading
from connector.reconciliation.movements import movement_sources
from connector.resources import shipped
from connector.settings.statements import StatementFolderSettings, StatementSettings
from connector.statements.model import Reading
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url

AT = datetime(2026, 11, 9, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(sqlite_url(tmp_path / "store.sqlite3"), upgrade=True)
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> StatementFolder:
    (tmp_path / "bank").mkdir()
    return StatementFolder("bank", tmp_path / "bank", clock=ManualClock(AT), settle_s=1)


def drop(tmp_path: Path, name: str, content: bytes | None = None) -> None:
    found = content or (shipped("fixtures/finance/statements") / name).read_bytes()
    (tmp_path / "bank" / name).write_bytes(found)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_statement_moves_to_done_when_it_is_in_the_store(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    drop(tmp_path, "camt053-november.xml")

    (received,) = folder.receive(lambda reading: store.statements.add(reading, AT))

    assert received.added is not None
    assert received.added.added == 6
    assert names(tmp_path / "bank" / "done") == ["camt053-november.xml"]


def test_a_refused_file_moves_to_failed_with_the_reason(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    drop(tmp_path, "wrong.xml", b"<a/>")

    (received,) = folder.receive(lambda reading: store.statements.add(reading, AT))

    assert received.refused is not None
    assert names(tmp_path / "bank" / "failed") == ["wrong.xml", "wrong.xml.reason.txt"]
    assert "expected a camt.053 document" in (
        tmp_path / "bank" / "failed" / "wrong.xml.reason.txt"
    ).read_text("utf-8")


def test_a_file_with_one_bad_entry_is_read_and_moves_to_failed(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    whole = (shipped("fixtures/finance/statements") / "camt053-november.xml").read_bytes()
    drop(tmp_path, "november.xml", whole.replace(b">99.75<", b">99,75<"))

    (received,) = folder.receive(lambda reading: store.statements.add(reading, AT))

    assert received.added is not None
    assert received.added.added == 5
    assert "november.xml" in names(tmp_path / "bank" / "failed")


def test_a_file_stays_when_the_store_fails_and_adds_nothing_twice(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    drop(tmp_path, "camt053-november.xml")

    def dies_after_the_commit(reading: Reading) -> AddedReading:
        store.statements.add(reading, AT)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(folder.receive(dies_after_the_commit))
    (received,) = folder.receive(lambda reading: store.statements.add(reading, AT))

    assert received.added is not None
    assert (received.added.added, received.added.replayed) == (0, 6)


def test_unfinished_files_are_left_alone(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    for name in ("a.xml.part", ".hidden.xml", "b.tmp"):
        drop(tmp_path, name, b"<a/>")

    assert list(folder.receive(lambda reading: store.statements.add(reading, AT))) == []


def test_a_missing_folder_says_how_to_make_it(tmp_path: Path) -> None:
    missing = StatementFolder("bank", tmp_path / "none", clock=ManualClock(AT))

    with pytest.raises(ConfigurationError, match="mkdir -p"):
        missing.check()


def test_the_store_knows_of_a_refused_file_until_one_of_its_name_is_read(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    drop(tmp_path, "camt053-november.xml", b"<a/>")
    list(folder.receive(lambda reading: store.statements.add(reading, AT)))
    (refused,) = store.statements.files()

    drop(tmp_path, "camt053-november.xml")
    list(folder.receive(lambda reading: store.statements.add(reading, AT)))

    assert refused.is_refused
    assert "camt053-november.xml" in refused.standing_problems[0]
    assert [each.standing_problems for each in store.statements.files()] == [(), ()]


def test_what_was_refused_is_solved_when_the_same_content_is_read_as_another_format(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    as_mt940 = StatementFolder(
        "bank", tmp_path / "bank", clock=ManualClock(AT), report_format="mt940", settle_s=1
    )
    drop(tmp_path, "camt053-november.xml")
    list(as_mt940.receive(lambda reading: store.statements.add(reading, AT)))
    assert store.statements.files()[0].standing_problems

    content = (shipped("fixtures/finance/statements") / "camt053-november.xml").read_bytes()
    drop(tmp_path, "another.xml", content)
    list(folder.receive(lambda reading: store.statements.add(reading, AT)))

    assert [each.standing_problems for each in store.statements.files()] == [(), ()]


def test_a_run_is_incomplete_while_a_refused_file_lies_in_failed(
    tmp_path: Path, folder: StatementFolder, store: SqlStore
) -> None:
    settings = StatementSettings(folders={"bank": StatementFolderSettings(path=tmp_path / "bank")})
    for content in (b"<a/>", b"<b/>"):
        drop(tmp_path, "wrong.xml", content)
        list(folder.receive(lambda reading: store.statements.add(reading, AT)))

    def sources() -> list[str]:
        movements = movements_of(store.statements, settings, AT.date())
        found = movement_sources(movements, AT.date(), 1)
        return [problem for source in found for problem in source.problems]

    (problem,) = sources()
    assert "wrong.xml" in problem
    assert "take it out of failed" in problem

    failed = tmp_path / "bank" / "failed"
    (failed / "wrong.xml").unlink()
    assert sources()  # the second one of its name still lies there, as wrong~2.xml

    (failed / "wrong~2.xml").unlink()
    assert sources() == []
