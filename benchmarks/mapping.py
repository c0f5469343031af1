"""Reading and mapping a shop order, against the bare parse of the same message."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.workload import CHANNEL
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.profile import load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory

LINES = 10
MESSAGE = "fixtures/orders/shopify/two-tax-rates-with-discount/order.json"


def measure(orders: int) -> None:
    """Print processor time per ten-line order: parse, read, read and map with trace."""
    message: dict[str, Any] = json.loads(shipped(MESSAGE).read_text(encoding="utf-8"))
    lines = message["order"]["line_items"]
    message["order"]["line_items"] = [
        {**lines[n % len(lines)], "id": 9_000_000 + n} for n in range(LINES)
    ]
    content = json.dumps(message).encode()
    profile = load_profile(shipped(f"config/channels/{CHANNEL}.yaml"))
    rules = load_rules(shipped(f"config/mappings/{CHANNEL}.yaml"))

    def read() -> InboundOrder:
        found = next(read_orders(profile, content, "message"))
        assert isinstance(found, InboundOrder)
        return found

    def read_and_map() -> object:
        return map_order(read().order, rules, {DocumentCategory.SALES_ORDER})

    floor = _ms(lambda: json.loads(content), orders)
    reading, mapping = _ms(read, orders), _ms(read_and_map, orders)
    print(f"mapping, {orders:,} times an order of {LINES} lines ({len(content):,} bytes)")
    print(f"  bare parse          {floor:8.3f} ms per order")
    print(
        f"  read                {reading:8.3f} ms per order, {reading / floor:.1f} times the parse"
    )
    print(
        f"  read and map        {mapping:8.3f} ms per order, {mapping / floor:.1f} times the parse"
    )
    print(f"  read and map        {1000 / mapping:8.0f} orders per second and core, with trace")


def _ms(work: Callable[[], object], times: int) -> float:
    work()
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) * 1000 / times
