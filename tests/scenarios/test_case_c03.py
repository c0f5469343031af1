"""Worked case C03: three of ten come back, and the payment is net of the credit memo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.sd_documents.values import DocumentCategory, Money
from connector.simulator.engine.specs import DeliveryRef
from connector.sync import requests
from connector.sync.chain import corrections, open_receivables
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

ID = "EXT-3003"
DAY = date(2026, 2, 9)


@contextmanager
def the_case(folder: Path, profile: str, **engine: Any) -> Iterator[Case]:
    plan = case_plan(profile, billing={"wait_days": 1}, returns_delivery={"wait_days": 2})
    with a_case(folder, profile, plan, DAY, engine) as found:
        found.installation.send(order())
        yield found


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with the_case(tmp_path, request.param) as found:
        yield found


def order(**more: Any) -> dict[str, Any]:
    return portal_order(
        ID,
        [line("10", "M-03", "10", price="80.00")],
        ordered_on="2026-02-09",
        customer="C-100",
        requested_delivery_date="2026-02-09",
        totals={"tax": "152.00", "gross": "952.00"},
        **more,
    )


def returned(**more: Any) -> dict[str, Any]:
    """Return the next version of the order, with the return of three."""
    return order(
        returns=[
            {
                "id": "R1",
                "kind": "goods",
                "at": "2026-02-16T09:00:00+01:00",
                "reason": "damaged",
                "lines": [{"id": "10", "quantity": "3"}],
            }
        ],
        at="09:00",
        **more,
    )


def paid() -> dict[str, Any]:
    payment = {
        "id": "BANK-3",
        "method": "transfer",
        "amount": "666.40",
        "received_at": "2026-03-10T10:00:00+01:00",
    }
    return returned(payments=[payment]) | {"updated_at": "2026-02-16T10:00:00+01:00"}


def come_back(case: Case) -> None:
    """Live until the goods are back and the credit memo waits for somebody to check."""
    case.until(date(2026, 2, 15))
    case.until(date(2026, 2, 16))
    case.installation.send(returned())
    case.until(date(2026, 2, 18))
    if not case.plan.returns_delivery.occurs:
        with case.installation.simulated.session("warehouse") as session:
            [correction] = corrections(case.installation.view(ID))
            made = session.create_deliveries([DeliveryRef(correction.number)])
            session.commit()
            session.confirm_delivery(made.number, post_goods_issue=True)
            session.commit()
    case.until(date(2026, 2, 19))


def release(case: Case) -> None:
    """Let a person release the billing block."""
    view = case.installation.view(ID)
    [correction] = corrections(view)
    application = case.installation.application
    requests.release_billing_block(
        application.store,
        application.clock,
        view,
        correction.number,
        by="anna",
        reason="goods checked",
    )
    case.until(date(2026, 2, 20))


def test_the_invoice_is_that_of_the_case(case: Case) -> None:
    case.until(date(2026, 2, 10))
    [invoice] = case.installation.view(ID).billing_documents
    assert invoice.total_amount == Money(amount=Decimal("952.00"), currency="EUR")
    assert case.journal(invoice.accounting_document or "") == [
        ("140000", "952.00", ""),
        ("800000", "", "800.00"),
        ("175000", "", "152.00"),
    ]
    assert invoice.billing_date == date(2026, 2, 10)


def test_the_goods_come_back_at_value_and_the_credit_waits_for_its_block(case: Case) -> None:
    come_back(case)

    view = case.installation.view(ID)
    assert not view.holds
    [correction] = corrections(view)
    assert correction.category is DocumentCategory.RETURNS_ORDER
    assert correction.billing_block_reason == "08"
    [item] = correction.items
    assert item.requested_quantity.value == 3
    assert item.reference is not None
    assert item.reference.document == view.billing_documents[0].number
    if case.plan.returns_delivery.occurs:
        [back] = [d for d in view.deliveries if d.category is DocumentCategory.RETURNS_DELIVERY]
        assert back.actual_goods_issue_date == date(2026, 2, 18)
    assert case.journal("4900000002") == [("792000", "144.00", ""), ("892000", "", "144.00")]
    assert len(view.billing_documents) == 1


def test_one_payment_clears_invoice_and_credit_memo(case: Case) -> None:
    come_back(case)
    release(case)
    view = case.installation.view(ID)
    credit = max(view.billing_documents, key=lambda document: document.number)
    assert credit.category is DocumentCategory.CREDIT_MEMO
    assert credit.billing_date == date(2026, 2, 20)
    assert case.journal(credit.accounting_document or "") == [
        ("140000", "", "285.60"),
        ("800000", "240.00", ""),
        ("175000", "45.60", ""),
    ]
    [line_of_credit] = [i for i in view.items if i.billing_document == credit.number]
    assert line_of_credit.net_due_on == date(2026, 3, 12)

    case.installation.send(paid())
    case.until(date(2026, 3, 10))

    view = case.installation.view(ID)
    assert not view.holds
    assert not open_receivables(view)
    assert case.balance() == 0
    assert stage_of(view) is Stage.COMPLETED
    documents = {i.clearing_document for i in view.items if i.billing_document}
    assert len(documents) == 1
    stock = case.installation.simulated.stock("1000", "M-03")
    assert stock is not None
    assert stock.unrestricted == 93


def test_more_than_was_billed_cannot_come_back(case: Case) -> None:
    come_back(case)
    again = returned()
    again["returns"].append(
        {
            "id": "R2",
            "kind": "goods",
            "at": "2026-02-17T09:00:00+01:00",
            "lines": [{"id": "10", "quantity": "8"}],
        }
    )
    case.installation.send(again | {"updated_at": "2026-02-16T11:00:00+01:00"})
    case.pass_once()
    [hold] = case.installation.view(ID).holds
    assert hold.reason == "RETURN_ABOVE_BILLED"
    assert "8 ST of line 10" in hold.message
    assert "of 10 of" in hold.message and "3 are back already" in hold.message


@pytest.mark.parametrize("profile", PROFILES)
def test_into_blocked_stock_nothing_is_posted_in_accounting(tmp_path: Path, profile: str) -> None:
    """Variant 651: the receipt is not valuated before somebody moves it to own stock."""
    with the_case(tmp_path, profile, returns_movement_type="651") as case:
        come_back(case)
        assert case.installation.simulated.material_document("4900000002") is not None
        assert case.installation.simulated.accounting_document("1000", "4900000002") is None
        stock = case.installation.simulated.stock("1000", "M-03")
        assert stock is not None
        assert (int(stock.unrestricted), int(stock.blocked)) == (90, 3)
