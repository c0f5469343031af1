"""Worked case C16: services and milestones are billed from the order, without any delivery."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connector.cli.chain_tree import chain_tree
from connector.resources import shipped
from connector.sd_documents.status import Status
from connector.simulator.engine.billing_plan_specs import BillingPlanDateChange
from connector.simulator.engine.specs import SalesDocumentChange, SalesItemChange
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, a_case

DAY = date(2026, 5, 20)


def plan(name: str, profile: str) -> Plan:
    content = load_plan(shipped(f"config/plans/{name}.yaml")).model_dump() | {"name": "case"}
    if profile == "s4":
        content["billing"]["by"] = "observe"
        for absent in ("debit_memo_request",):
            content[absent]["by"] = "absent"
    return Plan.model_validate(content)


def order(external_id: str, *lines: Any, **more: Any) -> Any:
    return portal_order(
        external_id,
        lines,
        ordered_on="2026-05-20",
        customer="D-01",
        currency="CNY",
        requested_delivery_date="2026-05-20",
        **more,
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_service_hours_are_billed_and_paid_and_never_delivered(
    tmp_path: Path, profile: str
) -> None:
    with a_case(tmp_path, profile, plan("services", profile), DAY) as case:
        case.installation.send(
            order(
                "EXT-1601",
                {**line("10", "SV-16", "16", price="150.00"), "unit": "H"},
                totals={"tax": "144.00", "gross": "2544.00"},
                payments=[
                    {
                        "id": "BANK-16",
                        "method": "transfer",
                        "amount": "2544.00",
                        "received_at": "2026-05-28T10:00:00+01:00",
                    }
                ],
            )
        )
        case.pass_once()
        view = case.installation.view("EXT-1601")
        assert not view.holds
        assert not view.deliveries
        [sales_order], [invoice] = view.sales_documents, view.billing_documents
        assert sales_order.delivery_status is Status.NOT_RELEVANT
        assert case.journal(invoice.accounting_document or "", "4000") == [
            ("140000", "2544.00", ""),
            ("800000", "", "2400.00"),
            ("175000", "", "144.00"),
        ]
        case.until(date(2026, 5, 29))
        assert stage_of(case.installation.view("EXT-1601")) is Stage.COMPLETED
        assert case.balance("4000") == 0


def test_milestones_are_billed_on_their_days_and_a_blocked_one_waits(tmp_path: Path) -> None:
    with a_case(tmp_path, "ecc", plan("milestones", "ecc"), DAY) as case:
        case.installation.send(
            order(
                "EXT-1602",
                line("10", "SH-16", "1", price="1000000.00"),
                totals={"tax": "130000.00", "gross": "1130000.00"},
            )
        )
        case.pass_once()

        view = case.installation.view("EXT-1602")
        assert not view.holds
        [sales_order], [first] = view.sales_documents, view.billing_documents
        assert (first.net_amount.amount, first.tax_amount.amount) == (
            Decimal("300000.00"),
            Decimal("39000.00"),
        )
        plan_dates = sales_order.items[0].billing_plan
        assert [(d.net_amount.amount, d.percent) for d in plan_dates] == [
            (Decimal("300000.00"), Decimal(30)),
            (Decimal("400000.00"), Decimal(40)),
            (Decimal("300000.00"), Decimal(30)),
        ]
        assert "open plan value 791,000.00 CNY" in drawn(view)

        case.until(DAY + timedelta(days=31))
        assert len(case.installation.view("EXT-1602").billing_documents) == 1, "it is blocked"
        with case.installation.simulated.session("QUALITY") as session:
            change = SalesItemChange(10, billing_plan=[BillingPlanDateChange(2, billing_block="")])
            made = session.change_sales_document(
                sales_order.number, SalesDocumentChange(items=[change])
            )
            assert made.accepted, made.messages
            session.commit()
        case.until(DAY + timedelta(days=32))
        amounts = [
            d.total_amount.amount for d in case.installation.view("EXT-1602").billing_documents
        ]
        assert amounts == [Decimal("339000.00"), Decimal("452000.00")]
        case.until(DAY + timedelta(days=61))
        view = case.installation.view("EXT-1602")
        assert sum(d.total_amount.amount for d in view.billing_documents) == Decimal("1130000.00")
        assert not view.holds
        assert "open plan value 0.00 CNY" in drawn(view)


def drawn(view: Any) -> str:
    console = Console(width=200, file=StringIO())
    with console.capture() as captured:
        console.print(chain_tree(view))
    return captured.get()
