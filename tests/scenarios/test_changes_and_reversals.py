"""An order changes, an invoice is cancelled, a goods issue taken back: with a simulated ERP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.ports.step_state import Operation, StepState
from connector.resources import shipped
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync import requests
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.simulated import Company, a_company

DAY = date(2026, 11, 16)
ID = "EXT-7001"


def plan() -> Plan:
    """One order, all that follows made by the connector, changes sent."""
    found = load_plan(shipped("config/plans/presales.yaml")).model_dump()
    for name in ("inquiry", "quotation"):
        found[name] = {"by": "absent"}
    return Plan.model_validate({**found, "name": "story"})


@pytest.fixture
def company(tmp_path: Path, profile: str) -> Iterator[Company]:
    with a_company(
        tmp_path,
        day=DAY,
        channel="portal",
        plan=plan(),
        profile=profile,
        engine={"active_jobs": frozenset()},
    ) as found:
        yield found


def order(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return portal_order(ID, lines, **{"requested_delivery_date": "2026-11-30", **more})


def posted(company: Company) -> PostedSalesDocument:
    """Return the order as the ERP has it now."""
    [document] = company.simulated.sales_documents()
    [found] = company.context.erp.sales_documents.read([document.number])
    return found


def test_lines_are_changed_added_and_rejected_in_one_change(company: Company) -> None:
    company.send(order(line("a", "AC-1000", "2"), line("b", "AC-1100", "3")))
    company.send(order(line("b", "AC-1100", "7"), line("c", "AC-1000", "4"), at="09:00", note=""))

    view = company.view(ID)
    assert not view.holds
    items = {i.item_number: i for i in posted(company).items}
    assert items[10].rejection_reason == "01"
    assert items[20].requested_quantity.value == 7
    assert items[30].requested_quantity.value == 4
    assert sum(line.requested_quantity.value for line in items[20].schedule_lines) == 7
    assert [s.state for s in view.steps] == [StepState.DONE, StepState.DONE]


def test_another_day_moves_the_items_with_the_order(company: Company) -> None:
    company.send(order(line("a", "AC-1000", "2")))
    company.send(order(line("a", "AC-1000", "2"), at="09:00", requested_delivery_date="2026-12-14"))
    found = posted(company)
    assert found.requested_delivery_date == date(2026, 12, 14)
    assert found.items[0].schedule_lines[0].requested_delivery_date == date(2026, 12, 14)


def test_another_address_is_that_of_the_ship_to(company: Company) -> None:
    berlin = {"name": "Anna Ott", "street": "Gasse 1", "postal_code": "10115", "city": "Berlin"}
    bremen = {**berlin, "city": "Bremen", "postal_code": "28195"}
    company.send(order(line("a", "AC-1000", "2"), ship_to={**berlin, "country": "DE"}))
    company.send(order(line("a", "AC-1000", "2"), ship_to={**bremen, "country": "DE"}, at="09:00"))
    assert not company.view(ID).holds
    [ship_to] = [p for p in posted(company).partners if p.function.value == "WE"]
    assert ship_to.address is not None
    assert (ship_to.address.city, ship_to.address.postal_code) == ("Bremen", "28195")


def test_below_what_is_delivered_nothing_is_sent(company: Company) -> None:
    company.send(order(line("a", "AC-1000", "5"), requested_delivery_date="2026-11-16"))
    company.move_to(date(2026, 11, 20))
    company.run()
    assert company.view(ID).deliveries
    company.send(order(line("a", "AC-1000", "4"), requested_delivery_date="2026-11-16", at="09:00"))
    assert [hold.reason for hold in company.view(ID).holds] == ["CHANGE_BELOW_DELIVERED"]
    assert posted(company).items[0].requested_quantity.value == 5


def test_a_cancelled_order_is_rejected_in_the_erp(company: Company) -> None:
    company.send(order(line("a", "AC-1000", "2"), line("b", "AC-1100", "3")))
    company.send(
        order(
            line("a", "AC-1000", "2"),
            line("b", "AC-1100", "3"),
            at="09:00",
            cancelled_at="2026-11-16T09:00:00+01:00",
        )
    )
    assert {item.rejection_reason for item in posted(company).items} == {"01"}
    assert stage_of(company.view(ID)) is Stage.CANCELLED


@pytest.mark.parametrize(
    ("fault", "on"),
    [
        ("connection lost before call", "BAPI_SALESORDER_CHANGE"),
        ("connection lost after call", "BAPI_SALESORDER_CHANGE"),
        ("connection lost after commit", "BAPI_TRANSACTION_COMMIT"),
        ("client timeout with late commit", "BAPI_TRANSACTION_COMMIT"),
        ("silent reopen", "BAPI_SALESORDER_CHANGE"),
    ],
)
def test_a_failing_line_makes_the_change_once(company: Company, fault: str, on: str) -> None:
    from datetime import timedelta

    company.send(order(line("a", "AC-1000", "2")))
    company.face.inject(fault, on)
    company.send(order(line("a", "AC-1000", "2"), line("b", "AC-1100", "3"), at="09:00"))
    company.face.release_held()
    for _ in range(4):
        company.simulated.advance(timedelta(minutes=3))
        company.run()
    assert [i.requested_quantity.value for i in posted(company).items] == [2, 3]
    [step] = [s for s in company.view(ID).steps if s.operation is Operation.CHANGE_SALES_ORDER]
    assert step.state is StepState.DONE


def test_an_invoice_is_cancelled_and_billed_again_with_the_books_in_order(
    company: Company,
) -> None:
    invoiced(company)
    [invoice] = company.view(ID).billing_documents
    requests.cancel_billing(
        company.store,
        company.clock,
        company.view(ID),
        plan(),
        invoice.number,
        today=company.context.today(),
        by="anna",
        reason="wrong address",
    )
    company.run()

    view = company.view(ID)
    assert not view.holds
    assert [d.category for d in sorted(view.billing_documents, key=lambda d: d.number)] == [
        DocumentCategory.INVOICE,
        DocumentCategory.INVOICE_CANCELLATION,
        DocumentCategory.INVOICE,
    ]
    [balance] = company.context.erp.open_items.receivable_balances("1000", company.context.today())
    assert balance.balance == invoice.total_amount
    open_lines = [i for i in view.items if i.clearing_document is None]
    assert [line.amount for line in open_lines] == [invoice.total_amount]


def test_a_goods_issue_is_taken_back_and_the_stock_with_it(company: Company) -> None:
    invoiced(company)
    view = company.view(ID)
    [delivery], [invoice] = view.deliveries, view.billing_documents
    asked: dict[str, Any] = {"today": company.context.today(), "by": "anna", "reason": "not loaded"}
    requests.cancel_billing(
        company.store, company.clock, view, plan(), invoice.number, rebill=False, **asked
    )
    company.run()
    requests.reverse_goods_issue(
        company.store, company.clock, company.view(ID), plan(), delivery.number, **asked
    )
    company.run()

    [found] = company.context.erp.deliveries.read([delivery.number])
    assert found.actual_goods_issue_date is None
    assert found.goods_movement_status.value == "A"
    [step] = [s for s in company.view(ID).steps if s.operation is Operation.REVERSE_GOODS_ISSUE]
    assert step.state is StepState.DONE
    moved = [
        link.subsequent.category
        for link in company.view(ID).links
        if link.preceding.document == delivery.number
    ]
    assert DocumentCategory.GOODS_ISSUE_REVERSAL in moved


def invoiced(company: Company) -> None:
    """Take an order up to its invoice."""
    company.send(order(line("a", "AC-1000", "5"), requested_delivery_date="2026-11-16"))
    for day in range(17, 26):
        company.move_to(date(2026, 11, day))
        company.run()
    assert stage_of(company.view(ID)) is Stage.INVOICED
    assert company.view(ID).billing_documents[0].total_amount.amount > Decimal(0)
