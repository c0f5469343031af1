"""What mapping is held to in benchmarks does no less than it seems: it keeps the whole message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from benchmarks.mapping import ten_line_messages
from benchmarks.plain_model import plain_model
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of


def values(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from values(value, f"{path}.{name}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from values(value, f"{path}[{number}]")
    else:
        yield path, node


def test_the_plain_model_has_every_value_of_the_message() -> None:
    message = json.loads(next(ten_line_messages(1)))

    model = plain_model("Message", [message])
    found = dict(values(model.model_validate(message).model_dump(exclude_unset=True)))

    said = dict(values(message))
    assert found.keys() == said.keys()
    for path, value in said.items():
        kept = found[path]
        if isinstance(kept, Decimal):
            assert kept == Decimal(str(value)), path
        elif isinstance(kept, datetime):
            assert kept == datetime.fromisoformat(value), path
        else:
            assert kept == value, path
    assert len([each for each in found.values() if isinstance(each, Decimal)]) > 100


def test_the_orders_are_told_apart_have_ten_lines_and_add_up() -> None:
    ids = set()
    for text in ten_line_messages(60):
        found = next(read_orders(profile_of("shopify"), text.encode(), "order"))
        assert isinstance(found, InboundOrder)
        mapped = map_order(found.order, rules_of("shopify"), {DocumentCategory.SALES_ORDER})
        assert (len(found.order.lines), mapped.problems) == (10, ())
        ids.add(found.order.external_id)

    assert len(ids) == 60
