"""Two people sign, and their signatures hold until a figure of the key date changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import RejectedError
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.sign_off import Role, SignOff, sign, sign_offs
from connector.store.sql_store import SqlStore
from tests.reconciliation.logbook import Logbook

PREPARER, REVIEWER = Role.PREPARER, Role.REVIEWER
Signing = Callable[[ReconciliationRun, Role, str], SignOff]


@pytest.fixture
def logbook(store: SqlStore) -> Logbook:
    """March, with one invoice, reconciled on the first of April."""
    logbook = Logbook(store)
    logbook.books.post("90000001", "RV", "2026-03-01", "100.00", billing_document="90000001")
    return logbook


@pytest.fixture
def signed(logbook: Logbook) -> Signing:
    """Sign a run, and return its sign-off."""

    def _sign(run: ReconciliationRun, role: Role, name: str) -> SignOff:
        log = logbook.store.reconciliation_log
        history = RunHistory.read(log)
        found = history.find(run.header.run_id)
        assert found is not None
        entry = sign(
            found,
            role,
            name,
            "checked",
            history=history,
            signed=sign_offs(log),
            runs=logbook.store.reconciliation_runs,
        )
        log.append([entry], at=logbook.clock.now())
        return sign_offs(log)[run.header.run_id]

    return _sign


def sign_off_of(logbook: Logbook, run: ReconciliationRun) -> SignOff:
    return sign_offs(logbook.store.reconciliation_log)[run.header.run_id]


def test_preparer_and_reviewer_sign_the_content_hash(logbook: Logbook, signed: Signing) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")

    assert signed(run, PREPARER, "Ann").state == "prepared"
    found = signed(run, REVIEWER, "Bob")

    assert found.state == "signed off"
    assert [(s.role, s.name, s.note) for s in found.signatures] == [
        ("preparer", "Ann", "checked"),
        ("reviewer", "Bob", "checked"),
    ]
    assert {s.content_hash for s in found.signatures} == {run.content_hash}


@pytest.mark.parametrize("name", ["Ann", "  ann ", "ANN"])
def test_the_reviewer_is_somebody_else(logbook: Logbook, signed: Signing, name: str) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")
    signed(run, PREPARER, "Ann")

    with pytest.raises(RejectedError, match="somebody else"):
        signed(run, REVIEWER, name)


def test_the_reviewer_comes_second_and_each_signs_once(logbook: Logbook, signed: Signing) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")
    with pytest.raises(RejectedError, match="nobody has signed as preparer"):
        signed(run, REVIEWER, "Bob")
    signed(run, PREPARER, "Ann")

    with pytest.raises(RejectedError, match="signed as preparer already"):
        signed(run, PREPARER, "Cem")


def test_an_incomplete_run_cannot_be_signed(logbook: Logbook, signed: Signing) -> None:
    logbook.change_extract = lambda extract: replace(extract, pages=0, pages_expected=1)
    run = logbook.run("2026-03-31", at="2026-04-01")
    assert run.verdict is Verdict.INCOMPLETE

    with pytest.raises(RejectedError, match="INCOMPLETE"):
        signed(run, PREPARER, "Ann")


def test_a_document_entered_later_voids_the_sign_off(logbook: Logbook, signed: Signing) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")
    signed(run, PREPARER, "Ann")
    signed(run, REVIEWER, "Bob")
    logbook.run("2026-04-02")
    assert sign_off_of(logbook, run).state == "signed off"

    logbook.books.post("90000002", "RV", "2026-03-30", "7.00", entry_date="2026-04-03")
    logbook.run("2026-04-03")

    found = sign_off_of(logbook, run)
    assert found.state == "void"
    assert "1 customer lines were entered later" in found.void_because
    assert "0090000002" in found.void_because
    with pytest.raises(RejectedError, match="void"):
        signed(run, REVIEWER, "Cem")


def test_another_run_of_the_key_date_with_other_figures_voids_it_too(
    logbook: Logbook, signed: Signing
) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")
    signed(run, PREPARER, "Ann")
    logbook.misstate("140000", "0.01", "2026-03-31")

    again = logbook.run("2026-03-31", at="2026-04-05")

    found = sign_off_of(logbook, run)
    assert found.state == "void"
    assert "figures of the key date have changed" in found.void_because
    assert signed(again, PREPARER, "Ann").state == "prepared"


def test_the_same_figures_again_leave_it_as_it_is(logbook: Logbook, signed: Signing) -> None:
    run = logbook.run("2026-03-31", at="2026-04-01")
    signed(run, PREPARER, "Ann")

    logbook.run("2026-03-31", at="2026-04-05")
    logbook.books.post("90000003", "RV", "2026-04-06", "1.00")
    logbook.run("2026-04-06")

    assert sign_off_of(logbook, run).state == "prepared"


def test_a_run_with_figures_that_were_superseded_cannot_be_signed(
    logbook: Logbook, signed: Signing
) -> None:
    first = logbook.run("2026-03-31", at="2026-04-01")
    logbook.misstate("140000", "0.01", "2026-03-31")
    second = logbook.run("2026-03-31", at="2026-04-02")

    with pytest.raises(RejectedError, match=second.header.run_id):
        signed(first, PREPARER, "Ann")
