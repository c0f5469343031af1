"""What a shop pays back becomes credits in the ERP; money and credits tie out to the cent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connector.bootstrap.reconciliation import run_reconciliation
from connector.reconciliation.report import ReconciliationRun
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from connector.sync import requests
from connector.sync.chain import corrections
from tests.scenarios.worked_cases import Case, a_shop_case

PROFILES = ("ecc", "s4-mixed")
SOLD_ON, REFUNDED_ON = date(2026, 11, 16), date(2026, 11, 19)
RETURNS, CREDIT = DocumentCategory.RETURNS_ORDER, DocumentCategory.CREDIT_MEMO_REQUEST


def refunded(name: str) -> dict[str, Any]:
    """Return one of the shipped orders, as the shop sends it after the refund."""
    text = (shipped(f"fixtures/orders/shopify/{name}") / "order.json").read_text("utf-8")
    message: dict[str, Any] = json.loads(text)
    message["order"]["updated_at"] = "2026-11-19T10:00:00+01:00"
    return message


def as_sold(name: str) -> dict[str, Any]:
    """Return the same order before anything of it was paid back."""
    message = refunded(name)
    order = message["order"]
    order.update(refunds=[], financial_status="paid", updated_at="2026-11-16T10:00:00+01:00")
    order.update(current_total_price=order["total_price"], current_total_tax=order["total_tax"])
    for field in ("current_total_price_set", "current_total_tax_set"):
        order.pop(field, None)
    for line in order["line_items"]:
        line["current_quantity"] = line["quantity"]
    return message


@pytest.fixture(params=PROFILES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with a_shop_case(tmp_path, request.param, SOLD_ON) as found:
        yield found


def view_of(case: Case, name: str) -> Any:
    return case.installation.view(str(refunded(name)["order"]["id"]))


def sell_and_refund(case: Case, name: str) -> None:
    """The order is delivered, billed and paid before the shop pays back."""
    case.installation.send(as_sold(name))
    case.until(REFUNDED_ON)
    view = view_of(case, name)
    assert not view.holds
    assert [each.category for each in view.billing_documents] == [DocumentCategory.INVOICE]
    assert case.balance() == 0
    case.installation.send(refunded(name))
    case.until(REFUNDED_ON + timedelta(days=2))


def release(case: Case, name: str) -> None:
    """A person has checked the credits; they are billed."""
    application, view = case.installation.application, view_of(case, name)
    for each in corrections(view):
        requests.release_billing_block(
            application.store, application.clock, view, each.number, by="anna", reason="checked"
        )
        case.until(case.day + timedelta(days=1))
    case.until(case.day + timedelta(days=2))


def reconcile(case: Case) -> ReconciliationRun:
    return run_reconciliation(case.installation.application, case.day, dry=True)


@pytest.mark.parametrize(
    ("name", "made", "amounts"),
    [
        ("goodwill-without-lines", [CREDIT], ["5.00"]),
        ("refund-for-goods-that-stay", [CREDIT], ["118.76"]),
        ("refund-of-returned-goods-and-shipping", [CREDIT, RETURNS], ["2.45", "59.38"]),
    ],
)
def test_a_refund_becomes_credits_of_the_same_amount(
    case: Case, name: str, made: list[DocumentCategory], amounts: list[str]
) -> None:
    sell_and_refund(case, name)
    view = view_of(case, name)
    assert [hold.message for hold in view.holds] == []
    found = sorted((each.category, each.total_amount.amount) for each in corrections(view))
    assert found == sorted(zip(made, map(Decimal, amounts), strict=True))
    codes = [each.code.value for each in reconcile(case).breaks]
    assert "REFUND_WITHOUT_CREDIT" not in codes

    release(case, name)

    run = reconcile(case)
    assert [f"{each.code.value} {each.difference} {each.text}" for each in run.breaks] == []
    assert case.balance() == -sum(map(Decimal, amounts))
