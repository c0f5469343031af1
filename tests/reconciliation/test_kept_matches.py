"""The matches of a kept run are sealed with it; whatever becomes of them later shows, and where."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from connector.ports.reconciliation import EntryKind, StoredRun
from connector.reconciliation import run_matches
from connector.reconciliation.kept_matches import matches_of, sealed_matches, verify_matches
from connector.reconciliation.match_pieces import MatchPiece
from connector.reconciliation.recording import stored_run
from connector.reconciliation.report import ReconciliationRun, matched_by
from connector.reconciliation.run_matches import MatchCollector, Matches
from connector.reconciliation.verification import Damage, verify
from connector.store.sql_store import SqlStore, open_store
from tests.reconciliation.books import line
from tests.reconciliation.logbook import Logbook
from tests.reconciliation.test_properties import reconciled

OLD = Path(__file__).parent / "fixtures" / "run_with_matches_inside.json"
DROP = "DROP TRIGGER reconciliation_match_piece_refuse_{verb}"


def damage_of(store: SqlStore) -> list[Damage]:
    log, runs = store.reconciliation_log, store.reconciliation_runs
    sealed = verify(log.entries(), runs.content_hashes())
    return [*sealed, *verify_matches(log.entries([EntryKind.RUN_FINISHED]), runs)]


def kept(store: SqlStore, run_id: str) -> ReconciliationRun:
    stored = store.reconciliation_runs.reconciliation_run(run_id)
    assert stored is not None
    return ReconciliationRun.from_json(stored.content)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'kept.sqlite3'}"


def two_days(store: SqlStore) -> tuple[ReconciliationRun, ReconciliationRun]:
    """Keep a run with some matches, and one of the next day with more."""
    logbook = Logbook(store, reconciled([line(1, "10.00"), line(2, "15.00")]))
    first = logbook.run("2026-01-31")
    logbook.books.sell("EXT-9", [line(1, "20.00")], "2026-02-01")
    logbook.books.order("EXT-9", "2026-02-01")
    return first, logbook.run("2026-02-01")


def edit(url: str, verb: str, statement: str, **values: object) -> None:
    """Change the store as somebody does who may drop its triggers."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if verb:
            connection.execute(text(DROP.format(verb=verb)))
        connection.execute(text(statement), values)
    engine.dispose()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_matches, "_AT_A_TIME", 2)


def test_a_kept_run_gives_back_the_matches_that_it_was_made_with(store: SqlStore) -> None:
    first, second = two_days(store)

    for run in (first, second):
        assert len(run.matches) == run.match_count > 0
        read = kept(store, run.header.run_id)
        assert read == run
        assert not read.matches
        assert list(matches_of(read, store.reconciliation_runs)) == list(run.matches)
        of_payments = [each for each in run.matches if each.identity == 3]
        assert list(matches_of(read, store.reconciliation_runs, 3)) == of_payments != []
    assert damage_of(store) == []


@pytest.mark.usefixtures("small_pieces")
def test_many_matches_are_kept_in_several_pieces(
    store: SqlStore, run_of_old: ReconciliationRun
) -> None:
    assert keep_with(store, run_of_old, Matches.of(run_of_old.matches)) == []
    read = kept(store, run_of_old.header.run_id)

    pieces = list(store.reconciliation_runs.match_pieces(read.header.run_id))

    assert len(pieces) == 2
    assert list(matches_of(read, store.reconciliation_runs)) == list(run_of_old.matches)


@pytest.mark.parametrize(("portion", "pieces"), [(1, 4), (1 << 17, 1)])
def test_small_pieces_are_put_together(
    portion: int, pieces: int, run_of_old: ReconciliationRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_matches, "_PORTION", portion)
    collector = MatchCollector()
    for each in run_of_old.matches:
        collector.add(MatchPiece.of([each]))
        collector.add(MatchPiece())

    collected = collector.matches()

    assert len(collected.pieces) == pieces
    assert list(collected) == list(run_of_old.matches)
    assert collected.summary == run_of_old.matched
    assert collected.hash.hexdigest() == run_of_old.match_hash
    assert MatchCollector().matches().pieces == ()


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(
    ("verb", "statement", "what"),
    [
        ("update", "UPDATE reconciliation_match_piece SET content = x'00'", "changed after"),
        ("delete", "DELETE FROM reconciliation_match_piece", "was deleted"),
    ],
)
def test_a_piece_that_was_changed_or_deleted_is_named(
    url: str, verb: str, statement: str, what: str, run_of_old: ReconciliationRun
) -> None:
    run_id = run_of_old.header.run_id
    with closing(open_store(url, upgrade=True)) as store:
        assert keep_with(store, run_of_old, Matches.of(run_of_old.matches)) == []
        edit(url, verb, f"{statement} WHERE run_id = :run AND piece = 2", run=run_id)

        damage = damage_of(store)[0]

    assert damage.where == f"run {run_id}, matches 2"
    assert what in damage.what


def test_a_piece_that_was_put_in_is_named(url: str) -> None:
    with closing(open_store(url, upgrade=True)) as store:
        first, second = two_days(store)
        edit(
            url,
            "",
            "INSERT INTO reconciliation_match_piece SELECT :run, 77, content"
            " FROM reconciliation_match_piece WHERE run_id = :other AND piece = 1",
            run=first.header.run_id,
            other=second.header.run_id,
        )

        found = damage_of(store)

    assert found[0].where == f"run {first.header.run_id}, matches 77"
    assert "without an entry that seals it" in found[0].what


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_refuses_to_change_kept_matches(url: str, verb: str) -> None:
    statement = {
        "update": "UPDATE reconciliation_match_piece SET piece = 9",
        "delete": "DELETE FROM reconciliation_match_piece",
    }[verb]
    with closing(open_store(url, upgrade=True)) as store:
        two_days(store)
        with pytest.raises(Exception, match="append-only"):
            edit(url, "", statement)
        assert damage_of(store) == []


def keep_with(store: SqlStore, run: ReconciliationRun, matches: Matches) -> list[Damage]:
    """Keep *run* with other *matches* than its own, sealed as if they were right."""
    pieces = [piece.content for piece in matches.pieces]
    made = stored_run(run)
    entry = made.finished_entry(sealed_matches(run, pieces))
    store.reconciliation_log.append([entry], at=run.header.finished_at, run=made, matches=pieces)
    return damage_of(store)


@pytest.fixture
def run_of_old() -> ReconciliationRun:
    return ReconciliationRun.from_json(OLD.read_text("utf-8"))


def test_matches_that_are_not_those_of_the_figures_are_found(
    store: SqlStore, run_of_old: ReconciliationRun
) -> None:
    """Sealed as they are kept, they still are not what the run has counted."""
    first, *rest = run_of_old.matches
    changed = first.model_copy(update={"erp": "sales order 0000000099"})

    (damage,) = keep_with(store, run_of_old, Matches.of([changed, *rest]))

    assert damage.where == f"run {run_of_old.header.run_id}"
    assert damage.what == "its matches are not those that it was made with"


def test_matches_that_are_too_few_are_counted(
    store: SqlStore, run_of_old: ReconciliationRun
) -> None:
    count = run_of_old.match_count
    rest = list(run_of_old.matches)[1:]

    (damage,) = keep_with(store, run_of_old, Matches.of(rest))

    assert damage.what == f"{count - 1} matches are kept, the run had {count}"


def test_matches_that_are_none_are_told(store: SqlStore, run_of_old: ReconciliationRun) -> None:
    (piece,) = run_of_old.matches.pieces
    broken = Matches((replace(piece, content=b"\xff" + piece.content),))

    damage, *_ = keep_with(store, run_of_old, broken)

    assert damage.where == f"run {run_of_old.header.run_id}, matches 1"
    assert "cannot be uncompressed" in damage.what


def test_a_run_that_was_kept_with_its_matches_inside_still_gives_and_proves_them(
    store: SqlStore, run_of_old: ReconciliationRun
) -> None:
    text_of = OLD.read_text("utf-8")
    header = run_of_old.header
    old = StoredRun(
        run_id=header.run_id,
        key_date=header.key_date,
        company_codes=header.company_codes,
        verdict=run_of_old.verdict.value,
        content_hash=run_of_old.content_hash,
        finished_at=header.finished_at,
        content=text_of,
    )
    store.reconciliation_log.append([old.finished_entry()], at=header.finished_at, run=old)

    read = kept(store, header.run_id)

    assert list(matches_of(read, store.reconciliation_runs)) == list(run_of_old.matches)
    assert read.match_count == 4
    assert damage_of(store) == []
    assert matched_by(read.matches)["matched"] == read.matched
