"""The file is believed where it is what the log knows, and thrown away where anything else is."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.kept_extract.file import ExtractFile
from connector.kept_extract.keeping import Keeping, KeptRun
from connector.kept_extract.whole import Moment
from connector.reconciliation.run import read_and_run
from tests.kept_extract.comparing import assert_equal
from tests.kept_extract.people import START, People, Runs, people

CHAIN = ["sell", "sell", "pass", "deliver", "issue", "bill", "pay", "sell", "bank line", "pay out"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """Some business, and the first run over it."""
    folder = tmp_path_factory.mktemp("keeping")
    with people(folder, "ecc", 1) as everybody:
        everybody.do([*CHAIN, *CHAIN, "duplicate"])
        runs = Runs(everybody, folder / "kept.sqlite3")
        runs.run()
        assert runs.seal
        yield runs


@pytest.fixture
def runs(first: Runs, tmp_path: Path) -> Runs:
    """Runs that go on from the first one, with a file of their own."""
    path = tmp_path / "kept.sqlite3"
    shutil.copy(first.path, path)
    return Runs(first.people, path, first.seal)


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    changed = connection.execute(statement).rowcount
    connection.commit()
    connection.close()
    assert changed


def test_where_nothing_changed_only_the_ledger_is_read_again(runs: Runs) -> None:
    runs.people.do(["sleep"])
    runs.run()

    run = runs.run()

    assert runs.over_changes == 2
    kept = {source.name: (source.records, source.kept) for source in run.sources if source.kept}
    assert kept.keys() == {
        "external orders",
        "channel payments",
        "document chains",
        "billing documents",
        "customer items",
    }
    assert all(records == kept for records, kept in kept.values())


def test_what_is_read_anew_is_counted(runs: Runs) -> None:
    runs.people.do(["sleep"])
    runs.run()
    runs.people.do(["sell"])

    run = runs.run()

    [orders] = [source for source in run.sources if source.name == "external orders"]
    assert runs.over_changes == 2
    assert orders.records - orders.kept == 1


def test_only_this_user_can_read_the_file(first: Runs) -> None:
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE part SET result = result || 'x' WHERE id = (SELECT max(id) FROM part)",
        "UPDATE part SET valid_until = '9999-12-31' WHERE id = (SELECT min(id) FROM part)",
        "DELETE FROM part WHERE id = (SELECT min(id) FROM part)",
        "UPDATE flow SET fingerprint = 'x' WHERE id = 1",
        "UPDATE flow SET numbers = '' WHERE numbers <> ''",
        "DELETE FROM flow WHERE id = 1",
        "INSERT INTO orphan VALUES ('1', '{}', 1)",
        "UPDATE about SET value = '2000-01-01' WHERE name = 'read_on'",
        "UPDATE about SET value = value || ' ' WHERE name = 'totals'",
        "DELETE FROM about WHERE name = 'watermark'",
    ],
)
def test_a_file_that_was_tampered_with_is_thrown_away(runs: Runs, statement: str) -> None:
    tamper(runs.path, statement)

    runs.run()

    assert runs.over_changes == 0
    runs.run()
    assert runs.over_changes == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE content SET content = replace(content, '1', '2')",
        "UPDATE piece SET component = 1",
        "UPDATE piece SET keys = x'0000000000000001' WHERE kind = 0",
        "UPDATE piece SET digest = 'x'",
    ],
)
def test_a_piece_that_was_tampered_with_is_noticed_when_it_is_used(
    runs: Runs, statement: str
) -> None:
    runs.people.do(["change", "pass"])
    tamper(runs.path, statement)

    runs.run()

    assert runs.over_changes == 0


def test_what_is_no_database_is_thrown_away(runs: Runs) -> None:
    runs.path.write_bytes(b"nothing of that kind" * 1000)

    runs.run()

    assert runs.over_changes == 0
    assert ExtractFile.open(runs.path) is not None


def test_a_file_without_its_end_is_thrown_away(runs: Runs) -> None:
    content = runs.path.read_bytes()
    runs.path.write_bytes(content[: len(content) // 2])

    runs.run()

    assert runs.over_changes == 0


def test_a_run_that_was_killed_leaves_the_file_as_it_was(runs: Runs, tmp_path: Path) -> None:
    """The copy is what a process that is killed while it writes leaves on the disk."""
    runs.people.do(["sell", "pass", "pay"])
    left = tmp_path / "left"
    left.mkdir()
    people = runs.people
    with KeptRun(runs.assignment(), people.store, people.transport, runs.keeping()) as readings:
        readings.work(runs.moment())
        assert readings.is_over_changes
        file = readings._open
        assert file is not None
        # What does not fit into memory any more goes to the disk before the end.
        file._connection.execute("UPDATE content SET content = zeroblob(10000000)")
        for each in tmp_path.glob("kept.sqlite3*"):
            shutil.copy(each, left / each.name)
    assert (left / "kept.sqlite3-journal").stat().st_size
    assert (left / "kept.sqlite3").read_bytes() != runs.path.read_bytes()

    after = Runs(people, left / "kept.sqlite3", runs.seal)
    after.run()

    assert after.over_changes == 1


def test_a_first_run_that_was_killed_leaves_nothing_that_is_believed(
    first: Runs, tmp_path: Path
) -> None:
    half = tmp_path / "kept.sqlite3.new"
    shutil.copy(first.path, half)
    runs = Runs(first.people, tmp_path / "kept.sqlite3", first.seal)

    runs.run()

    assert runs.over_changes == 0
    assert not half.exists()
    assert runs.path.exists()


def test_a_file_that_the_log_does_not_know_is_not_believed(runs: Runs) -> None:
    runs.seal = "0" * 64

    runs.run()

    assert runs.over_changes == 0


def test_a_run_that_is_not_kept_leaves_the_file_as_it_was(runs: Runs) -> None:
    before = runs.path.read_bytes()
    with KeptRun(
        runs.assignment(), runs.people.store, runs.people.transport, runs.keeping()
    ) as readings:
        readings.work(runs.moment())

    assert runs.path.read_bytes() == before


@pytest.mark.parametrize("changed", ["rules", "company codes", "currencies", "restricted"])
def test_another_kind_of_run_reads_everything(runs: Runs, changed: str) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "rules": {"rules": {"order_grace_days": 5}},
        "company codes": {"company_codes": ("1000",)},
        "currencies": {"currencies": ("EUR",)},
        "restricted": {"restricted": True},
    }
    before = runs.path.read_bytes()

    runs.run(**kinds[changed])

    assert runs.over_changes == 0
    assert (runs.path.read_bytes() == before) == (changed in ("currencies", "restricted"))


def test_a_key_date_before_the_kept_one_reads_everything_and_keeps_nothing(runs: Runs) -> None:
    before = runs.path.read_bytes()

    runs.run(key_date=START - timedelta(days=1))

    assert runs.over_changes == 0
    assert runs.path.read_bytes() == before


def test_the_end_of_a_month_reads_everything(runs: Runs) -> None:
    runs.run(key_date=date(2026, 3, 31))

    assert runs.over_changes == 0


def test_everything_is_read_on_request_and_after_some_days(runs: Runs) -> None:
    runs.run(read_all=True)
    assert runs.over_changes == 0
    runs.run(full_read_days=1)
    assert runs.over_changes == 1
    runs.people.do(["sleep"])
    runs.run(full_read_days=1)
    assert runs.over_changes == 1


def test_what_does_not_close_over_changes_is_read_as_a_whole(runs: Runs) -> None:
    """The second attempt of one run is one over everything."""
    with KeptRun(
        runs.assignment(), runs.people.store, runs.people.transport, runs.keeping()
    ) as readings:
        readings.work(runs.moment())
        assert readings.is_over_changes
        readings.work(runs.moment())
        assert not readings.is_over_changes


def test_a_dry_run_uses_the_file_and_leaves_it(runs: Runs) -> None:
    before = runs.path.read_bytes()
    keeping = runs.keeping(dry=True)
    with KeptRun(runs.assignment(), runs.people.store, runs.people.transport, keeping) as readings:
        run = readings.work(runs.moment())
        assert readings.is_over_changes
        readings.keep()

    assert run.header.extract == ""
    assert runs.path.read_bytes() == before


def test_where_no_file_can_be_written_the_run_is_made_in_memory(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    keeping = Keeping(path=tmp_path / "file" / "kept.sqlite3")
    everybody: People = runs.people
    moment: Moment = runs.moment()
    with KeptRun(runs.assignment(), everybody.store, everybody.transport, keeping) as readings:
        run = readings.work(moment)
        readings.keep()

    expected = read_and_run(
        runs.assignment(),
        everybody.store,
        everybody.transport,
        moment.now,
        movements=moment.movements,
    )
    assert_equal(run, expected)
    assert run.header.extract == ""
