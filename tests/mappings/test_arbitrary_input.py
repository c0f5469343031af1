"""Whatever bytes arrive: orders or errors that say what is wrong, never anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of

CHANNELS = tuple(sorted(path.stem for path in shipped("config/channels").glob("*.yaml")))
ORDER = (DocumentCategory.SALES_ORDER,)

ORDERS = shipped("fixtures/orders")
EXAMPLES = {
    channel: [path.read_bytes() for path in sorted((ORDERS / channel).glob("*/order.*"))]
    for channel in CHANNELS
}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def run(channel: str, content: bytes) -> list[InboundOrder | MessageError]:
    """Read *content* and map what comes of it."""
    found = list(read_orders(profile_of(channel), content, "message"))
    for each in found:
        assert isinstance(each, InboundOrder | MessageError)
        if isinstance(each, InboundOrder):
            mapped = map_order(each.order, rules_of(channel), ORDER)
            assert mapped.documents or mapped.problems
    return found


@pytest.mark.parametrize("channel", CHANNELS)
@settings(deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(channel: str, content: bytes) -> None:
    assert run(channel, content)


@pytest.mark.parametrize("channel", ["shopify", "portal"])
@settings(deadline=None)
@given(content=JSON)
def test_any_json_is_read_or_refused(channel: str, content: Any) -> None:
    assert run(channel, json.dumps(content).encode())


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=25, deadline=None)
@given(
    cut=st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4),
    which=st.integers(0, 99),
)
def test_a_damaged_message_is_read_or_refused(
    channel: str, cut: float, flips: list[tuple[float, int]], which: int
) -> None:
    examples = EXAMPLES[channel]
    content = bytearray(examples[which % len(examples)])
    for place, value in flips:
        content[int(place * (len(content) - 1))] = value

    assert run(channel, bytes(content[: int(cut * len(content))]))


@pytest.mark.parametrize("name", ["price", "quantity", "sku", "tax_lines", "discount_allocations"])
@settings(max_examples=20, deadline=None)
@given(value=JSON)
def test_any_value_in_a_line_is_read_or_refused(name: str, value: Any) -> None:
    message = _one_line()
    message["order"]["line_items"][0][name] = value

    assert run("shopify", json.dumps(message).encode())


@pytest.mark.parametrize(
    "name", ["total_price", "currency", "created_at", "shipping_lines", "transactions", "customer",
             "billing_address", "note_attributes", "discount_applications", "refunds",
        "line_items", "id"]
)  # fmt: skip
@settings(max_examples=20, deadline=None)
@given(value=JSON)
def test_any_value_in_an_order_is_read_or_refused(name: str, value: Any) -> None:
    message = _one_line()
    message["order"][name] = value

    assert run("shopify", json.dumps(message).encode())


def _one_line() -> dict[str, Any]:
    path: Path = ORDERS / "shopify/one-line/order.json"
    message: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return message
