"""Reading and mapping cost little beside the ERP's own time. Limits are ten times what is usual."""

from __future__ import annotations

import json
import time
from typing import Any

from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.reading import read_orders
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of


def test_an_order_of_ten_lines_is_read_and_mapped_in_a_few_milliseconds() -> None:
    path = shipped("fixtures/orders") / "shopify/two-tax-rates-with-discount/order.json"
    message: dict[str, Any] = json.loads(path.read_text("utf-8"))
    lines = message["order"]["line_items"]
    message["order"]["line_items"] = [lines[n % len(lines)] for n in range(10)]
    content = json.dumps(message).encode()
    profile, rules = profile_of("shopify"), rules_of("shopify")

    def once() -> float:
        start = time.process_time()
        found = next(read_orders(profile, content, "message"))
        assert isinstance(found, InboundOrder)
        map_order(found.order, rules, {DocumentCategory.SALES_ORDER})
        return time.process_time() - start

    once()
    assert min(once() for _ in range(20)) < 0.010
