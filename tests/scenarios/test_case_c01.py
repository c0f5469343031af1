"""
Worked case C01: quotation, order, two deliveries, one invoice, payment with cash discount.

Connector, RFC face and simulated ERP together, day by day; every figure is in
``fixtures/finance/c01.yaml``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.ports.store_records import EventKind, FlowView
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory, display_number
from connector.sync.context import DiscountBase
from connector.sync.plan import Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.scenarios.simulated import Company, a_company

ORDER_FILE = shipped("fixtures/orders/portal/presales-c01/order.json")
CASE: dict[str, Any] = yaml.safe_load(shipped("fixtures/finance/c01.yaml").read_text("utf-8"))
DAYS = [step["day"] for step in CASE["steps"]]


def case_plan() -> Plan:
    """The presales plan with the waiting days of the case."""
    plan = load_plan(shipped("config/plans/presales.yaml"))
    waits = {"quotation": 1, "sales_order": 2, "billing": 1}
    changed = {
        name: getattr(plan, name).model_copy(update={"wait_days": days})
        for name, days in waits.items()
    }
    return plan.model_copy(update={"name": "case", **changed})


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with a_company(
        tmp_path,
        day=DAYS[0],
        channel="portal",
        plan=case_plan(),
        engine={"active_jobs": frozenset()},
    ) as found:
        yield found


def run_until(company: Company, last: date) -> None:
    """Receive the order and run one pass on each day of the case until *last*."""
    company.receive(ORDER_FILE)
    day = DAYS[0]
    while day < last:
        day += timedelta(days=1)
        company.move_to(day)
        company.run()


@pytest.mark.parametrize("step", CASE["steps"], ids=lambda step: str(step["day"]))
def test_each_day_has_its_document_and_its_statuses(company: Company, step: dict[str, Any]) -> None:
    run_until(company, step["day"])

    view = company.view("EXT-1001")
    assert not view.holds
    assert set(step["documents"].values()) <= numbers_of(view)
    shown = statuses_of(view)
    for number, expected in step["statuses"].items():
        assert {name: shown[number][name] for name in expected} == expected, number


def test_no_document_comes_before_its_day(company: Company) -> None:
    company.receive(ORDER_FILE)
    known: set[str] = set()
    made_on: dict[str, date] = {}
    day = DAYS[0]
    while True:
        for number in numbers_of(company.view("EXT-1001")) - known:
            made_on[number] = day
        known = set(made_on)
        if day == DAYS[-1]:
            break
        day += timedelta(days=1)
        company.move_to(day)
        company.run()

    expected = {
        number: step["day"] for step in CASE["steps"] for number in step["documents"].values()
    }
    assert made_on == expected


def test_the_document_flow_links_every_item_to_its_next(company: Company) -> None:
    run_until(company, DAYS[-1])

    found = {
        (
            str(link.preceding),
            display_number(link.subsequent.document)
            if link.subsequent.category is DocumentCategory.GOODS_MOVEMENT
            else str(link.subsequent),
            link.subsequent.category.value,
            link.quantity.value.normalize(),
        )
        for link in company.view("EXT-1001").links
        if link.subsequent.category is not DocumentCategory.ACCOUNTING_DOCUMENT
    }
    assert found == {
        (before, after, category, Decimal(quantity).normalize())
        for before, after, category, quantity, _ in CASE["links"]
    }
    values = {
        str(link.subsequent): link.net_amount.amount
        for link in company.view("EXT-1001").links
        if link.subsequent.category is DocumentCategory.INVOICE and link.net_amount
    }
    assert values == {after: Decimal(value) for _, after, _, _, value in CASE["links"] if value}


def test_everything_is_posted_to_the_cent(company: Company) -> None:
    run_until(company, DAYS[-1])

    for number, expected in CASE["postings"].items():
        document = company.simulated.accounting_document("1000", number)
        assert document is not None, number
        assert (document.document_type, document.posting_date) == (
            expected["type"],
            expected["day"],
        )
        lines = sorted(
            (line.account, "S" if line.debit else "H", line.amount) for line in document.lines
        )
        assert lines == sorted((a, side, Decimal(value)) for a, side, value in expected["lines"])
    stock = company.simulated.stock(CASE["stock"]["plant"], CASE["stock"]["material"])
    assert stock is not None
    assert stock.unrestricted == Decimal(CASE["stock"]["quantity"])
    assert stock.value == Decimal(CASE["stock"]["value"])


def test_the_invoice_the_discount_and_the_clearing_are_those_of_the_case(company: Company) -> None:
    run_until(company, DAYS[-1])

    view, expected = company.view("EXT-1001"), CASE["invoice"]
    [invoice] = view.billing_documents
    assert [
        (str(i.item_number), i.billing_quantity.value, i.net_amount.amount, i.tax_amount.amount)
        for i in invoice.items
    ] == [(n, Decimal(q), Decimal(net), Decimal(tax)) for n, q, net, tax in expected["items"]]
    assert invoice.total_amount.amount == Decimal(expected["gross"])
    [item] = [found for found in view.items if found.billing_document == invoice.number]
    assert item.baseline_date == expected["baseline_date"]
    assert item.net_due_on == expected["net_due_on"]
    assert (
        item.baseline_date + timedelta(days=item.cash_discount_days_1) == expected["discount_until"]
    )
    assert item.clearing_document == CASE["clearing"]["document"]
    assert item.cleared_on == CASE["clearing"]["day"]
    [balance] = company.context.erp.open_items.receivable_balances("1000", DAYS[-1])
    assert balance.balance.amount == Decimal(CASE["closing_receivables"])
    assert stage_of(view) is Stage.COMPLETED


def test_lead_times_can_be_read_off_the_events(company: Company) -> None:
    run_until(company, DAYS[-1])

    view = company.view("EXT-1001")
    made = {
        event.document: event.at.date()
        for event in company.store.events.of_flow(view.flow.id)
        if event.kind is EventKind.DOCUMENT_CREATED
    }
    issues = sorted(
        event.at.date()
        for event in company.store.events.of_flow(view.flow.id)
        if "goods_movement_status" in event.detail
    )
    paid = made["1000/1400000001/2026"]
    expected = CASE["lead_times"]
    assert (made["0000000001"] - made["0010000001"]).days == expected["inquiry_to_order"]
    assert (issues[0] - made["0000000001"]).days == expected["order_to_first_goods_issue"]
    assert (issues[-1] - made["0000000001"]).days == expected["order_to_last_goods_issue"]
    assert (made["0090000001"] - issues[-1]).days == expected["last_goods_issue_to_billing"]
    assert (paid - made["0090000001"]).days == expected["billing_to_payment"]
    assert (paid - made["0000000001"]).days == expected["order_to_cash"]


def test_the_chain_is_found_by_each_of_its_numbers(company: Company) -> None:
    run_until(company, DAYS[-1])

    wanted = company.view("EXT-1001").flow.id
    for step in CASE["steps"]:
        for number in step["documents"].values():
            assert company.store.flows.find(number) == (wanted,), number
            assert company.store.flows.find(display_number(number)) == (wanted,), number
    for other in ("EXT-1001", "BANK-2026-01-28-1"):
        assert company.store.flows.find(other) == (wanted,)


def test_a_net_discount_base_takes_no_tax_back(tmp_path: Path) -> None:
    """Variant C01a: XSKFN is set, 2 % of 10,000.00 net, payment of 11,700.00."""
    with a_company(
        tmp_path,
        day=DAYS[0],
        channel="portal",
        plan=case_plan(),
        engine={"active_jobs": frozenset(), "cash_discount_base_is_net": True},
        discount_base=DiscountBase.NET,
    ) as company:
        pays(company, tmp_path, "11700.00", "2026-01-28")

        document = company.simulated.accounting_document("1000", "1400000001")
        assert document is not None
        lines = {(line.account, line.amount, line.debit) for line in document.lines}
        assert lines == {
            ("113100", Decimal("11700.00"), True),
            ("880000", Decimal("200.00"), True),
            ("140000", Decimal("11900.00"), False),
        }


def test_a_discount_taken_too_late_holds_the_payment(tmp_path: Path, company: Company) -> None:
    """Variant C01b: paid on day 15, so the discount is not earned and 238.00 are missing."""
    pays(company, tmp_path, "11662.00", "2026-01-30")

    view = company.view("EXT-1001")
    [hold] = view.holds
    assert hold.reason == "PAYMENT_DIFFERS"
    assert "238.00 EUR less" in hold.message
    assert "until 2026-01-29; it was paid on 2026-01-30" in hold.message
    [item] = [found for found in view.items if found.billing_document]
    assert item.clearing_document is None


def pays(company: Company, folder: Path, amount: str, day: str) -> None:
    """Run the case with another payment."""
    order = json.loads(ORDER_FILE.read_text("utf-8"))
    order["payments"][0] |= {"amount": amount, "received_at": f"{day}T10:30:00+01:00"}
    file = folder / "order.json"
    file.write_text(json.dumps(order), "utf-8")
    company.receive(file)
    today = DAYS[0]
    while today < date.fromisoformat(day):
        today += timedelta(days=1)
        company.move_to(today)
        company.run()


def numbers_of(view: FlowView) -> set[str]:
    """Return the numbers of everything in the chain, as in the case."""
    numbers = {document.number for document in view.sales_documents}
    numbers |= {delivery.number for delivery in view.deliveries}
    numbers |= {document.number for document in view.billing_documents}
    numbers |= {
        link.subsequent.document
        for link in view.links
        if link.subsequent.category is DocumentCategory.GOODS_MOVEMENT
    }
    return numbers | {
        item.key.accounting_document for item in view.items if item.document_type == "DZ"
    }


def statuses_of(view: FlowView) -> dict[str, dict[str, str]]:
    """Return the statuses of each document by the names of the case."""
    shown: dict[str, dict[str, str]] = {}
    for document in view.sales_documents:
        shown[document.number] = {
            "overall": document.overall_status.value,
            "delivery": document.delivery_status.value,
            "billing": document.billing_status.value,
            "reference": document.reference_status.value,
        }
    for delivery in view.deliveries:
        shown[delivery.number] = {
            "goods_movement": delivery.goods_movement_status.value,
            "billing": delivery.billing_status.value,
        }
    return shown
