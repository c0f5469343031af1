"""Worked case C05: a partial payment, one with a residual item, and the last one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.sd_documents.payment_state import PaymentState
from connector.sync.payment_states import invoice_payments
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

ID = "EXT-5005"
DAY = date(2026, 3, 1)


def order() -> dict[str, Any]:
    payments = (
        ("BANK-1", "400.00", "2026-03-20", "partial"),
        ("BANK-2", "500.00", "2026-04-10", "residual"),
        ("BANK-3", "290.00", "2026-04-25", ""),
    )
    return portal_order(
        ID,
        [line("10", "M-01", "10", price="100.00")],
        ordered_on="2026-03-01",
        customer="C-100",
        requested_delivery_date="2026-03-01",
        totals={"tax": "190.00", "gross": "1190.00"},
        payments=[
            {
                "id": name,
                "method": "transfer",
                "amount": amount,
                "received_at": f"{day}T10:00:00+01:00",
                "rest": rest,
            }
            for name, amount, day, rest in payments
        ],
    )


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with a_case(tmp_path, request.param, case_plan(request.param), DAY) as found:
        found.installation.send(order())
        found.pass_once()
        yield found


def test_what_the_shop_sees_is_what_is_paid_and_not_what_is_cleared(case: Case) -> None:
    seen = []
    for day in ("2026-03-02", "2026-03-21", "2026-04-11", "2026-04-26"):
        case.until(date.fromisoformat(day))
        view = case.installation.view(ID)
        assert not view.holds
        seen.append(stage_of(view))
    assert seen == [
        Stage.INVOICED,
        Stage.PARTIALLY_PAID,
        Stage.PARTIALLY_PAID,
        Stage.COMPLETED,
    ]


def test_how_far_the_invoice_is_paid_is_told_from_the_clearings(case: Case) -> None:
    case.until(date(2026, 4, 26))
    view = case.installation.view(ID)
    seen = []
    for day in ("2026-03-02", "2026-03-25", "2026-04-15", "2026-04-26"):
        [payment] = invoice_payments(view, date.fromisoformat(day)).values()
        seen.append((payment.state, payment.settled.amount))
    assert seen == [
        (PaymentState.OPEN, Decimal(0)),
        (PaymentState.PARTIALLY_PAID, Decimal("400.00")),
        (PaymentState.PARTIALLY_PAID, Decimal("900.00")),
        (PaymentState.PAID, Decimal("1190.00")),
    ]


def test_each_payment_is_posted_as_in_the_case(case: Case) -> None:
    case.until(date(2026, 4, 26))
    [invoice] = case.installation.view(ID).billing_documents
    assert case.journal(invoice.accounting_document or "") == [
        ("140000", "1190.00", ""),
        ("800000", "", "1000.00"),
        ("175000", "", "190.00"),
    ]
    lines = [sorted(case.journal(f"140000000{n}")) for n in (1, 2, 3)]
    assert lines == [
        [("113100", "400.00", ""), ("140000", "", "400.00")],
        [("113100", "500.00", ""), ("140000", "", "790.00"), ("140000", "290.00", "")],
        [("113100", "290.00", ""), ("140000", "", "290.00")],
    ]


def test_each_key_date_reads_the_same_afterwards(case: Case) -> None:
    case.until(date(2026, 5, 2))
    open_items = case.installation.application.erp.open_items
    found = {
        day: sorted(
            (item.amount.amount, (date.fromisoformat(day) - item.net_due_on).days)
            for item in open_items.customer_items("1000", ["C-100"], date.fromisoformat(day))
            if item.is_open_on(date.fromisoformat(day))
        )
        for day in ("2026-03-25", "2026-04-05", "2026-04-15", "2026-05-01")
    }
    assert found == {
        "2026-03-25": [(Decimal("-400.00"), -6), (Decimal("1190.00"), -6)],
        "2026-04-05": [(Decimal("-400.00"), 5), (Decimal("1190.00"), 5)],
        "2026-04-15": [(Decimal("290.00"), 15)],
        "2026-05-01": [],
    }
    assert case.balance() == 0
