"""Worked case C05 reconciled day by day, and all its days once more when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.report import ReconciliationRun, RunMode
from connector.reconciliation.verification import all_entries, verify
from tests.scenarios.test_case_c05 import DAY, order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

KEY_DATES = ("2026-03-02", "2026-03-25", "2026-04-05", "2026-04-15", "2026-05-01")


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with a_case(tmp_path, request.param, case_plan(request.param), DAY) as found:
        found.installation.send(order())
        found.pass_once()
        yield found


def reconcile(case: Case, key_date: str) -> ReconciliationRun:
    return run_reconciliation(case.installation.application, date.fromisoformat(key_date))


def balances(run: ReconciliationRun) -> list[str]:
    return [str(row.total) for row in run.ageing]


def rolled(run: ReconciliationRun) -> dict[str, str]:
    """What is not zero in the roll-forward of the account."""
    assert run.roll_forward is not None
    names = ("opening", "restated", "invoices", "credits", "receipts", "other", "closing")
    rows = [row for row in run.roll_forward.items if row.opening or row.invoices]
    return {
        name: str(amount) for row in rows for name in names if (amount := getattr(row, name)).amount
    }


def test_each_day_rolls_forward_from_the_one_before_and_reads_the_same_later(case: Case) -> None:
    runs = []
    for key_date in KEY_DATES:
        case.until(date.fromisoformat(key_date))
        runs.append(reconcile(case, key_date))

    assert [balances(run) for run in runs] == [
        ["1,190.00 EUR"], ["790.00 EUR"], ["790.00 EUR"], ["290.00 EUR"], [],
    ]  # fmt: skip
    assert [rolled(run) for run in runs[1:]] == [
        {"opening": "1,190.00 EUR", "receipts": "400.00 EUR", "closing": "790.00 EUR"},
        {"opening": "790.00 EUR", "closing": "790.00 EUR"},
        {"opening": "790.00 EUR", "receipts": "500.00 EUR", "closing": "290.00 EUR"},
        {"opening": "290.00 EUR", "receipts": "290.00 EUR"},
    ]
    assert all(run.roll_forward and run.roll_forward.closes for run in runs)

    case.until(date(2026, 5, 2))
    again = [reconcile(case, key_date) for key_date in KEY_DATES]

    assert [balances(run) for run in again] == [balances(run) for run in runs]
    assert {run.header.mode for run in again[:-1]} == {RunMode.VERIFICATION}
    assert [run.restated for run in again] == [None] * len(KEY_DATES)
    application = case.installation.application
    entries = list(all_entries(application.reconciliation_log))
    assert verify(entries, application.reconciliation_runs.content_hashes()) == ()
