"""Small channels and rules for tests, and orders to run through them."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from connector.errors import MessageError
from connector.mappings.external_order import ExternalLine, ExternalOrder, ExternalTotals
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.profile import ChannelProfile, load_profile
from connector.mappings.reading import read_orders
from connector.mappings.rules import MappingRules, load_rules
from connector.sd_documents.values import DocumentCategory

PROFILE = """
channel: kiosk
message:
  format: json
  one: order
  many: orders
  required: [id, lines]
  not_orders: {parcel: a parcel}
order:
  external_id: text(id)
  ordered_at: instant(at || '2026-11-16T10:00:00Z')
  currency: currency || 'EUR'
  note: note
  lines:
    each: lines
    line_id: text(id || '1')
    sku: sku
    quantity: quantity
    price: price
"""

TSV_PROFILE = """
channel: kiosk
message:
  format: delimited
  delimiter: ";"
  header: true
  columns: [order, line, sku, quantity, buyer]
  group_by: order
  same_in_all_lines: [order, buyer]
order:
  external_id: order
  ordered_at: instant('2026-11-16T10:00:00Z')
  currency: "'EUR'"
  customer:
    name: buyer
  lines:
    each: lines
    line_id: line
    sku: sku
    quantity: decimal(quantity, ',')
"""

RULES = """
channel: kiosk
reference: {prefix: K-}
tables:
  skus: {file: skus.csv, key: sku}
documents:
  sales_order:
    sales_order_type: {constant: TA}
    sales_organization: {constant: "1000"}
    distribution_channel: {constant: "10"}
    division: {constant: "00"}
    currency: order.currency
    requested_delivery_date: day(order.ordered_at, 'Europe/Berlin')
    partners:
      - {function: sold_to_party, customer: {constant: "1001"}}
    items:
      lookups:
        sku: {table: skus, by: line.sku, missing: UNKNOWN_SKU}
      material: sku.material
      unit: sku.unit
      conditions:
        - {condition_type: PR00, when: line.price, rate: line.price, currency: order.currency}
"""

SKUS = "sku,material,unit,because\nA,M-A,ST,\nB,M-B,KAR,by the carton\n"

ORDER = (DocumentCategory.SALES_ORDER,)


def profile_from(folder: Path, text: str = PROFILE) -> ChannelProfile:
    """Return the profile that *text* describes."""
    path = folder / "kiosk.yaml"
    path.write_text(text, "utf-8")
    return load_profile(path)


def rules_from(folder: Path, text: str = RULES, **tables: str) -> MappingRules:
    """Return the rules that *text* describes, with *tables* (default: skus) beside them."""
    path = folder / "rules.yaml"
    path.write_text(text, "utf-8")
    for name, content in {"skus": SKUS, **tables}.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return load_rules(path)


def read(profile: ChannelProfile, content: Any) -> list[InboundOrder | MessageError]:
    """Return what *content* (bytes, text, or something to write as JSON) reads into."""
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else json.dumps(content)
        content = text.encode()
    return list(read_orders(profile, content, "orders.json"))


def ids(found: list[InboundOrder | MessageError]) -> list[str]:
    """Return the order ids of *found*, ``!`` for what could not be read."""
    return ["!" if isinstance(f, MessageError) else f.order.external_id for f in found]


def an_order(*lines: ExternalLine, **fields: Any) -> ExternalOrder:
    """Return an order of one piece of A at 10.00 EUR, changed by *fields*."""
    values: dict[str, Any] = {
        "channel": "kiosk",
        "external_id": "1",
        "ordered_at": datetime(2026, 11, 16, 10, tzinfo=UTC),
        "currency": "EUR",
        "lines": lines or (a_line(),),
        "totals": ExternalTotals(),
        **fields,
    }
    return ExternalOrder(**values)


def a_line(
    sku: str = "A", quantity: str = "1", price: str | None = "10.00", **fields: Any
) -> ExternalLine:
    """Return a line of an order."""
    return ExternalLine(
        line_id=fields.pop("line_id", "1"),
        sku=sku,
        quantity=Decimal(quantity),
        price=None if price is None else Decimal(price),
        **fields,
    )


def mapped(
    order: ExternalOrder, rules: MappingRules, wanted: Collection[DocumentCategory] = ORDER
) -> MappedOrder:
    """Return what *order* becomes."""
    return map_order(order, rules, wanted)


def codes(found: MappedOrder) -> list[str]:
    """Return the codes of what holds an order."""
    return [problem.code for problem in found.problems]
