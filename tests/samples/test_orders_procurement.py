"""Examples of cXML and openTRANS: their orders are read, their other messages refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.samples.orders import goods_of, outcome_of

ORDERS = {
    "cxml/CXmlTest__Builder__fixtures__order_request.xml": ("cxml", "myorder-1", "3420.60"),
    "cxml/CXmlTest__Handling__fixtures__order_request.xml": ("cxml", "acme-1-1", "10.00"),
    "cxml/metadata__cxml__samples__OrderRequest.xml": ("cxml", "DO1234", "85.00"),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_adds_up_and_is_held_for_its_buyer(name: str, samples: Path) -> None:
    channel, order_name, goods = ORDERS[name]

    found = outcome_of(channel, samples / "orders" / name)

    assert found.refused == ()
    assert [order.order_name for order in found.orders] == [order_name]
    assert goods_of(found.orders[0]) == Decimal(goods) == found.orders[0].totals.lines
    assert "UNKNOWN_CUSTOMER" in found.codes
    assert "TOTALS_DO_NOT_ADD_UP" not in found.codes


def test_an_order_without_real_values_is_held_for_its_sum(samples: Path) -> None:
    # The standard's own example: its fields hold the letter a, its prices are not its total.
    path = samples / "orders/opentrans/sample_order_opentrans_2_1_xml_signature.xml"

    found = outcome_of("opentrans", path)

    assert [order.order_name for order in found.orders] == ["OID1"]
    assert {"UNKNOWN_CUSTOMER", "TOTALS_DO_NOT_ADD_UP"} <= found.codes


@pytest.mark.parametrize("channel", ["cxml", "opentrans"])
def test_all_other_messages_are_refused_with_what_they_are(channel: str, samples: Path) -> None:
    others = [p for p in (samples / "orders" / channel).iterdir() if "order_" not in p.name]
    others = [p for p in others if p.name != "metadata__cxml__samples__OrderRequest.xml"]
    assert others

    for path in others:
        found = outcome_of(channel, path)
        assert found.mapped == ()
        assert all("not an order" in said for said in found.refused)
