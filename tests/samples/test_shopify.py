"""Real answers of a shop's interface: each order maps or is held; what is no order says so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.problems import HOLD_REASONS
from connector.mappings.reading import read_orders
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of

FILES = sorted((Path(os.environ["SD_CONNECTOR_SAMPLES"]) / "orders/shopify").rglob("*.json"))
#: Messages about something else than orders, by a word in their file name.
NOT_ORDERS = ("draft", "refund", "transaction", "fulfillment", "customer")


def _is_order(path: Path) -> bool:
    return not any(word in path.name for word in NOT_ORDERS)


def _id(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _read(path: Path) -> list[InboundOrder | MessageError]:
    return list(read_orders(profile_of("shopify"), path.read_bytes(), path.name))


def test_there_are_samples() -> None:
    assert [path for path in FILES if _is_order(path)]


@pytest.mark.parametrize("path", [p for p in FILES if _is_order(p)], ids=_id)
def test_every_order_maps_or_is_held_with_a_reason(path: Path) -> None:
    found = _read(path)

    assert found
    for each in found:
        if isinstance(each, MessageError):
            # An answer that was asked for some fields only, or that was shortened in a manual.
            assert "the order lacks" in str(each)
            assert "ask the channel for all of its fields" in str(each)
            continue
        mapped = map_order(each.order, rules_of("shopify"), {DocumentCategory.SALES_ORDER})
        assert mapped.documents or mapped.problems
        for problem in mapped.problems:
            assert problem.code in HOLD_REASONS
            assert len(problem.message) > 20


@pytest.mark.parametrize("path", [p for p in FILES if not _is_order(p)], ids=_id)
def test_what_is_no_order_is_refused_with_what_it_is(path: Path) -> None:
    found = _read(path)

    assert found
    for each in found:
        assert isinstance(each, MessageError)
        assert "not an order (it has" in str(each) or "the order lacks" in str(each)


def test_the_complete_order_of_the_manual_is_held_for_its_refund() -> None:
    path = next(p for p in FILES if p.name == "order-get-orders-450789469-json.json")
    order = _read(path)[0]
    assert isinstance(order, InboundOrder)

    mapped = map_order(order.order, rules_of("shopify"), {DocumentCategory.SALES_ORDER})

    assert "REFUNDED_ORDER" in {problem.code for problem in mapped.problems}
    # Two of its three lines were taken away again; what is left is one of them, with its tax.
    assert [(str(line.quantity), str(line.price)) for line in order.order.lines] == [
        ("1", "199.00")
    ]
