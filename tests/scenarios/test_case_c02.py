"""Worked case C02: over-delivery within tolerance, and the customer pays what was ordered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connector.sd_documents.status import Status
from connector.simulator.engine.specs import DeliveryRef
from tests.scenarios.portal_orders import line, portal_order
from tests.scenarios.worked_cases import PROFILES, Case, a_case, case_plan

ID = "EXT-2002"


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    """The customer's people pick and issue in the ERP; the rest is the connector's."""
    observed = {"by": "observe"}
    plan = case_plan(
        request.param,
        delivery=observed,
        goods_issue=observed,
        billing={"wait_days": 1},
        payment={"differing": "partial"},
    )
    with a_case(tmp_path, request.param, plan, date(2026, 2, 2)) as found:
        yield found


def order() -> dict[str, object]:
    return portal_order(
        ID,
        [line("10", "M-02", "100", price="25.00")],
        ordered_on="2026-02-02",
        customer="C-100",
        requested_delivery_date="2026-02-03",
        totals={"tax": "475.00", "gross": "2975.00"},
        payments=[
            {
                "id": "BANK-1",
                "method": "transfer",
                "amount": "2975.00",
                "received_at": "2026-03-01T10:00:00+01:00",
            }
        ],
    )


def deliver(case: Case, quantity: str) -> str:
    """Deliver *quantity* in the ERP and post its goods issue; returns the message if refused."""
    with case.installation.simulated.session("warehouse") as session:
        [sales_order] = case.installation.view(ID).sales_documents
        made = session.create_deliveries([DeliveryRef(sales_order.number, 10, Decimal(quantity))])
        if not made.accepted:
            return " ".join(f"{m.id} {m.number}" for m in made.messages if m.is_error)
        session.commit()
        session.confirm_delivery(made.number, post_goods_issue=True)
        session.commit()
    return ""


def test_what_is_delivered_is_billed_and_what_was_ordered_is_paid(case: Case) -> None:
    case.installation.send(order())
    case.until(date(2026, 2, 3))
    assert deliver(case, "106") == "VL 363"
    assert deliver(case, "104") == ""
    case.until(date(2026, 2, 4))

    view = case.installation.view(ID)
    [sales_order], [invoice] = view.sales_documents, view.billing_documents
    assert sales_order.items[0].delivery_status is Status.COMPLETELY
    assert invoice.items[0].billing_quantity.value == 104
    assert (invoice.net_amount.amount, invoice.tax_amount.amount) == (
        Decimal("2600.00"),
        Decimal("494.00"),
    )
    assert case.journal(invoice.accounting_document or "") == [
        ("140000", "3094.00", ""),
        ("800000", "", "2600.00"),
        ("175000", "", "494.00"),
    ]

    case.until(date(2026, 3, 2))
    view = case.installation.view(ID)
    assert not view.holds
    [owed] = [item for item in view.items if item.billing_document == invoice.number]
    assert owed.clearing_document is None
    assert case.balance() == Decimal("119.00")
    credit = [
        item
        for item in case.installation.application.erp.open_items.customer_items(
            "1000", ["C-100"], case.day
        )
        if item.amount.amount < 0
    ]
    assert [(c.amount.amount, c.posting_date) for c in credit] == [
        (Decimal("-2975.00"), date(2026, 3, 1))
    ]
    # Where it names its invoice it is due when the invoice is.
    assert credit[0].baseline_date == date(2026, 3, 6)


def test_the_goods_issue_is_posted_at_cost(case: Case) -> None:
    case.installation.send(order())
    case.until(date(2026, 2, 3))
    deliver(case, "104")
    movement = case.installation.simulated.accounting_document("1000", "4900000001")
    assert movement is not None
    assert [(x.account, x.amount, x.debit) for x in movement.lines] == [
        ("892000", Decimal("1456.00"), True),
        ("792000", Decimal("1456.00"), False),
    ]
