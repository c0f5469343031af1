"""Reading and mapping shop orders, against the bare parse and validation of the same messages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from decimal import Decimal
from typing import Any

from benchmarks.plain_model import plain_model
from benchmarks.workload import CHANNEL
from connector.mappings.check_amounts import OrderAmounts
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import load_rules
from connector.resources import shipped
from connector.sd_documents.values import DocumentCategory

LINES = 10
MESSAGE = "fixtures/orders/shopify/two-tax-rates-with-discount/order.json"
#: So many messages, each with ids, quantities and amounts of its own, are read in turn.
MESSAGES = 50
#: The best of so many rounds counts: others use the machine as well.
ROUNDS = 5
_TOTALS = {
    "lines": ("total_line_items_price",),
    "tax": ("total_tax", "current_total_tax"),
    "grand_total": ("total_price", "current_total_price"),
}


def measure(orders: int) -> None:
    """Print processor time per ten-line order: floors, reading, mapping without and with trace."""
    profile = load_profile(shipped(f"config/channels/{CHANNEL}.yaml"))
    rules = load_rules(shipped(f"config/mappings/{CHANNEL}.yaml"))
    messages = [_message(profile, number) for number in range(MESSAGES)]
    model = plain_model("Message", (json.loads(message) for message in messages))

    def read(message: bytes) -> InboundOrder:
        found = next(read_orders(profile, message, "message"))
        assert isinstance(found, InboundOrder)
        return found

    def mapped(message: bytes) -> MappedOrder:
        return map_order(read(message).order, rules, {DocumentCategory.SALES_ORDER})

    def traced(message: bytes) -> int:
        return sum(len(each.trace) for each in mapped(message).documents)

    assert not mapped(messages[-1]).problems
    fields = traced(messages[-1])
    works: dict[str, Callable[[bytes], object]] = {
        "bare parse": json.loads,
        "bare parse and validation": lambda message: model.model_validate(json.loads(message)),
        "the same in one call": model.model_validate_json,
        "read": read,
        "read and map": mapped,
        "read and map with trace": traced,
    }
    found = {name: _ms(work, messages, orders) for name, work in works.items()}
    floor = found["bare parse and validation"]
    size = sum(map(len, messages)) // MESSAGES
    print(
        f"mapping, {orders:,} orders of {LINES} lines ({size:,} bytes, {fields} fields traced), "
        f"best of {ROUNDS}"
    )
    for name, ms in found.items():
        print(
            f"  {name:<26} {ms:7.3f} ms per order {1000 / ms:8,.0f} orders per second and core, "
            f"{ms / floor:5.2f} times the floor"
        )
    print(
        f"  with trace, against the same in one call: "
        f"{found['read and map with trace'] / found['the same in one call']:.2f} times"
    )


def ten_line_messages(many: int) -> Iterator[str]:
    """Yield *many* orders of ten lines, one in each line of a file."""
    profile = load_profile(shipped(f"config/channels/{CHANNEL}.yaml"))
    templates = [_message(profile, number).decode() for number in range(MESSAGES)]
    identity = json.loads(templates[0])["order"]["id"]
    for number in range(many):
        which = number % MESSAGES
        own = str(identity + MESSAGES * (number // MESSAGES) + which)
        yield templates[which].replace(str(identity + which), own) + "\n"


def _message(profile: ChannelProfile, number: int) -> bytes:
    """Return a message of ten lines that adds up."""
    message: dict[str, Any] = json.loads(shipped(MESSAGE).read_text(encoding="utf-8"))
    order = message["order"]
    order["id"] += number
    order["name"] = f"#{number}"
    lines = order["line_items"]
    order["line_items"] = [_line(lines[n % len(lines)], number, n) for n in range(LINES)]
    found = next(read_orders(profile, json.dumps(message).encode(), "message"))
    assert isinstance(found, InboundOrder)
    amounts = OrderAmounts(found.order)
    for part, names in _TOTALS.items():
        for name in names:
            _set(order, name, getattr(amounts, part))
    return json.dumps(message).encode()


def _line(template: dict[str, Any], number: int, position: int) -> dict[str, Any]:
    line = deepcopy(template)
    line["id"] = 9_000_000 + LINES * number + position
    _set(line, "price", Decimal(line["price"]) + Decimal(number) / 100)
    return line


def _set(values: dict[str, Any], name: str, amount: Decimal) -> None:
    values[name] = f"{amount:f}"
    prices = values.get(f"{name}_set")
    if prices:
        for money in prices.values():
            money["amount"] = f"{amount:f}"


def _ms(work: Callable[[bytes], object], messages: Sequence[bytes], times: int) -> float:
    """Return milliseconds of processor time for one message, in the best round."""
    rounds = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for number in range(times):
            work(messages[number % len(messages)])
        rounds.append(time.process_time() - started)
    return min(rounds) * 1000 / times
