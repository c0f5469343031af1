"""Orders as reports get them, tried by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.external_order import ExternalLine, ExternalOrder, ExternalTotals
from connector.mappings.mapped_order import FieldTrace, Mapped, MappedOrder
from connector.mappings.problems import Notice, Problem
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.values import DocumentCategory


@dataclass(frozen=True)
class Tried:
    source: str = "orders.json"
    order: ExternalOrder | None = None
    mapped: MappedOrder | None = None
    priced: PostedSalesDocument | None = None
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()

    def but(self, **changes: Any) -> Tried:
        return replace(self, **changes)


def an_order(name: str = "#1", currency: str = "EUR", total: str = "119.00") -> ExternalOrder:
    return ExternalOrder(
        channel="shop",
        external_id="1",
        order_name=name,
        ordered_at=datetime(2026, 3, 1, tzinfo=UTC),
        currency=currency,
        lines=(ExternalLine(line_id="1", sku="A-1", quantity=Decimal(1), price=Decimal("100.00")),),
        totals=ExternalTotals(grand_total=Decimal(total)),
    )


def mapped(order: ExternalOrder, *fields: FieldTrace) -> MappedOrder:
    plain: Any = SalesDocument
    document = plain.model_construct(category=DocumentCategory.SALES_ORDER, items=(), conditions=())
    document_with_trace = Mapped(document, fields)
    return MappedOrder.model_construct(order=order, documents=(document_with_trace,))


@pytest.fixture
def tried() -> Tried:
    """An order that would be created, with one field."""
    order = an_order()
    field = FieldTrace(
        path="currency", value="EUR", rule="currency = order.currency", source_path="currency",
        source_value="EUR", because="as the shop has it", file="shop.yaml:3",
    )  # fmt: skip
    return Tried(order=order, mapped=mapped(order, field))
