"""Credits, charges and cents afterwards, on each kind of system."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.ports.step_state import Operation, StepState
from connector.sd_documents.values import DocumentCategory
from connector.sync import requests
from connector.sync.chain import corrections
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.simulated import a_company
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

DAY = date(2026, 3, 2)
ID = "EXT-9001"


def order(**more: Any) -> Any:
    return portal_order(
        ID,
        [line("10", "M-03", "10", price="80.00")],
        ordered_on="2026-03-02",
        customer="C-100",
        requested_delivery_date="2026-03-02",
        totals={"tax": "152.00", "gross": "952.00"},
        **more,
    )


def reported(kind: str, quantity: str, **more: Any) -> Any:
    """Return the order with a credit or a charge that the portal reports."""
    entry = {
        "id": "K1",
        "kind": kind,
        "at": "2026-03-05T09:00:00+01:00",
        "lines": [{"id": "10", "quantity": quantity}],
    }
    return order(returns=[entry], at="09:00", **more)


def released(case: Case) -> None:
    """Let a person check, and release the billing block."""
    application = case.installation.application
    view = case.installation.view(ID)
    [correction] = corrections(view)
    assert correction.billing_block_reason
    requests.release_billing_block(
        application.store,
        application.clock,
        view,
        correction.number,
        by="anna",
        reason="agreed",
    )
    case.until(case.day + timedelta(days=1))


@pytest.mark.parametrize(
    ("profile", "kind", "category", "amount"),
    [
        *((each, "credit", DocumentCategory.CREDIT_MEMO, "-190.40") for each in PROFILES),
        ("ecc", "debit", DocumentCategory.DEBIT_MEMO, "190.40"),
        ("s4-mixed", "debit", DocumentCategory.DEBIT_MEMO, "190.40"),
    ],
)
def test_a_memo_is_billed_when_its_block_is_released(
    tmp_path: Path, profile: str, kind: str, category: DocumentCategory, amount: str
) -> None:
    with a_case(tmp_path, profile, case_plan(profile), DAY) as case:
        case.installation.send(order())
        case.pass_once()
        case.installation.send(reported(kind, "2"))
        case.until(date(2026, 3, 6))
        view = case.installation.view(ID)
        assert not view.holds
        assert len(view.billing_documents) == 1, "somebody checks first"
        assert stage_of(view) is Stage.INVOICED

        released(case)
        view = case.installation.view(ID)
        memo = max(view.billing_documents, key=lambda document: document.number)
        assert memo.category is category
        assert memo.receivable_amount.amount == Decimal(amount)
        assert case.balance() == Decimal("952.00") + Decimal(amount)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("paid", ["951.98", "952.02"])
def test_cents_that_the_company_tolerates_are_written_off(
    tmp_path: Path, profile: str, paid: str
) -> None:
    """The shop rounds otherwise: the payment clears the invoice all the same."""
    payment = {
        "id": "BANK-9",
        "method": "transfer",
        "amount": paid,
        "received_at": "2026-03-04T10:00:00+01:00",
    }
    engine = {"tolerance_amount": "1.00", "tolerance_percent": "1"}
    plan = case_plan(profile)
    with a_case(tmp_path, profile, plan, DAY, engine, sync={"payment_tolerance": "0.05"}) as case:
        case.installation.send(order(payments=[payment]))
        case.until(date(2026, 3, 6))
        view = case.installation.view(ID)
        assert not view.holds
        assert case.balance() == 0
        assert stage_of(view) is Stage.COMPLETED


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("connection lost after call", "BAPI_CUSTOMERRETURN_CREATE"),
        ("connection lost after commit", "BAPI_TRANSACTION_COMMIT"),
        ("client timeout with late commit", "BAPI_TRANSACTION_COMMIT"),
    ],
)
def test_a_failing_line_makes_one_returns_order(tmp_path: Path, fault: str, on: str) -> None:
    with a_company(
        tmp_path,
        day=date(2026, 11, 16),
        channel="portal",
        plan=case_plan("ecc"),
        engine={"active_jobs": frozenset()},
    ) as company:
        sold = portal_order(ID, [line("10", "AC-1000", "5")], requested_delivery_date="2026-11-16")
        company.send(sold)
        for day in range(17, 24):
            company.move_to(date(2026, 11, day))
            company.run()
        assert stage_of(company.view(ID)) is Stage.INVOICED
        company.face.inject(fault, on)
        entry = {
            "id": "R1",
            "at": "2026-11-20T09:00:00+01:00",
            "lines": [{"id": "10", "quantity": "1"}],
        }
        company.send({**sold, "updated_at": "2026-11-20T09:00:00+01:00", "returns": [entry]})
        company.face.release_held()
        for _ in range(5):
            company.simulated.advance(timedelta(minutes=3))
            company.run()
        categories = [d.category for d in company.simulated.sales_documents()]
        assert categories.count("H") == 1
        step = company.view(ID).step(Operation.CREATE_RETURNS_ORDER)
        assert step is not None
        assert step.state is StepState.DONE
