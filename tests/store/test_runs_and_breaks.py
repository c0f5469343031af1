"""Runs, breaks and signatures, whichever database the store lies in."""

from __future__ import annotations

from connector.reconciliation.break_decisions import accept, assign
from connector.reconciliation.break_register import BreakState
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.sign_off import Role, sign, sign_offs
from connector.reconciliation.verification import all_entries, verify
from connector.store.sql_store import SqlStore
from tests.reconciliation.logbook import Logbook


def test_three_runs_with_decisions_between_them_roll_forward_and_prove_themselves(
    store: SqlStore,
) -> None:
    logbook, log = Logbook(store), store.reconciliation_log
    logbook.books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    logbook.misstate("1", "10.00", "2026-03-01")
    logbook.misstate("2", "20.00", "2026-03-01")
    logbook.run("2026-03-02")
    log.append([assign(logbook.record("1"), "Ann", "Boss")], at=logbook.clock.now())
    log.append([accept(logbook.record("1"), "small", "Boss")], at=logbook.clock.now())
    logbook.misstate("2", "-20.00", "2026-03-03")
    second = logbook.run("2026-03-04")
    logbook.misstate("1", "0.50", "2026-03-05")
    third = logbook.run("2026-03-06")

    for run in (second, third):
        assert run.roll_forward is not None
        assert run.roll_forward.closes
    assert logbook.record("1").state is BreakState.OPEN
    assert logbook.record("2").state is BreakState.RESOLVED
    kept = store.reconciliation_runs.content_hashes()
    assert verify(all_entries(log, page=3), kept) == ()


def test_signatures_come_back_with_their_run(store: SqlStore) -> None:
    logbook, log = Logbook(store), store.reconciliation_log
    run = logbook.run("2026-03-02")
    history = RunHistory.read(log)
    found = history.find(run.header.run_id)
    assert found is not None

    entry = sign(
        found,
        Role.PREPARER,
        "Ann",
        "",
        history=history,
        signed={},
        runs=store.reconciliation_runs,
    )
    log.append([entry], at=logbook.clock.now())

    assert sign_offs(log)[run.header.run_id].state == "prepared"
