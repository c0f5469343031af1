"""Answers of Amazon's interfaces: four profiles read theirs, and send the others on."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.orders import goods_of, outcome_of

#: Which profile reads a file, and the order and its lines' value in it.
ORDERS = {
    "orders_2026-01-01--getOrder--200-0.json": ("amazon-2026", "202-1234567-8901234", "89.97"),
    "orders_2026-01-01--searchOrders--200-0.json": ("amazon-2026", "123-4567890-1234567", "149.97"),
    "vendorDirectFulfillmentOrdersV1--getOrder--200-0.json": (
        "amazon-direct", "2JK3S9VC", "1900.00"),
    "vendorDirectFulfillmentOrdersV1--getOrders--200-0.json": (
        "amazon-direct", "2JK3S9VC", "1900.00"),
    "vendorDirectFulfillmentOrders_2021-12-28--getOrder--200-0.json": (
        "amazon-direct", "2JK3S9VC", "1900.00"),
    "vendorDirectFulfillmentOrders_2021-12-28--getOrders--200-1.json": (
        "amazon-direct", "2JK3S9VC", "1900.00"),
    "vendorOrders--getPurchaseOrder--200-0.json": ("amazon-vendor", "TestPO3", "500.00"),
    # Cases of ten at a cost per pound, which is no price of a piece.
    "vendorOrders--getPurchaseOrders--200-0.json": ("amazon-vendor", "L8266355", "0"),
}  # fmt: skip
#: What the profile of the marketplace says of a file that it does not read.
REFUSED = {
    "ordersV0--getOrder--200-0.json": "the order lacks OrderItems",
    "ordersV0--getOrderAddress--200-0.json": "the order lacks PurchaseDate",
    "ordersV0--getOrderBuyerInfo--200-0.json": "the order lacks PurchaseDate",
    "ordersV0--getOrderItems--200-0.json": "the order lacks PurchaseDate, OrderStatus",
    "ordersV0--getOrderItemsBuyerInfo--200-0.json": "the buyer's wishes for an item",
    "ordersV0--getOrderRegulatedInfo--200-0.json": "the order lacks PurchaseDate",
    "ordersV0--getOrderRegulatedInfo--200-1.json": "the order lacks PurchaseDate",
    "ordersV0--getOrderRegulatedInfo--200-2.json": "the order lacks PurchaseDate",
    "ordersV0--getOrders--200-0.json": "a list of orders without their items",
    "vendorDirectFulfillmentOrders_2021-12-28--getOrders--200-0.json": "an empty page of a list",
    "vendorOrders--submitAcknowledgement--202-0.json": "the receipt for an acknowledgement",
}


def test_every_file_is_known(samples: Path) -> None:
    files = {path.name for path in (samples / "orders/amazon").iterdir()}

    assert files == set(ORDERS) | set(REFUSED)


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_is_read_whole_and_waits_for_its_articles(name: str, samples: Path) -> None:
    channel, order_id, goods = ORDERS[name]

    found = outcome_of(channel, samples / "orders/amazon" / name)

    assert found.refused == ()
    assert [order.external_id for order in found.orders] == [order_id]
    assert goods_of(found.orders[0]) == Decimal(goods)
    assert "UNKNOWN_SKU" in found.codes
    assert "TOTALS_DO_NOT_ADD_UP" not in found.codes


def test_the_parts_of_an_order_are_its_total(samples: Path) -> None:
    path = samples / "orders/amazon/orders_2026-01-01--searchOrders--200-0.json"

    order = outcome_of("amazon-2026", path).orders[0]

    assert [(charge.kind, charge.amount) for charge in order.charges] == [
        ("DELIVERY_TIP", Decimal("5.00"))
    ]
    assert order.totals.tax == Decimal("0.02")
    assert order.totals.grand_total == Decimal("154.99")


def test_cases_are_counted_in_pieces(samples: Path) -> None:
    path = samples / "orders/amazon/vendorOrders--getPurchaseOrders--200-0.json"

    line = outcome_of("amazon-vendor", path).orders[0].lines[0]

    assert line.quantity == 20
    assert line.price is None


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_order_is_refused_with_what_it_is(name: str, samples: Path) -> None:
    found = outcome_of("amazon", samples / "orders/amazon" / name)

    assert found.mapped == ()
    assert all(REFUSED[name] in said for said in found.refused)


@pytest.mark.parametrize("name", ORDERS)
def test_the_marketplace_s_profile_sends_other_orders_on(name: str, samples: Path) -> None:
    found = outcome_of("amazon", samples / "orders/amazon" / name)

    assert found.mapped == ()
    assert all(ORDERS[name][0] in said for said in found.refused)
