"""Tips, duties and fees of a shop are sold, billed and paid to the cent, without tax."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from connector.resources import shipped
from connector.sd_documents.values import Money, total
from tests.scenarios.test_refunds import SOLD_ON, reconcile
from tests.scenarios.worked_cases import Case, a_shop_case


@pytest.fixture(params=["ecc", "s4-mixed"])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    with a_shop_case(tmp_path, request.param, SOLD_ON) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "gross", "tax"),
    [
        ("tip", "67.28", "10.26"),
        ("duties-collected", "333.50", "0.00"),
        ("additional-fee", "1081.81", "170.81"),
    ],
)
def test_what_the_shop_charges_on_top_is_billed_as_it_was_charged(
    case: Case, name: str, gross: str, tax: str
) -> None:
    case.installation.receive(shipped(f"fixtures/orders/shopify/{name}") / "order.json")
    case.until(SOLD_ON + timedelta(days=5))

    [view] = case.installation.application.store.flows.views([1])
    codes = {each.code.value for each in reconcile(case).breaks}
    assert [hold.message for hold in view.holds] == []
    billed = view.billing_documents
    currency = billed[0].currency
    assert total([each.receivable_amount for each in billed], currency) == Money(
        amount=Decimal(gross), currency=currency
    )
    assert total([each.tax_amount for each in billed], currency).amount == Decimal(tax)
    assert codes == set()
    assert case.balance() == 0
