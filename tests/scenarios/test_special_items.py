"""Free goods, third-party items and money that comes early, on each kind of system."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from connector.cli.chain_tree import chain_tree
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.specs import OpenItemRef
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

DAY = date(2026, 3, 2)


def order(external_id: str, *lines: Any, customer: str = "C-100", **more: Any) -> Any:
    return portal_order(
        external_id,
        lines,
        ordered_on="2026-03-02",
        customer=customer,
        requested_delivery_date="2026-03-02",
        **more,
    )


def drawn(case: Case, external_id: str) -> str:
    """Return the chain as `sd-connector flow` draws it."""
    console = Console(width=200, file=StringIO())
    with console.capture() as captured:
        console.print(chain_tree(case.installation.view(external_id)))
    return captured.get()


@pytest.mark.parametrize("profile", PROFILES)
def test_what_the_erp_gives_free_is_delivered_and_costs_nothing(
    tmp_path: Path, profile: str
) -> None:
    """Five of the article bring one gift along: an item that nobody ordered."""
    with a_case(tmp_path, profile, case_plan(profile), DAY) as case:
        case.installation.send(
            order(
                "EXT-8001",
                line("10", "FG-02", "10", price="15.00"),
                totals={"tax": "28.50", "gross": "178.50"},
            )
        )
        case.pass_once()
        case.pass_once()
        view = case.installation.view("EXT-8001")
        assert not view.holds
        [sales_order] = view.sales_documents
        assert [(i.material, i.requested_quantity.value) for i in sales_order.items] == [
            ("FG-02", Decimal(10)),
            ("FG-03", Decimal(2)),
        ]
        [delivery] = view.deliveries
        assert {i.material: i.delivery_quantity.value for i in delivery.items} == {
            "FG-02": Decimal(10),
            "FG-03": Decimal(2),
        }
        assert view.billing_documents[0].total_amount.amount == Decimal("178.50")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_purchase_order_of_a_third_party_stands_in_the_chain(
    tmp_path: Path, profile: str
) -> None:
    """The vendor delivers to the customer; the order is billed once the vendor has billed."""
    plan = case_plan(profile, billing={"by": "observe"})
    with a_case(tmp_path, profile, plan, DAY) as case:
        case.installation.send(order("EXT-8002", line("10", "TP-1000", "4"), customer="1001"))
        case.installation.run()
        [sales_order] = case.installation.view("EXT-8002").sales_documents
        posted = case.installation.simulated.sales_document(sales_order.number)
        assert posted is not None
        with case.installation.simulated.session("PURCHASING") as session:
            requisition = posted.items[0].schedule_lines[0].requisition
            purchase = session.create_purchase_orders([requisition]).number
            session.commit()
            session.post_third_party_receipt(purchase, 10)
            session.post_vendor_invoice(purchase, 10)
            session.commit()
        case.until(date(2026, 3, 4))

        view = case.installation.view("EXT-8002")
        assert not view.holds
        assert not view.deliveries
        assert [d.items[0].billing_quantity.value for d in view.billing_documents] == [4]
        if profile != "s4":
            followers = {(x.subsequent.category, x.subsequent.document) for x in view.links}
            assert (DocumentCategory.PURCHASE_ORDER, purchase) in followers
            assert f"Purchase order {purchase.lstrip('0')}" in drawn(case, "EXT-8002")


def prepaid(before_invoice: str, profile: str) -> Plan:
    content = load_plan(shipped("config/plans/prepayment.yaml")).model_dump()
    content["payment"]["before_invoice"] = before_invoice
    content["delivery"]["wait_days"] = 5
    if profile == "s4":
        content["billing"]["by"] = "observe"
    return Plan.model_validate({**content, "name": "case"})


def paid_at_once() -> Any:
    return order(
        "EXT-8003",
        line("10", "M-01", "1", price="100.00"),
        totals={"tax": "19.00", "gross": "119.00"},
        payments=[
            {
                "id": "BANK-8",
                "method": "transfer",
                "amount": "119.00",
                "received_at": "2026-03-02T10:00:00+01:00",
            }
        ],
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_money_on_account_before_the_invoice_is_cleared_with_it(
    tmp_path: Path, profile: str
) -> None:
    with a_case(tmp_path, profile, prepaid("on account", profile), DAY) as case:
        case.installation.send(paid_at_once())
        case.pass_once()
        assert case.balance() == Decimal("-119.00"), "the money is in the books at once"
        assert not case.installation.view("EXT-8003").billing_documents
        case.until(date(2026, 3, 10))
        case.installation.simulated.run_job("automatic clearing")
        case.until(date(2026, 3, 12))

        view = case.installation.view("EXT-8003")
        assert not view.holds
        assert case.balance() == 0
        assert stage_of(view) is Stage.COMPLETED


@pytest.mark.parametrize("profile", PROFILES)
def test_a_down_payment_stands_on_its_own_account_until_it_is_cleared(
    tmp_path: Path, profile: str
) -> None:
    with a_case(tmp_path, profile, prepaid("down payment", profile), DAY) as case:
        case.installation.send(paid_at_once())
        case.pass_once()
        assert case.balance() == 0
        assert paid_down(case) == Decimal("-119.00")
        case.until(date(2026, 3, 10))
        view = case.installation.view("EXT-8003")
        assert not view.holds
        assert stage_of(view) is Stage.INVOICED
        assert case.balance() == Decimal("119.00")

        transfer(case)
        case.until(date(2026, 3, 13))
        assert not case.balance() and not paid_down(case)
        assert stage_of(case.installation.view("EXT-8003")) is Stage.COMPLETED


def paid_down(case: Case) -> Decimal:
    """Return what stands on the account of down payments."""
    items = case.installation.simulated.open_items("1000", "C-100")
    return sum((item.amount for item in items if item.line.special_gl == "A"), Decimal(0))


def transfer(case: Case) -> None:
    """Let somebody in the ERP clear the invoice with the down payment (F-39)."""
    [invoice] = case.installation.view("EXT-8003").billing_documents
    [payment] = [
        item
        for item in case.installation.simulated.open_items("1000", "C-100")
        if item.line.special_gl == "A"
    ]
    assert invoice.accounting_document is not None
    with case.installation.simulated.session("CLERK") as session:
        made = session.clear_down_payments(
            DownPaymentSpec(
                company_code="1000",
                customer="C-100",
                invoice=OpenItemRef(invoice.accounting_document),
                down_payments=[OpenItemRef(payment.accounting_document)],
            )
        )
        assert made.accepted, made.messages
        session.commit()
