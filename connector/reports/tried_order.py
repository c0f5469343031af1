"""What reports are made of: orders that were tried, whoever tried them."""

from __future__ import annotations

from typing import Protocol

from connector.mappings.external_order import ExternalOrder
from connector.mappings.mapped_order import Mapped, MappedOrder
from connector.mappings.problems import Notice, Problem
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.values import DocumentCategory, Money


class TriedOrder(Protocol):
    """
    What would become of one message.

    ``order`` and ``mapped`` are empty for an unreadable message, ``priced`` where the ERP was not
    asked or refused to price.
    """

    @property
    def source(self) -> str: ...
    @property
    def order(self) -> ExternalOrder | None: ...
    @property
    def mapped(self) -> MappedOrder | None: ...
    @property
    def priced(self) -> PostedSalesDocument | None: ...
    @property
    def problems(self) -> tuple[Problem, ...]: ...
    @property
    def notices(self) -> tuple[Notice, ...]: ...


def name_of(tried: TriedOrder) -> str:
    """Return what people call the order, empty for an unreadable message."""
    return (tried.order.order_name or tried.order.external_id) if tried.order else ""


def priced_document(tried: TriedOrder) -> Mapped[SalesDocument] | None:
    """Return the document that the ERP priced, with the origin of its fields."""
    return next(
        (
            each
            for each in (tried.mapped.documents if tried.mapped else ())
            if each.document.category is DocumentCategory.SALES_ORDER
        ),
        None,
    )


def value_of(order: ExternalOrder) -> Money | None:
    """Return what the customer pays, else the value of the priced lines; None without a price."""
    total = order.totals.grand_total
    if total is None:
        prices = [line.price * line.quantity for line in order.lines if line.price is not None]
        if not prices:
            return None
        total = sum(prices[1:], prices[0])
    return Money.rounded(total, order.currency)
