"""Messages of the shop's documentation: orders are held with a reason, the rest is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.orders import goods_of, outcome_of

#: Which orders each file holds, with the total that it states.
ORDERS = {
    "orders--http-request.json": {"727": "29.35"},
    "orders--http-request2.json": {"727": "29.35"},
    "orders--http-request3.json": {"727": "29.35", "723": "39.00"},
    "orders--http-request4.json": {"727": "29.35"},
    "orders--http-request5.json": {"727": "29.35"},
}
REFUSED = {
    "orders--http-request6.json": "a batch of changes, not an order",
    "order-refunds--http-request.json": "a refund, not an order",
    "order-refunds--http-request2.json": "a refund, not an order",
    "order-refunds--http-request3.json": "a refund, not an order",
    "order-refunds--http-request4.json": "a refund, not an order",
    "customers--http-request.json": "a customer, not an order",
}


def test_every_file_is_known(samples: Path) -> None:
    files = {path.name for path in (samples / "orders/woocommerce").iterdir()}

    assert files == set(ORDERS) | set(REFUSED)


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_adds_up_and_waits_for_its_skus(name: str, samples: Path) -> None:
    found = outcome_of("woocommerce", samples / "orders/woocommerce" / name)

    assert found.refused == ()
    assert {o.external_id: str(o.totals.grand_total) for o in found.orders} == ORDERS[name]
    assert "UNKNOWN_SKU" in found.codes
    assert "TOTALS_DO_NOT_ADD_UP" not in found.codes


def test_lines_shipping_and_tax_are_those_of_the_message(samples: Path) -> None:
    path = samples / "orders/woocommerce/orders--http-request.json"

    order = outcome_of("woocommerce", path).orders[0]

    assert goods_of(order) == Decimal("18.00")
    assert [shipping.price for shipping in order.shipping] == [Decimal("10.00")]
    assert [[(tax.rate, tax.amount) for tax in line.taxes] for line in order.lines] == [
        [(Decimal("0.075"), Decimal("0.45"))],
        [(Decimal("0.075"), Decimal("0.9"))],
    ]


def test_a_refunded_order_is_held_for_it(samples: Path) -> None:
    found = outcome_of("woocommerce", samples / "orders/woocommerce/orders--http-request3.json")

    assert "REFUNDED_ORDER" in {problem.code for problem in found.mapped[1].problems}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_order_is_refused_with_what_it_is(name: str, samples: Path) -> None:
    found = outcome_of("woocommerce", samples / "orders/woocommerce" / name)

    assert found.mapped == ()
    assert all(REFUSED[name] in said for said in found.refused)
