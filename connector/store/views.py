"""Reading flows together with everything about them, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import BindParameter, Connection, Row, Select, bindparam, select

from connector.mappings.external_order import ExternalOrder
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.payment import CustomerItem, with_invoice_years
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.store.codec import to_flow, to_hold, to_link, to_step
from connector.store.parsed import PARSED
from connector.store.schema import (
    customer_item,
    document,
    flow,
    flow_document,
    flow_link,
    hold,
    order_version,
    step,
)

T = TypeVar("T")

#: Which document each category is read as.
DOCUMENT_TYPES: Final[dict[str, type[PostedSalesDocument | Delivery | BillingDocument]]] = {
    **dict.fromkeys(
        (
            DocumentCategory.INQUIRY.value,
            DocumentCategory.QUOTATION.value,
            DocumentCategory.SALES_ORDER.value,
            DocumentCategory.RETURNS_ORDER.value,
            DocumentCategory.CREDIT_MEMO_REQUEST.value,
            DocumentCategory.DEBIT_MEMO_REQUEST.value,
        ),
        PostedSalesDocument,
    ),
    **dict.fromkeys(
        (DocumentCategory.DELIVERY.value, DocumentCategory.RETURNS_DELIVERY.value), Delivery
    ),
    **dict.fromkeys(
        (
            DocumentCategory.INVOICE.value,
            DocumentCategory.INVOICE_CANCELLATION.value,
            DocumentCategory.CREDIT_MEMO.value,
            DocumentCategory.DEBIT_MEMO.value,
            DocumentCategory.CREDIT_MEMO_CANCELLATION.value,
            DocumentCategory.PRO_FORMA_INVOICE.value,
        ),
        BillingDocument,
    ),
}

_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_FLOWS: Final = (
    select(flow, order_version.c.external_order)
    .join(
        order_version,
        (order_version.c.flow_id == flow.c.id) & (order_version.c.version == flow.c.version),
    )
    .where(flow.c.id.in_(_IDS))
    .order_by(flow.c.id)
)
_STEPS: Final = select(step).where(step.c.flow_id.in_(_IDS)).order_by(step.c.id)
_HOLDS: Final = (
    select(hold)
    .where(hold.c.flow_id.in_(_IDS), hold.c.released_at.is_(None) | hold.c.accepted.is_(True))
    .order_by(hold.c.id)
)
_DOCUMENTS: Final = (
    select(flow_document.c.flow_id, document.c.category, document.c.body)
    .join(
        document,
        (document.c.category == flow_document.c.category)
        & (document.c.document == flow_document.c.document),
    )
    .where(flow_document.c.flow_id.in_(_IDS))
    .order_by(document.c.category, document.c.document)
)
_ITEMS: Final = (
    select(flow_document.c.flow_id, customer_item.c.body)
    .join(customer_item, customer_item.c.document == flow_document.c.document)
    .where(
        flow_document.c.flow_id.in_(_IDS),
        flow_document.c.category == DocumentCategory.ACCOUNTING_DOCUMENT.value,
    )
    .order_by(customer_item.c.document, customer_item.c.line_item)
)
_LINKS: Final = (
    select(flow_document.c.flow_id, flow_link)
    .join(
        flow_link,
        (flow_link.c.preceding_category == flow_document.c.category)
        & (flow_link.c.preceding_document == flow_document.c.document),
    )
    .where(flow_document.c.flow_id.in_(_IDS))
    .order_by(
        flow_link.c.preceding_document,
        flow_link.c.preceding_item,
        flow_link.c.subsequent_document,
        flow_link.c.subsequent_item,
    )
)


def read_views(
    connection: Connection, flow_ids: Sequence[int], receipt_types: frozenset[str]
) -> tuple[FlowView, ...]:
    """
    Read the views of *flow_ids*, ascending; unknown ids are left out.

    *receipt_types* are the FI document types of receipts.
    """
    found = connection.execute(_FLOWS, {"ids": list(flow_ids)}).all()
    if not found:
        return ()
    ids = [row.id for row in found]
    steps, holds = _by_flow(connection, _STEPS, ids), _by_flow(connection, _HOLDS, ids)
    with_documents = [row.id for row in found if row.writes or row.read_at is not None]
    documents: dict[int, list[Any]] = {}
    items: dict[int, list[Row[Any]]] = {}
    links: dict[int, list[Row[Any]]] = {}
    if with_documents:
        documents = _parsed_documents(_by_flow(connection, _DOCUMENTS, with_documents))
        items = _by_flow(connection, _ITEMS, with_documents)
        links = _by_flow(connection, _LINKS, with_documents)
    return tuple(
        FlowView(
            flow=to_flow(row),
            order=PARSED.read(ExternalOrder, row.external_order),
            steps=tuple(map(to_step, steps.get(row.id, ()))),
            holds=tuple(
                to_hold(found) for found in holds.get(row.id, ()) if found.released_at is None
            ),
            accepted=frozenset(
                (found.reason, found.message) for found in holds.get(row.id, ()) if found.accepted
            ),
            sales_documents=_of_type(documents.get(row.id, ()), PostedSalesDocument),
            deliveries=_of_type(documents.get(row.id, ()), Delivery),
            billing_documents=_of_type(documents.get(row.id, ()), BillingDocument),
            items=tuple(
                with_invoice_years(
                    [PARSED.read(CustomerItem, item.body) for item in items.get(row.id, ())]
                )
            ),
            # The columns of the link itself, as they stand in its table.
            links=tuple(to_link(tuple(link[1:])) for link in links.get(row.id, ())),
            receipt_types=receipt_types,
        )
        for row in found
    )


def _by_flow(
    connection: Connection, query: Select[Any], ids: Sequence[int]
) -> dict[int, list[Row[Any]]]:
    result: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query, {"ids": list(ids)}):
        result[row.flow_id].append(row)
    return result


def _parsed_documents(rows: dict[int, list[Row[Any]]]) -> dict[int, list[Any]]:
    return {
        flow_id: [PARSED.read(DOCUMENT_TYPES[row.category], row.body) for row in found]
        for flow_id, found in rows.items()
    }


def _of_type(documents: Iterable[Any], kind: type[T]) -> tuple[T, ...]:
    return tuple(found for found in documents if isinstance(found, kind))
