"""What an open order waits for, and so whom: derived from its documents, never stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from connector.ports.step_state import FINAL, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.status import AccountingTransferStatus, CreditStatus
from connector.sd_documents.values import display_number
from connector.sync.chain import (
    OPEN,
    deliverable,
    is_billed,
    open_receivables,
    order_of,
    outstanding_amount,
    undelivered,
    valid_invoices,
)

_IN_ACCOUNTING: Final = frozenset(
    {AccountingTransferStatus.POSTED, AccountingTransferStatus.NOT_RELEVANT}
)
_BLOCKED_BY_CREDIT: Final = frozenset({CreditStatus.NOT_OK, CreditStatus.PARTIALLY_RELEASED})


def waiting_for(view: FlowView, now: datetime) -> str:
    """
    Return what has to happen next, in a few words; empty when the order is closed or can go on.

    The first thing that stands in the way is named: a decision, a look-up, a block in the ERP, a
    day, somebody's delivery, invoice or payment. *now* tells a try that is still to come from one
    that is due.
    """
    if view.flow.closed_at is not None:
        return ""
    return next(_obstacles(view, now), "")


def _obstacles(view: FlowView, now: datetime) -> Iterator[str]:
    if view.holds:
        yield f"a decision: {view.holds[0].reason}"
    for step in view.steps:
        if step.state is StepState.IN_DOUBT:
            yield f"a look-up: was {step.operation} posted?"
        elif step.state not in FINAL and step.due_at is not None and step.due_at > now:
            yield f"the next try to {step.operation} at {step.due_at:%Y-%m-%d %H:%M} UTC"
    for document in deliverable(view):
        yield from _before_delivery(document, view)
    for delivery in view.deliveries:
        if delivery.goods_movement_status in OPEN:
            yield f"the goods movement of delivery {display_number(delivery.number)}"
    yield from _before_billing(view)
    for invoice in valid_invoices(view):
        if invoice.accounting_transfer_status not in _IN_ACCOUNTING:
            yield f"the release of invoice {display_number(invoice.number)} to accounting"
    if owed := open_receivables(view):
        amount = outstanding_amount(view, owed[0].amount.currency)
        yield f"payment of {amount}, due on {owed[0].net_due_on}"
    if (due := view.flow.due_at) is not None and due > now:
        yield f"{due:%Y-%m-%d %H:%M} UTC"


def _before_delivery(document: PostedSalesDocument, view: FlowView) -> Iterator[str]:
    """Yield what keeps the rest of *document* from being delivered."""
    rest = [item for item, _ in undelivered(view, document)]
    if not rest:
        return
    number = display_number(document.number)
    if document.credit_status in _BLOCKED_BY_CREDIT:
        yield f"the release of document {number} by credit management"
    if document.delivery_block_reason:
        yield f"delivery block {document.delivery_block_reason} of document {number}"
    if not any(item.confirmed_quantity.value for item in rest):
        yield f"a confirmed quantity of item {rest[0].item_number} of document {number}"
    yield f"the delivery of item {rest[0].item_number} of document {number}"


def _before_billing(view: FlowView) -> Iterator[str]:
    order = order_of(view)
    if order is None or is_billed(view):
        return
    if order.billing_block_reason:
        yield (
            f"billing block {order.billing_block_reason} of document {display_number(order.number)}"
        )
    yield f"the invoice for document {display_number(order.number)}"
