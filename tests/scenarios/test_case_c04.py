"""Worked case C04: yen without and dinars with three decimals, prices per hundred."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, a_case, case_plan

DAY = date(2026, 2, 16)


def order(external_id: str, customer: str, currency: str, *lines: Any, **more: Any) -> Any:
    return portal_order(
        external_id,
        lines,
        ordered_on="2026-02-16",
        customer=customer,
        currency=currency,
        requested_delivery_date="2026-02-16",
        **more,
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_yen_are_billed_and_paid_without_decimals(tmp_path: Path, profile: str) -> None:
    with a_case(tmp_path, profile, case_plan(profile), DAY) as case:
        case.installation.send(
            order(
                "EXT-4001",
                "JP-400",
                "JPY",
                line("10", "JPY-01", "3", price="333"),
                line("20", "JPY-01", "7", price="12345", price_per="100"),
                totals={"tax": "186", "gross": "2049"},
                payments=[
                    {
                        "id": "BANK-JP",
                        "method": "transfer",
                        "amount": "2049",
                        "received_at": "2026-02-27T10:00:00+01:00",
                    }
                ],
            )
        )
        case.pass_once()
        case.until(date(2026, 2, 27))

        view = case.installation.view("EXT-4001")
        assert not view.holds
        [invoice] = view.billing_documents
        assert [(i.net_amount.amount, i.tax_amount.amount) for i in invoice.items] == [
            (Decimal(999), Decimal(100)),
            (Decimal(864), Decimal(86)),
        ]
        assert invoice.total_amount.amount == Decimal(2049)
        assert invoice.billing_date == DAY
        assert case.journal(invoice.accounting_document or "", "2000") == [
            ("140000", "2049", ""),
            ("800000", "", "1863"),
            ("175000", "", "186"),
        ]
        [owed] = [item for item in view.items if item.billing_document == invoice.number]
        assert owed.amount.amount == Decimal(2049)
        assert owed.cleared_on == date(2026, 2, 27)
        assert case.balance("2000") == 0
        assert stage_of(view) is Stage.COMPLETED


@pytest.mark.parametrize("profile", PROFILES)
def test_dinars_have_three_decimals(tmp_path: Path, profile: str) -> None:
    with a_case(tmp_path, profile, case_plan(profile), DAY) as case:
        case.installation.send(
            order(
                "EXT-4002",
                "KW-400",
                "KWD",
                line("10", "KWD-01", "7", price="1.235"),
                {**line("20", "KWD-02", "333", price="12.345", price_per="100"), "unit": "KG"},
                totals={"tax": "0.000", "gross": "49.754"},
            )
        )
        case.pass_once()
        case.until(date(2026, 2, 20))

        view = case.installation.view("EXT-4002")
        assert not view.holds
        [invoice] = view.billing_documents
        assert [(i.net_amount.amount, i.tax_amount.amount) for i in invoice.items] == [
            (Decimal("8.645"), Decimal("0.000")),
            (Decimal("41.109"), Decimal("0.000")),
        ]
        assert case.balance("3000") == Decimal("49.754")
