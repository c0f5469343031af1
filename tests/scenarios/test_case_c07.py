"""Worked case C07: one order and one delivery, two payers, two invoices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.sd_documents.status import Status
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

ID = "EXT-7007"


def order(**more: Any) -> dict[str, Any]:
    return portal_order(
        ID,
        [
            line("10", "M-07", "40", price="12.50", payer="P-701"),
            line("20", "M-07", "60", price="12.50", payer="P-702"),
        ],
        ordered_on="2026-03-09",
        customer="S-700",
        requested_delivery_date="2026-03-09",
        totals={"tax": "237.50", "gross": "1487.50"},
        **more,
    )


def two_invoices(case: Case) -> None:
    case.installation.send(order())
    case.pass_once()
    case.pass_once()


@pytest.mark.parametrize("profile", PROFILES)
def test_each_payer_gets_an_invoice(tmp_path: Path, profile: str) -> None:
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 3, 9)) as case:
        two_invoices(case)

        view = case.installation.view(ID)
        assert not view.holds
        [delivery] = view.deliveries
        assert delivery.billing_status is Status.COMPLETELY
        assert {
            d.payer: (d.net_amount.amount, d.tax_amount.amount) for d in view.billing_documents
        } == {
            "P-701": (Decimal("500.00"), Decimal("95.00")),
            "P-702": (Decimal("750.00"), Decimal("142.50")),
        }
        assert {d.billing_date for d in view.billing_documents} == {date(2026, 3, 9)}
        assert case.balance() == Decimal("1487.50")
        open_items = case.installation.application.erp.open_items
        assert open_items.customer_items("1000", ["S-700"], case.day) == ()


@pytest.mark.parametrize("profile", PROFILES)
def test_each_payment_clears_the_invoice_of_its_payer(tmp_path: Path, profile: str) -> None:
    """Two payments of the same day: each belongs where its payer owes."""
    with a_case(tmp_path, profile, case_plan(profile), date(2026, 3, 9)) as case:
        two_invoices(case)
        payments = [
            {
                "id": f"BANK-{payer}",
                "method": "transfer",
                "amount": amount,
                "payer": payer,
                "received_at": "2026-03-20T10:00:00+01:00",
            }
            for payer, amount in (("P-702", "892.50"), ("P-701", "595.00"))
        ]
        case.installation.send(order(payments=payments, at="09:00"))
        case.until(date(2026, 3, 21))

        view = case.installation.view(ID)
        assert not view.holds
        assert stage_of(view) is Stage.COMPLETED
        assert case.balance() == 0
        assert {i.customer: i.cleared_on for i in view.items if i.billing_document} == {
            "P-701": date(2026, 3, 20),
            "P-702": date(2026, 3, 20),
        }
