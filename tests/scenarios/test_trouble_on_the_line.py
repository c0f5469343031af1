"""
Whatever the line or the ERP does to a call, each order ends as one chain of documents.

Connector and simulated ERP in one process, joined by the RFC face, whose faults are those of a
real RFC library and of a real application server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from connector.errors import LogonRefusedError
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import EventKind
from connector.resources import shipped
from connector.sync.actions import retry
from connector.sync.progress import Stage, stage_of
from tests.scenarios.simulated import Company, a_company

ORDER = shipped("fixtures/orders/demo-shopify/1101-touring-bicycle.json")
EXTERNAL_ID = "6100000102313"
DAY = date(2026, 11, 16)
CREATE = "BAPI_SALESORDER_CREATEFROMDAT2"
COMMIT = "BAPI_TRANSACTION_COMMIT"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with a_company(tmp_path, day=DAY) as found:
        yield found


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("connection lost before call", CREATE),
        ("connection lost after call", CREATE),
        ("connection lost between create and commit", CREATE),
        ("connection lost after commit", COMMIT),
        ("silent reopen", CREATE),
        ("client timeout with late commit", COMMIT),
        ("short dump", CREATE),
        ("short dump", COMMIT),
        ("erp restarting", ""),
        ("no free session", ""),
    ],
)
def test_a_failing_line_leaves_one_order(company: Company, fault: str, on: str) -> None:
    company.face.inject(fault, on)
    company.receive(ORDER)
    company.simulated.advance(timedelta(minutes=1))
    company.run()
    company.face.release_held()
    _settle(company)
    assert _orders(company) == 1
    assert stage_of(company.view(EXTERNAL_ID)) is Stage.COMPLETED


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("document locked", "create sales document"),
        ("short dump", "create sales document"),
        ("update terminated after commit", "commit"),
        ("commit delayed until released", "commit"),
    ],
)
def test_a_failing_erp_leaves_one_order(company: Company, fault: str, on: str) -> None:
    company.simulated.faults.inject(fault, on)
    company.receive(ORDER)
    company.simulated.release_updates()
    _settle(company)
    assert _orders(company) == 1
    assert stage_of(company.view(EXTERNAL_ID)) is Stage.COMPLETED


@pytest.mark.parametrize(("fault", "row"), [("return E", "E"), ("return A", "A")])
def test_a_refusal_holds_with_the_erps_words_until_somebody_retries(
    company: Company, fault: str, row: str
) -> None:
    company.simulated.faults.inject(fault, "create sales document")
    company.receive(ORDER)
    view = company.view(EXTERNAL_ID)
    [hold] = view.holds
    assert f"({row} " in hold.message
    assert _orders(company) == 0

    retry(company.store, company.clock, view.flow.id, by="anna")
    _settle(company)
    assert _orders(company) == 1


def test_a_termination_message_holds_the_order_and_posts_nothing(company: Company) -> None:
    company.face.inject("message a", CREATE)
    company.receive(ORDER)
    view = company.view(EXTERNAL_ID)
    assert len(view.holds) == 1
    retry(company.store, company.clock, view.flow.id, by="anna")
    _settle(company)
    assert _orders(company) == 1


def test_a_number_whose_update_was_terminated_is_not_believed(company: Company) -> None:
    """The create named a number, the commit said yes, the update died: there is no order."""
    company.simulated.faults.inject("update terminated after commit", "commit")
    company.receive(ORDER)
    step = company.view(EXTERNAL_ID).step(Operation.CREATE_SALES_ORDER)
    assert step is not None
    assert step.state is StepState.IN_DOUBT
    lost = step.provisional_numbers
    _settle(company)
    done = company.view(EXTERNAL_ID).step(Operation.CREATE_SALES_ORDER)
    assert done is not None
    assert done.state is StepState.DONE
    assert done.numbers != lost


def test_a_wrong_password_is_tried_once_and_parks_nothing(tmp_path: Path) -> None:
    users = {"connector": SecretStr("right")}
    with a_company(tmp_path, day=DAY, face={"users": users}) as company:
        for _ in range(3):
            with pytest.raises(LogonRefusedError):
                company.receive(ORDER)
        assert not company.view(EXTERNAL_ID).steps
        # Three passes, three tries: one more would be needed by each further thread.
        users["connector"] = SecretStr("x")
        company.run()
        assert _orders(company) == 1


def test_an_erp_that_is_gone_costs_no_attempt_and_parks_nothing(company: Company) -> None:
    company.face.inject("connection refused", times=500)
    for _ in range(5):
        summary = company.receive(ORDER)
        assert summary.erp_problem
        company.simulated.advance(timedelta(hours=1))
    view = company.view(EXTERNAL_ID)
    assert not view.holds
    assert not view.steps
    company.face.faults.clear()
    _settle(company)
    assert stage_of(company.view(EXTERNAL_ID)) is Stage.COMPLETED
    kinds = [event.kind for event in company.store.events.of_flow(view.flow.id)]
    assert EventKind.STEP_WAITS not in kinds


def _settle(company: Company) -> None:
    """Let time pass and the ERP's jobs run until nothing moves any more."""
    for _ in range(8):
        company.simulated.advance(timedelta(minutes=3))
        company.run()
    for _ in range(3):
        company.simulated.advance(timedelta(days=1))
        company.simulated.tick()
        company.run()


def _orders(company: Company) -> int:
    return len(list(company.simulated.sales_documents()))
