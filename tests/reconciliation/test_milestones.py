"""Shares of a billing plan that are not billed yet, date by date, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Finding, Scope, Side
from connector.reconciliation.milestones import milestone_findings
from connector.reconciliation.order_gaps import Remainder
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_plan import BillingPlanDate
from connector.sd_documents.sales_document import PostedSalesDocumentItem
from connector.sd_documents.status import Status
from connector.sd_documents.values import Money, Quantity


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CNY")


def plan(*dates: tuple[str, str, str, Status]) -> tuple[BillingPlanDate, ...]:
    return tuple(
        BillingPlanDate(
            number=n,
            billing_date=date.fromisoformat(day),
            net_amount=money(net),
            billing_block_reason=block,
            billing_status=status,
        )
        for n, (day, net, block, status) in enumerate(dates, start=1)
    )


def rest(dates: tuple[BillingPlanDate, ...], net: str, tax: str) -> Remainder:
    whole = sum((each.net_amount.amount for each in dates), Decimal(0))
    item = PostedSalesDocumentItem(
        item_number=10,
        material="SH-16",
        requested_quantity=Quantity(value=Decimal(1), unit="ST"),
        confirmed_quantity=Quantity(value=Decimal(0), unit="ST"),
        item_category="TAO",
        net_amount=money(str(whole)),
        tax_amount=money("0.00"),
        gross_amount=money(str(whole)),
        cost_amount=money("0.00"),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.PARTIALLY,
        overall_status=Status.PARTIALLY,
        billing_plan=dates,
    )
    share = Decimal(net) / whole
    return Remainder(item, share, Decimal(net), Decimal(tax), Decimal(0))


def opened(_: Remainder, code: BreakCode, quantity: Decimal, **more: Any) -> Finding:
    return Finding(
        code=code,
        identity=1,
        scope=Scope(company_code="4000", currency="CNY"),
        subject="shop 1, item 10",
        keys={"item": "10"},
        outside=Side(what="external order 1"),
        erp=Side(what="sales order 1"),
        quantity_difference=quantity,
        **more,
    )


def told(of: Remainder) -> list[tuple[Any, ...]]:
    found = list(milestone_findings(of, ReconciliationRules(), opened))
    assert len({each.id for each in found}) == len(found)
    return [
        (each.code, each.quantity_difference, each.net, each.tax, str(each.break_on))
        for each in found
    ]


DATES = plan(
    ("2026-05-21", "300.00", "", Status.COMPLETELY),
    ("2026-06-20", "400.00", "02", Status.NOT_YET),
    ("2026-07-20", "300.00", "", Status.NOT_YET),
)


def test_what_is_blocked_waits_for_its_release_and_the_rest_for_its_day() -> None:
    assert told(rest(DATES, "700.00", "91.00")) == [
        (BreakCode.ORDER_BLOCKED, Decimal("0.4"), Decimal("400.00"), Decimal("52.00"),
         "2026-06-23"),
        (BreakCode.MISSING_BILLING, Decimal("0.3"), Decimal("300.00"), Decimal("39.00"),
         "2026-07-23"),
    ]  # fmt: skip


def test_a_past_key_date_shows_the_plan_as_it_was_billed_then() -> None:
    """Everything is billed by now; on the key date only the first share was."""
    billed = tuple(d.model_copy(update={"billing_status": Status.COMPLETELY}) for d in DATES)
    found = told(rest(billed, "700.00", "91.00"))
    assert [(net, day) for _, _, net, _, day in found] == [
        (Decimal("400.00"), "2026-06-23"),
        (Decimal("300.00"), "2026-07-23"),
    ]


def test_shares_of_tax_and_net_add_up_to_what_is_left() -> None:
    dates = plan(*(("2026-05-21", net, "", Status.NOT_YET) for net in ("0.33", "0.33", "0.34")))
    found = told(rest(dates, "1.00", "0.13"))
    assert [(net, tax) for _, _, net, tax, _ in found] == [
        (Decimal("0.33"), Decimal("0.04")),
        (Decimal("0.33"), Decimal("0.04")),
        (Decimal("0.34"), Decimal("0.05")),
    ]
    assert sum(quantity for _, quantity, *_ in found) == 1
