"""
The open items in dollars roll forward in dollars, and once more in the euros of the books.

Figures by hand, as in the case without a log: 2,380.00 USD billed at 0.92, 1,000.00 paid in part at
0.90, 880.00 paid at 0.95 with a rest of 500.00, the rest paid at 0.94. What a clearing takes off in
euros is what the cleared items were worth; 836.00 EUR came in for 814.60 in March, 470.00 for
475.00 in April, and the rest is exchange gain and loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connector.clock import ManualClock
from connector.reconciliation.recording import RunRecorder
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from tests.reconciliation.books import day
from tests.reconciliation.company import WAYS, Company
from tests.scenarios.test_case_foreign_currency import pays, sells, trading_in_dollars
from tests.simulator.engine.support import on

Recording = Callable[[str], ReconciliationRun]


@pytest.fixture(params=WAYS)
def company(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Company]:
    with trading_in_dollars(tmp_path, request.param) as found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    found = open_store(sqlite_url(tmp_path / "store.db"), upgrade=True)
    yield found
    found.close()


@pytest.fixture
def recorded(company: Company, store: SqlStore) -> Recording:
    """Reconciles a key date in its evening, and keeps the run."""

    def run(key_date: str) -> ReconciliationRun:
        on(company.simulated, key_date)
        recorder = RunRecorder(
            log=store.reconciliation_log,
            runs=store.reconciliation_runs,
            items=company.transport.open_items,
            clock=ManualClock(datetime.fromisoformat(f"{key_date}T19:00:00+00:00")),
            cause_of=lambda found: {},
            holder="the test",
        )
        assignment = Assignment(day(key_date), ("1000",), "Europe/Berlin", ReconciliationRules())
        return recorder.run(assignment, lambda now: company.reconciles(key_date))

    return run


def rolled(run: ReconciliationRun) -> dict[str, dict[str, str]]:
    """What moved, by currency; everything closes, and nothing is left out."""
    assert run.roll_forward is not None
    assert run.verdict is not Verdict.INCOMPLETE
    names = ("opening", "restated", "invoices", "credits", "receipts", "other", "closing")
    return {
        row.scope.stated_in: {n: str(a.amount) for n in names if (a := getattr(row, n))}
        for row in run.roll_forward.items
        if row.scope.currency == "USD"
    }


def test_a_partial_payment_a_rest_and_the_end_roll_forward_in_dollars_and_in_euros(
    company: Company, recorded: Recording
) -> None:
    assert rolled(recorded("2026-01-09")) == {}
    invoice = sells(company, 20)
    billed = recorded("2026-01-31")
    partial = pays(company, "1000.00", invoice, on_day="2026-02-10", partial=True)
    in_part = recorded("2026-02-10")
    rest = pays(company, "880.00", invoice, partial, on_day="2026-03-10", difference="residual")
    with_rest = recorded("2026-03-10")
    pays(company, "500.00", rest, on_day="2026-04-10")
    settled = recorded("2026-04-10")

    assert rolled(billed) == {
        "USD": {"invoices": "2380.00", "closing": "2380.00"},
        "EUR": {"invoices": "2189.60", "closing": "2189.60"},
    }
    assert rolled(in_part) == {
        "USD": {"opening": "2380.00", "receipts": "1000.00", "closing": "1380.00"},
        "EUR": {"opening": "2189.60", "receipts": "900.00", "closing": "1289.60"},
    }
    assert rolled(with_rest) == {
        "USD": {"opening": "1380.00", "receipts": "880.00", "closing": "500.00"},
        "EUR": {"opening": "1289.60", "receipts": "814.60", "closing": "475.00"},
    }
    assert rolled(settled) == {
        "USD": {"opening": "500.00", "receipts": "500.00"},
        "EUR": {"opening": "475.00", "receipts": "475.00"},
    }


def test_what_was_entered_late_is_restated_in_euros_as_well(
    company: Company, recorded: Recording
) -> None:
    invoice = sells(company, 20)
    recorded("2026-02-09")
    on(company.simulated, "2026-02-11")
    pays(
        company,
        "1000.00",
        invoice,
        on_day="2026-02-11",
        partial=True,
        posting_date=day("2026-02-08"),
    )

    assert rolled(recorded("2026-02-11")) == {
        "USD": {"opening": "2380.00", "restated": "-1000.00", "closing": "1380.00"},
        "EUR": {"opening": "2189.60", "restated": "-900.00", "closing": "1289.60"},
    }


def test_a_value_that_moved_without_a_posting_makes_the_run_incomplete(
    company: Company, recorded: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    sells(company, 20)
    recorded("2026-01-31")
    reconciles = company.reconciles

    def revalued(key_date: str) -> ReconciliationRun:
        """The value of the open items was changed in the ledger, and in no line."""
        run = reconciles(key_date)
        identities = []
        for each in run.identities:
            if each.scope.valued_in:
                more = each.left.amount.model_copy(update={"amount": each.left.amount.amount + 1})
                each = each.model_copy(
                    update={"left": each.left.model_copy(update={"amount": more})}
                )
            identities.append(each)
        return run.model_copy(update={"identities": tuple(identities)})

    monkeypatch.setattr(company, "reconciles", revalued)

    run = recorded("2026-02-01")

    assert run.verdict is Verdict.INCOMPLETE
    assert run.roll_forward is not None
    assert list(run.roll_forward.problems()) == [
        "the open items of 1000/140000 in USD, valued in EUR, do not roll forward: "
        "1.00 EUR are left over"
    ]
