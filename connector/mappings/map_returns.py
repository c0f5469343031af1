"""
What comes back of an order, as a document: an order of the lines that come back.

A return is mapped by the rules of its own kind of document, from an order that holds nothing but
the returned lines in their returned quantities. Expressions see ``return_id`` and
``return_reason`` among its attributes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalReturn,
    ExternalReturnKind,
    ExternalTotals,
)
from connector.mappings.problems import Problem
from connector.sd_documents.values import DocumentCategory

#: What each kind of return becomes.
RETURN_CATEGORY: Final = {
    ExternalReturnKind.GOODS: DocumentCategory.RETURNS_ORDER,
    ExternalReturnKind.CREDIT: DocumentCategory.CREDIT_MEMO_REQUEST,
    ExternalReturnKind.DEBIT: DocumentCategory.DEBIT_MEMO_REQUEST,
}
#: Between the order's id and the return's in the reference by which the document is found again.
_SEPARATOR: Final = "/"


def as_order(order: ExternalOrder, returned: ExternalReturn) -> ExternalOrder:
    """Return an order of what comes back; lines that *order* does not have are left out."""
    lines = {line.line_id: line for line in order.lines}
    return order.model_copy(
        update={
            "external_id": f"{order.external_id}{_SEPARATOR}{returned.return_id}",
            "ordered_at": returned.returned_at,
            "updated_at": None,
            "cancelled_at": None,
            "requested_delivery_date": returned.returned_at.date(),
            "lines": tuple(
                _line(lines[part.line_id], part.quantity, part.price)
                for part in returned.lines
                if part.line_id in lines
            ),
            "discounts": (),
            "shipping": (),
            "charges": (),
            "payments": (),
            "returns": (),
            "totals": ExternalTotals(),
            "attributes": {
                **order.attributes,
                "return_id": returned.return_id,
                "return_reason": returned.reason,
            },
        }
    )


def _line(line: ExternalLine, quantity: Decimal, price: Decimal | None) -> ExternalLine:
    """Return *line* in another quantity: its amounts are those of the whole line and go."""
    return line.model_copy(
        update={
            "quantity": quantity,
            "price": line.price if price is None else price,
            "discounts": (),
            "allocated_discount": Decimal(0),
            "taxes": (),
            "requested_delivery_date": None,
            "schedule_lines": (),
        }
    )


def unknown_lines(order: ExternalOrder, returned: ExternalReturn) -> Iterator[Problem]:
    """Yield a problem for each line of *returned* that *order* does not have."""
    known = {line.line_id for line in order.lines}
    for part in returned.lines:
        if part.line_id not in known:
            yield Problem(
                code="RETURN_OF_UNKNOWN_LINE",
                message=f"return {returned.return_id} names the line {part.line_id!r}, which the "
                "order does not have; correct it in the channel",
                where=f"returns[{returned.return_id}].lines",
            )
