"""Lines of one order that go to different addresses are delivered apart, and billed in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.resources import shipped
from connector.sd_documents.values import total
from tests.scenarios.profiled import Installation, an_installation
from tests.scenarios.worked_cases import ACCOUNTS, Case, case_plan

DAY = date(2026, 11, 16)
STREETS = {"Fährgasse 2", "Woanders 1"}


@pytest.fixture(params=["ecc", "s4-mixed"])
def system(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=["bigcommerce/products-for-two-addresses"])
def sold(request: pytest.FixtureRequest, system: str, tmp_path: Path) -> Iterator[Case]:
    channel, name = request.param.split("/")
    plan = case_plan(system, billing={"wait_days": 0})
    with an_installation(
        tmp_path, system, day=DAY, channel=channel, plan=plan, soap={"options": ACCOUNTS}
    ) as installation:
        case = Case(installation, system, plan, DAY)
        installation.receive(shipped(f"fixtures/orders/{channel}/{name}") / "order.json")
        case.until(DAY + timedelta(days=4))
        yield case


def streets(installation: Installation, order: str) -> set[str]:
    """Return where the simulated ERP sent the deliveries of *order*."""
    return {
        partner.address.street
        for delivery in installation.simulated.deliveries_of(order)
        for partner in delivery.partners
        if partner.function == "WE" and partner.address is not None
    }


def test_each_address_has_a_delivery_of_its_own(sold: Case) -> None:
    [view] = sold.installation.application.store.flows.views([1])
    [order] = view.sales_documents

    assert [hold.message for hold in view.holds] == []
    assert len(view.deliveries) == 2
    assert streets(sold.installation, order.number) == STREETS
    billed = total([each.receivable_amount for each in view.billing_documents], order.currency)
    assert billed == order.total_amount
