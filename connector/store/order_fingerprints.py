"""
What an order's record is made of, in so few bytes that all of them can be compared.

The database puts the parts together; a record need not be read to know that it is as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select, String, bindparam, cast, func, select

from connector.ports.order_records import TELLING
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.store.schema import document, flow, flow_document, hold, order_version, step
from connector.store.views import DOCUMENT_TYPES

_FIRST: Final[BindParameter[Any]] = bindparam("first")
_LAST: Final[BindParameter[Any]] = bindparam("last")
#: Bytes of a fingerprint.
_SIZE: Final = 16

_FLOWS: Final = (
    select(
        flow.c.id,
        flow.c.version,
        flow.c.reference,
        flow.c.created_at,
        flow.c.writes > 0,
        flow.c.read_at.is_not(None),
        order_version.c.content_hash,
    )
    .join(
        order_version,
        (order_version.c.flow_id == flow.c.id) & (order_version.c.version == flow.c.version),
    )
    .where(flow.c.id.between(_FIRST, _LAST))
    .order_by(flow.c.id)
)


def _joined(rows: Any, *parts: Any) -> Select[Any]:
    """One text for each flow of *rows*, in their order."""
    text = parts[0]
    for part in parts[1:]:
        text = text + "|" + part
    found = rows.add_columns(text.label("text")).subquery()
    return select(found.c.flow_id, func.aggregate_strings(found.c.text, "\n")).group_by(
        found.c.flow_id
    )


_STEPS: Final = _joined(
    select(step.c.flow_id)
    .where(
        step.c.flow_id.between(_FIRST, _LAST),
        step.c.operation.in_([operation.value for operation in TELLING]),
    )
    .order_by(step.c.flow_id, step.c.id),
    step.c.operation,
    step.c.sequence_key,
    step.c.state,
    cast(step.c.order_version, String),
    step.c.payload_hash,
    step.c.numbers,
)
_HOLDS: Final = _joined(
    select(hold.c.flow_id)
    .where(hold.c.flow_id.between(_FIRST, _LAST), hold.c.released_at.is_(None))
    .order_by(hold.c.flow_id, hold.c.id),
    hold.c.reason,
    hold.c.message,
)
_NUMBERS: Final = _joined(
    select(flow_document.c.flow_id)
    .join(
        document,
        (document.c.category == flow_document.c.category)
        & (document.c.document == flow_document.c.document),
    )
    .where(
        flow_document.c.flow_id.between(_FIRST, _LAST),
        flow_document.c.category.in_(
            [
                category
                for category, kind in DOCUMENT_TYPES.items()
                if kind in (PostedSalesDocument, BillingDocument)
            ]
        ),
    )
    .order_by(flow_document.c.flow_id, flow_document.c.category, flow_document.c.document),
    flow_document.c.category,
    flow_document.c.document,
)


def read_fingerprints(connection: Connection, ids: Sequence[int]) -> tuple[tuple[int, bytes], ...]:
    """
    Return the fingerprints of the flows from the first to the last of *ids*, ascending.

    Rows that the database put together in another order give another fingerprint: an order is
    then read once more than it must be.
    """
    span = {"first": ids[0], "last": ids[-1]}
    parts: list[dict[int, str]] = [
        dict(connection.execute(query, span).all()) for query in (_STEPS, _HOLDS, _NUMBERS)
    ]
    return tuple(
        (row[0], _fingerprint(row, [part.get(row[0], "") for part in parts]))
        for row in connection.execute(_FLOWS, span)
    )


def _fingerprint(row: Sequence[Any], parts: Sequence[str]) -> bytes:
    text = "\0".join((*map(str, row), *parts))
    return blake2b(text.encode(), digest_size=_SIZE).digest()
