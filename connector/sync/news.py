"""What is news in a chain: documents that appeared, statuses that moved, what the channel hears."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from connector.ports.store_records import EventKind, FlowView, NewEvent
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync.payment_states import OrderPayment
from connector.sync.progress import channel_events, progress_of

_Document = PostedSalesDocument | Delivery | BillingDocument
_OF_PAYMENTS: Final = frozenset(
    {EventKind.PARTIALLY_PAID, EventKind.PAID, EventKind.CLEARED_WITHOUT_PAYMENT}
)


def news_events(before: FlowView, after: FlowView) -> tuple[NewEvent, ...]:
    """Return the events that lead from *before* to *after*; empty when nothing is new."""
    return (
        *_documents(before, after),
        *_clearings(before, after),
        *_for_channel(before, after),
    )


def _documents(before: FlowView, after: FlowView) -> Iterator[NewEvent]:
    known = {(d.category, d.number): d for d in _all(before)}
    own = {number for step in after.steps for number in step.numbers}
    flow_id = after.flow.id
    for document in _all(after):
        old = known.get((document.category, document.number))
        statuses = _statuses(document)
        if old is None:
            if document.number not in own:
                yield NewEvent(
                    EventKind.DOCUMENT_OBSERVED,
                    flow_id,
                    None,
                    document.category,
                    document.number,
                    {name: value for name, value in statuses.items() if value},
                )
            continue
        past = _statuses(old)
        moved = {
            name: f"{past[name] or '-'} -> {value or '-'}"
            for name, value in statuses.items()
            if past[name] != value
        }
        if moved:
            yield NewEvent(
                EventKind.STATUS_CHANGED,
                flow_id,
                None,
                document.category,
                document.number,
                moved,
            )


def _clearings(before: FlowView, after: FlowView) -> Iterator[NewEvent]:
    known = {(str(item.key), item.line_item): item for item in before.items}
    for item in after.items:
        old = known.get((str(item.key), item.line_item))
        if item.clearing_document is None or not item.billing_document:
            continue
        if old is not None and old.clearing == item.clearing:
            continue
        yield NewEvent(
            EventKind.STATUS_CHANGED,
            after.flow.id,
            None,
            DocumentCategory.ACCOUNTING_DOCUMENT,
            str(item.key),
            {"clearing_document": f"- -> {item.clearing_document}"},
        )


def _for_channel(before: FlowView, after: FlowView) -> Iterator[NewEvent]:
    progress = progress_of(after)
    for kind in channel_events(progress_of(before), progress):
        yield NewEvent(
            kind,
            after.flow.id,
            detail={
                "external_id": after.flow.external_id,
                "documents": ", ".join(_telling(kind, after)),
                **_amounts(kind, progress.payment),
            },
        )


def _amounts(kind: EventKind, payment: OrderPayment | None) -> dict[str, str]:
    """Return how far the order is paid, for news of payments."""
    if payment is None or kind not in _OF_PAYMENTS:
        return {}
    found = {
        "settled": f"{payment.settled.amount} {payment.settled.currency}",
        "owed": f"{payment.owed.amount} {payment.owed.currency}",
    }
    return found | ({"cleared_by": payment.cleared_by} if payment.cleared_by else {})


def _telling(kind: EventKind, view: FlowView) -> tuple[str, ...]:
    """Return the numbers that the channel wants to know with *kind*."""
    match kind:
        case EventKind.ORDER_CONFIRMED:
            return tuple(
                d.number for d in view.sales_documents if d.category is DocumentCategory.SALES_ORDER
            )
        case EventKind.SHIPPED | EventKind.PARTIALLY_SHIPPED:
            return tuple(d.number for d in view.deliveries if d.actual_goods_issue_date)
        case _:
            return tuple(d.number for d in view.billing_documents)


def _all(view: FlowView) -> tuple[_Document, ...]:
    return (*view.sales_documents, *view.deliveries, *view.billing_documents)


def _statuses(document: _Document) -> dict[str, str]:
    match document:
        case PostedSalesDocument():
            return {
                "overall_status": document.overall_status.value,
                "delivery_status": document.delivery_status.value,
                "billing_status": document.billing_status.value,
                "reference_status": document.reference_status.value,
                "credit_status": document.credit_status.value,
                "delivery_block_reason": document.delivery_block_reason,
                "billing_block_reason": document.billing_block_reason,
            }
        case Delivery():
            return {
                "picking_status": document.picking_status.value,
                "goods_movement_status": document.goods_movement_status.value,
                "billing_status": document.billing_status.value,
            }
        case BillingDocument():
            return {
                "accounting_transfer_status": document.accounting_transfer_status.value,
                "cancelled": "X" if document.is_cancelled else "",
            }
