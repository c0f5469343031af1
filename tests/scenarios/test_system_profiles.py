"""
One story on each kind of system: over RFC, over OData and SOAP, and over all three.

Worked case C01 has the figures of ``fixtures/finance/c01.yaml`` whichever way its documents went.
What a profile cannot create, somebody in the ERP creates on the day of the case.
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

from connector.bootstrap.application import Application
from connector.bootstrap.demonstration import Wish, expected_holds, prepare, run_days
from connector.bootstrap.reconciliation import run_reconciliation
from connector.resources import shipped
from connector.sync.plan import MadeBy, Plan, load_plan
from connector.sync.progress import Stage, stage_of
from tests.scenarios.profiled import Installation, an_installation, changed

PROFILES = ("ecc", "s4", "s4-mixed")
ORDER_FILE = shipped("fixtures/orders/portal/presales-c01/order.json")
CASE: dict[str, Any] = yaml.safe_load(shipped("fixtures/finance/c01.yaml").read_text("utf-8"))
DAYS: list[date] = [step["day"] for step in CASE["steps"]]
DAY_OF = {name: step["day"] for step in CASE["steps"] for name in step["documents"]}


def plan_on(profile: str) -> Plan:
    """Return the case's plan; over OData alone billing is observed and there is no inquiry."""
    plan = changed(
        load_plan(shipped("config/plans/presales.yaml")),
        quotation={"wait_days": 1},
        sales_order={"wait_days": 2},
        billing={"wait_days": 1},
    ).model_copy(update={"name": "case"})
    if profile != "s4":
        return plan
    return changed(
        plan,
        inquiry={"by": MadeBy.ABSENT},
        quotation={"wait_days": 0},
        billing={"by": MadeBy.OBSERVE},
    )


@pytest.fixture(scope="module", params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, profile: str) -> Iterator[Installation]:
    # Without an inquiry the story begins with the quotation, a day later.
    begins = DAY_OF["quotation" if profile == "s4" else "inquiry"]
    with an_installation(
        tmp_path_factory.mktemp("case"),
        profile,
        day=begins,
        channel="portal",
        plan=plan_on(profile),
        soap={"options": {"cash_discount_account": "880000"}},
    ) as found:
        yield found


def order_file(installation: Installation, profile: str) -> Path:
    """Return the case's order; over OData nobody sets the dates that the ERP schedules itself."""
    if profile == "ecc":
        return ORDER_FILE
    order = json.loads(ORDER_FILE.read_text("utf-8"))
    for line in order["lines"]:
        for entry in line["schedule"]:
            del entry["available_on"], entry["issue_on"]
    file = installation.inbox.parent / "order.json"
    file.write_text(json.dumps(order), "utf-8")
    return file


def live(installation: Installation, profile: str, first: date) -> None:
    """Receive the order, and let each day of the case pass; the ERP's people do their part."""
    installation.receive(order_file(installation, profile))
    day = first
    while day < DAYS[-1]:
        day += timedelta(days=1)
        installation.move_to(day)
        if profile == "s4" and day == DAY_OF["invoice"]:
            installation.simulated.run_job("billing due list")
        installation.run()
    if profile != "ecc":
        # A journal entry clears nothing: the ERP's own run does.
        installation.simulated.run_job("automatic clearing")
        installation.run()


@pytest.fixture(scope="module")
def lived(installation: Installation, profile: str) -> Installation:
    """The case when it is over, for tests that only look at it."""
    live(installation, profile, DAY_OF["quotation" if profile == "s4" else "inquiry"])
    return installation


def test_case_c01_has_its_figures_on_every_system(lived: Installation) -> None:
    view, expected = lived.view("EXT-1001"), CASE["invoice"]

    assert not view.holds
    assert stage_of(view) is Stage.COMPLETED
    [invoice] = view.billing_documents
    assert [
        (str(i.item_number), i.billing_quantity.value, i.net_amount.amount, i.tax_amount.amount)
        for i in invoice.items
    ] == [(n, Decimal(q), Decimal(net), Decimal(tax)) for n, q, net, tax in expected["items"]]
    assert invoice.total_amount.amount == Decimal(expected["gross"])
    assert invoice.billing_date == DAY_OF["invoice"]
    [item] = [found for found in view.items if found.billing_document == invoice.number]
    assert (item.baseline_date, item.net_due_on) == (
        expected["baseline_date"],
        expected["net_due_on"],
    )
    assert item.cleared_on == CASE["clearing"]["day"]
    erp = lived.application.erp
    [balance] = erp.open_items.receivable_balances("1000", DAYS[-1])
    assert balance.balance.amount == Decimal(CASE["closing_receivables"])


def test_case_c01_is_posted_to_the_cent_on_every_system(lived: Installation) -> None:
    for number, expected in CASE["postings"].items():
        document = lived.simulated.accounting_document("1000", number)
        assert document is not None, number
        assert (document.document_type, document.posting_date) == (
            expected["type"],
            expected["day"],
        )
        lines = sorted(
            (line.account, "S" if line.debit else "H", line.amount) for line in document.lines
        )
        assert lines == sorted((a, side, Decimal(value)) for a, side, value in expected["lines"])


def test_case_c01_is_linked_item_by_item_on_every_system(lived: Installation, profile: str) -> None:
    links = {
        (str(link.preceding), str(link.subsequent), link.quantity.value.normalize())
        for link in lived.view("EXT-1001").links
        if link.subsequent.category.value in "BCJM"
    }

    assert links == {
        (before, after, Decimal(quantity).normalize())
        for before, after, category, quantity, _ in CASE["links"]
        if category in "BCJM" and not (profile == "s4" and category == "B")
    }


def test_the_documents_of_the_case_have_their_numbers_and_days(
    lived: Installation, profile: str
) -> None:
    view = lived.view("EXT-1001")
    numbers = {each.number for each in view.sales_documents}
    numbers |= {each.number for each in view.deliveries}
    numbers |= {each.number for each in view.billing_documents}

    created = ("inquiry", "quotation", "sales_order", "delivery", "invoice")
    expected = {
        number
        for step in CASE["steps"]
        for name, number in step["documents"].items()
        if name in created and not (profile == "s4" and name == "inquiry")
    }
    assert numbers == expected
    assert [each.actual_goods_issue_date for each in view.deliveries] == [
        date(2026, 1, 12),
        date(2026, 1, 14),
    ]


def test_the_shipped_orders_end_alike_on_every_system(tmp_path: Path, profile: str) -> None:
    prepared = prepare(tmp_path / "demo", Wish(profile=profile), fresh=True)
    with Application(prepared.settings, prepared.clock) as application:
        days = list(run_days(application))
        run = run_reconciliation(application)
        views = list(application.store.all_views())

    assert days
    holds = {(view.flow.order_name, hold.reason) for view in views for hold in view.holds}
    assert holds == expected_holds()
    assert all(identity.holds for identity in run.identities)
    completed = {
        str(view.flow.order_name): sorted(
            (each.total_amount.amount, each.total_amount.currency)
            for each in view.billing_documents
        )
        for view in views
        if stage_of(view) is Stage.COMPLETED
    }
    assert completed == {name: [total] for name, total in TOTALS.items()}


#: What the shipped orders come to.
TOTALS = {
    "#1101": (Decimal("1206.42"), "EUR"),
    "#1102": (Decimal("125.88"), "EUR"),
    "#1103": (Decimal("528.48"), "EUR"),
    "#1104": (Decimal("1605.31"), "EUR"),
    "#1105": (Decimal("14.89"), "EUR"),
    "#1106": (Decimal("379.25"), "EUR"),
    "#1107": (Decimal("315.00"), "CHF"),
    "#1108": (Decimal("185.31"), "EUR"),
}
