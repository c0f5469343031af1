"""Runs in the log: finished, failed, killed, repeated; and what each does to the breaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connector.errors import ErpUnavailableError
from connector.ports.reconciliation import EntryKind, LogEntry, ReconciliationRunningError
from connector.reconciliation.break_decisions import accept, assign, comment, set_due
from connector.reconciliation.break_register import BreakState
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.evidence import calculation
from connector.reconciliation.report import ReconciliationRun, RunMode, Verdict
from connector.reconciliation.verification import verify
from connector.store.sql_store import SqlStore
from tests.reconciliation.books import Books, day, line
from tests.reconciliation.logbook import Logbook


class KilledError(BaseException):
    """The process is gone: nothing runs after it."""


def kinds(logbook: Logbook) -> list[str]:
    return [entry.kind for entry in logbook.store.reconciliation_log.entries()]


def proved(logbook: Logbook) -> bool:
    store = logbook.store
    entries = store.reconciliation_log.entries()
    return verify(entries, store.reconciliation_runs.content_hashes()) == ()


def test_a_finished_run_is_kept_whole_and_sealed(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.books.sell("EXT-1", [line(1, "10.00")], "2026-03-01")

    run = logbook.run("2026-03-02")

    (kept,) = store.reconciliation_runs.reconciliation_runs()
    assert ReconciliationRun.from_json(kept.content) == run
    assert (kept.run_id, kept.verdict) == (run.header.run_id, run.verdict.value)
    assert kinds(logbook)[-1] == "run finished"
    assert proved(logbook)


def test_the_register_of_breaks_is_read_once_per_run(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the sum of all events that there ever were."""
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.run("2026-03-01")
    entries, asked = type(store.reconciliation_log).entries, []

    def noted(log: object, kinds: Sequence[EntryKind] = (), **more: Any) -> tuple[LogEntry, ...]:
        if EntryKind.BREAK_FOUND in kinds and not more.get("after"):
            asked.append(kinds)
        return entries(store.reconciliation_log, kinds, **more)

    monkeypatch.setattr(type(store.reconciliation_log), "entries", noted)

    assert len(logbook.run("2026-03-02").breaks) == 1
    assert len(asked) == 1


def test_a_run_that_fails_leaves_a_row_that_says_so_and_raises(store: SqlStore) -> None:
    logbook = Logbook(store)

    def break_down() -> None:
        raise ErpUnavailableError("no route to host")

    logbook.during = break_down

    with pytest.raises(ErpUnavailableError):
        logbook.run("2026-03-02")

    (kept,) = store.reconciliation_runs.reconciliation_runs()
    assert kept.verdict == "FAILED"
    assert ReconciliationRun.from_json(kept.content).failure == "no route to host"
    assert kinds(logbook) == ["run started", "run finished"]
    assert proved(logbook)


def test_a_mistake_of_the_program_leaves_a_row_too(store: SqlStore) -> None:
    logbook = Logbook(store)

    def stumble() -> None:
        raise KeyError("0090000001")

    logbook.during = stumble

    with pytest.raises(KeyError):
        logbook.run("2026-03-02")

    (run,) = RunHistory.read(store.reconciliation_log).finished
    assert run.failure.startswith("internal error: KeyError")


def test_a_killed_run_is_closed_as_interrupted_and_cleanly_repeated(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")

    def die() -> None:
        raise KilledError

    logbook.during = die
    with pytest.raises(KilledError):
        logbook.run("2026-03-02")
    assert kinds(logbook) == ["run started"]
    killed = RunHistory.read(store.reconciliation_log).unfinished[0].subject
    assert store.reconciliation_runs.reconciliation_runs() == ()

    logbook.during = lambda: None
    run = logbook.run("2026-03-02")

    assert kinds(logbook) == [
        "run started", "run interrupted", "run started", "break found", "run figures",
        "run finished",
    ]  # fmt: skip
    (closed,) = store.reconciliation_log.entries([EntryKind.RUN_INTERRUPTED])
    assert (closed.subject, closed.content["closed_by"]) == (killed, run.header.run_id)
    assert run.verdict is Verdict.BREAKS
    assert RunHistory.read(store.reconciliation_log).unfinished == ()


def test_nobody_reconciles_while_another_one_does(store: SqlStore) -> None:
    logbook = Logbook(store)

    with (
        store.reconciliation_log.exclusively("process 7"),
        pytest.raises(ReconciliationRunningError, match="process 7"),
    ):
        logbook.run("2026-03-02")

    assert kinds(logbook) == []


def test_the_same_inputs_give_the_same_content_the_same_ids_and_no_new_breaks(
    store: SqlStore,
) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    first = logbook.run("2026-03-02")
    found = kinds(logbook).count("break found")

    again = logbook.run("2026-03-02")

    assert again.content_hash == first.content_hash
    assert again.header.run_id > first.header.run_id
    assert [b.id for b in again.breaks] == [b.id for b in first.breaks]
    assert kinds(logbook).count("break found") == found == 1
    assert again.restated is None
    assert again.roll_forward is not None
    (row,) = again.roll_forward.breaks
    assert not (row.new or row.changed or row.resolved or row.reopened)


def test_two_runs_of_one_instant_have_ids_of_their_own(store: SqlStore) -> None:
    logbook = Logbook(store)
    first = logbook.run("2026-03-02")
    assignment = logbook.books.assignment("2026-03-02")

    second = logbook.recorder.run(assignment, lambda now: logbook._work(assignment, now))

    assert second.header.started_at == first.header.started_at
    assert second.header.run_id != first.header.run_id


def test_a_dry_run_keeps_nothing_and_moves_no_break(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")

    run = logbook.dry("2026-03-02")

    assert run.header.mode is RunMode.DRY
    assert run.verdict is Verdict.BREAKS
    assert kinds(logbook) == []
    assert store.reconciliation_runs.reconciliation_runs() == ()


def test_an_incomplete_run_resolves_nothing(store: SqlStore) -> None:
    """A page of the answer is missing: what it does not show is not gone."""
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.run("2026-03-02")
    logbook.misstate("1", "-10.00", "2026-03-03")
    logbook.change_extract = lambda extract: replace(extract, pages=0, pages_expected=1)

    run = logbook.run("2026-03-04")

    assert run.verdict is Verdict.INCOMPLETE
    assert run.roll_forward is None
    assert logbook.record("1").state is BreakState.OPEN

    logbook.change_extract = lambda extract: extract
    complete = logbook.run("2026-03-05")
    assert logbook.record("1").state is BreakState.RESOLVED
    assert complete.header.previous is not None
    assert complete.header.previous.key_date == day("2026-03-02")


def test_an_incomplete_run_adds_no_breaks_that_a_short_source_may_have_made_up(
    store: SqlStore,
) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.change_extract = lambda extract: replace(extract, pages=0, pages_expected=1)

    run = logbook.run("2026-03-02")

    assert [b.code for b in run.breaks] == [BreakCode.SUBLEDGER_GL_DIFF]
    assert logbook.register.records == {}


def test_a_look_ahead_does_not_keep_the_days_until_then_out_of_the_register(
    store: SqlStore,
) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-20")
    ahead = logbook.run("2026-03-31", at="2026-03-02")
    assert ahead.header.mode is RunMode.LIVE

    today = logbook.run("2026-03-03")

    assert today.header.mode is RunMode.LIVE
    assert today.verdict is Verdict.RECONCILED
    assert logbook.record("1").state is BreakState.RESOLVED


def test_a_run_of_one_currency_leaves_the_breaks_of_others_alone(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.books.currency = "JPY"
    logbook.misstate("2", "300", "2026-03-01")
    logbook.run("2026-03-02")
    logbook.misstate("2", "-300", "2026-03-03")
    logbook.books.currency = "EUR"
    logbook.misstate("1", "-10.00", "2026-03-03")

    run = logbook.run("2026-03-03", currencies=("JPY",))

    assert run.header.currencies == ("JPY",)
    assert {identity.scope.currency for identity in run.identities} == {"JPY"}
    assert logbook.record("2").state is BreakState.RESOLVED
    assert logbook.record("1").state is BreakState.OPEN


def test_owner_day_comments_and_history_stay_with_a_break(store: SqlStore) -> None:
    logbook = Logbook(store)
    log = store.reconciliation_log
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.run("2026-03-02")
    record = logbook.record("1")
    log.append([assign(record, "Ann", "Boss", due_on=day("2026-03-09"))], at=logbook.clock.now())
    log.append([comment(logbook.record("1"), "asked the bank", "Ann")], at=logbook.clock.now())
    log.append([set_due(logbook.record("1"), day("2026-03-10"), "Ann")], at=logbook.clock.now())
    logbook.misstate("1", "-10.00", "2026-03-03")
    logbook.run("2026-03-04")
    assert logbook.record("1").resolved_on == day("2026-03-04")
    logbook.misstate("1", "3.00", "2026-03-05")
    logbook.run("2026-03-06")

    record = logbook.record("1")

    assert (record.state, str(record.amount), record.owner) == (BreakState.OPEN, "3.00", "Ann")
    assert record.due_on == day("2026-03-10")
    assert [each.text for each in record.comments] == ["asked the bank"]
    assert (record.first_seen_on, record.reopened_on) == (day("2026-03-02"), (day("2026-03-06"),))
    assert record.is_overdue(day("2026-03-11"))
    assert not record.is_overdue(day("2026-03-10"))
    history = [entry.kind for entry in log.entries(subject=record.id)]
    assert history == [
        "break found", "break assigned", "break commented", "break due", "break resolved",
        "break reopened",
    ]  # fmt: skip
    assert proved(logbook)


def test_a_change_says_what_it_was_before_and_is_after(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.run("2026-03-02")
    logbook.misstate("1", "-2.50", "2026-03-03")
    logbook.run("2026-03-04")

    (changed,) = store.reconciliation_log.entries([EntryKind.BREAK_CHANGED])

    assert changed.content["before"] == {"amount": "10.00", "currency": "EUR"}
    assert changed.content["after"] == {"amount": "7.50", "currency": "EUR"}
    assert json.loads(changed.body)["difference"]["id"] == changed.subject


def test_an_accepted_break_stays_accepted_while_its_amount_does(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.run("2026-03-02")
    decision = accept(logbook.record("1"), "below the cost of work", "Boss")
    store.reconciliation_log.append([decision], at=logbook.clock.now())

    logbook.run("2026-03-04")
    record = logbook.record("1")
    assert record.state is BreakState.ACCEPTED
    assert record.acceptance is not None
    assert (record.acceptance.by, str(record.acceptance.amount)) == ("Boss", "10.00")

    logbook.misstate("1", "0.01", "2026-03-05")
    logbook.run("2026-03-06")
    assert logbook.record("1").state is BreakState.OPEN
    (reopened,) = store.reconciliation_log.entries([EntryKind.BREAK_REOPENED])
    assert "accepted" in reopened.content["why"]


def test_a_run_leaves_out_other_company_codes_only_when_it_is_asked_to(store: SqlStore) -> None:
    """An order of company code 2000 counts in a run for all, and not in one for 1000 alone."""
    logbook = Logbook(store, Books("2000"))
    books = logbook.books
    books.sell("EXT-1", [line(1, "100.00")], "2026-03-01")
    books.bill(books.order("EXT-1", "2026-03-01"), "2026-03-02")

    restricted = logbook.run("2026-03-02", company_codes=("1000",), restricted=True)

    assert restricted.identities == ()
    assert restricted.ageing == ()
    assert {i.scope.company_code for i in logbook.run("2026-03-02").identities} == {"2000"}


def test_a_break_keeps_both_records_as_read_and_names_no_person(store: SqlStore) -> None:
    logbook = Logbook(store)
    books = logbook.books
    books.sell("EXT-1", [line(4, "25.00")], "2026-03-01")
    order = books.mirrored["EXT-1"].order.model_copy(update={"note": "call Ann Lee"})
    books.mirrored["EXT-1"] = replace(books.mirrored["EXT-1"], order=order)
    dearer = books.order("EXT-1", "2026-03-01", lines=[line(4, "26.00")])
    books.bill(dearer, "2026-03-02")

    run = logbook.run("2026-03-02")

    (found,) = (b for b in run.breaks if b.code is BreakCode.PRICE_DIFF)
    records = {each.source: json.loads(each.record) for each in found.evidence}
    assert records["external order"]["external_id"] == "EXT-1"
    assert records["sales order"]["number"] == dearer
    assert all(len(each.sha256) == 64 for each in found.evidence)
    kept = store.reconciliation_log.entries(subject=found.id)
    assert "Ann Lee" not in "".join(entry.body for entry in kept)


def test_the_calculation_of_a_break_can_be_followed_in_words(store: SqlStore) -> None:
    logbook = Logbook(store)
    logbook.books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    logbook.misstate("140000", "10.00", "2026-03-01")

    run = logbook.run("2026-03-02")

    (found,) = run.breaks
    assert calculation(found) == (
        "Comparison 4: Open items to G/L balance",
        "outside: 1 open items, 100.00 EUR",
        "ERP: G/L account 140000, 110.00 EUR",
        "ERP - outside: 110.00 EUR - 100.00 EUR = 10.00 EUR",
        "since 2026-03-02, 0 days on the key date",
    )
