"""The worked cases on every system, from the shop's order to the run that finance reads."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.sd_documents.payment_state import PaymentState
from tests.scenarios.portal_orders import line
from tests.scenarios.test_case_c05 import order as in_parts
from tests.scenarios.test_case_c16 import order as service_order
from tests.scenarios.test_case_c16 import plan as service_plan
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

COMPANY_CODES = ("1000", "2000", "3000", "4000")


def reconciled(case: Case, key_date: str) -> ReconciliationRun:
    """Reconcile as of a day; every identity of it must hold."""
    run = run_reconciliation(case.installation.application, date.fromisoformat(key_date))
    assert [identity for identity in run.identities if not identity.holds] == []
    assert run.verdict is not Verdict.INCOMPLETE, [s.problems for s in run.sources]
    return run


def ties(run: ReconciliationRun) -> dict[tuple[str, str], str]:
    """Open items and balance by company code and currency, where they are the same."""
    return {
        (each.scope.company_code, each.scope.stated_in): str(each.left.amount.amount)
        for each in run.identities
        if each.number == 4 and each.left.amount == each.right[0].amount
    }


@pytest.mark.parametrize("profile", PROFILES)
def test_all_key_dates_of_partial_and_residual_payment_computed_later(
    tmp_path: Path, profile: str
) -> None:
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 3, 1)) as case:
        case.installation.send(in_parts("EXT-5005"))
        case.pass_once()
        case.until(date(2026, 5, 2))
        expected = (
            ("2026-03-25", "790.00", "790.00", "0.00", PaymentState.PARTIALLY_PAID),
            ("2026-04-05", "790.00", "0.00", "790.00", PaymentState.PARTIALLY_PAID),
            ("2026-04-15", "290.00", "0.00", "290.00", PaymentState.PARTIALLY_PAID),
            ("2026-05-01", "0.00", None, None, PaymentState.PAID),
        )
        for key_date, balance, not_due, late, state in expected:
            run = reconciled(case, key_date)
            assert ties(run)["1000", "EUR"] == balance
            rows = [(str(row.not_due.amount), str(row.up_to_30.amount)) for row in run.ageing]
            assert rows == ([] if not_due is None else [(not_due, late)])
            assert [each.state for each in run.payment_states] == [state]


@pytest.mark.parametrize("profile", PROFILES)
def test_services_reconcile_without_any_delivery(tmp_path: Path, profile: str) -> None:
    with a_case(tmp_path, profile, service_plan("services", profile), date(2026, 5, 20)) as case:
        case.installation.send(
            service_order(
                "EXT-1601",
                {**line("10", "SV-16", "16", price="150.00"), "unit": "H"},
                totals={"tax": "144.00", "gross": "2544.00"},
            )
        )
        case.pass_once()

        run = reconciled(case, "2026-05-20")

        assert ties(run)["4000", "CNY"] == "2544.00"
        (first,) = [i for i in run.identities if i.number == 1]
        shown = {term.label: str(term.amount.amount) for term in (first.left, *first.right)}
        assert shown["external orders"] == shown["billed"] == "2544.00"
        assert run.breaks == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_milestones_that_are_not_due_are_not_yet_billed(tmp_path: Path, profile: str) -> None:
    with a_case(tmp_path, profile, service_plan("milestones", profile), date(2026, 5, 21)) as case:
        case.installation.send(ship())
        case.pass_once()

        run = reconciled(case, "2026-05-21")

        assert ties(run)["4000", "CNY"] == "339000.00"
        (first,) = [i for i in run.identities if i.number == 1]
        shown = {term.label: str(term.amount.amount) for term in (first.left, *first.right)}
        assert shown["external orders"] == "1130000.00"
        assert shown["billed"] == "339000.00"
        assert (shown["not yet billed"], shown["breaks"]) == ("791000.00", "0.00")
        waiting = [(each.code.value, str(each.difference)) for each in run.pending]
        assert waiting == [
            ("ORDER_BLOCKED", "-452,000.00 CNY"),
            ("MISSING_BILLING", "-339,000.00 CNY"),
        ]


def ship() -> Any:
    return service_order(
        "EXT-1602",
        line("10", "SH-16", "1", price="1000000.00"),
        totals={"tax": "130000.00", "gross": "1130000.00"},
    )
