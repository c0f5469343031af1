"""What a flow's documents say together: what is delivered, issued, billed and still open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connector.ports.step_state import StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.document_flow import (
    BILLED_BY,
    DELIVERED_BY,
    FlowLink,
    open_quantity,
)
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity, total
from connector.sync.plan import SALES_CHAIN

#: A step of progress that still has something to do.
OPEN = frozenset({Status.NOT_YET, Status.PARTIALLY})
#: Billing categories that a customer owes for, or gets back.
INVOICES = frozenset({DocumentCategory.INVOICE, DocumentCategory.DEBIT_MEMO})


def sales_document_numbers(view: FlowView) -> tuple[str, ...]:
    """Return the numbers of the flow's sales documents: those we created and those mirrored."""
    numbers = {document.number for document in view.sales_documents}
    operations = {operation for _, operation in SALES_CHAIN}
    for step in view.steps:
        if step.operation in operations and step.state is StepState.DONE:
            numbers.update(step.numbers)
    return tuple(sorted(numbers))


def order_of(view: FlowView) -> PostedSalesDocument | None:
    """Return the mirrored sales order, None while there is none."""
    return view.sales_document(DocumentCategory.SALES_ORDER)


def reference_of(order: PostedSalesDocument, item: PostedSalesDocumentItem) -> ItemReference:
    """Return the reference by which followers point at *item*."""
    return ItemReference(
        category=order.category, document=order.number, item_number=item.item_number
    )


def undelivered(
    view: FlowView, order: PostedSalesDocument
) -> Iterator[tuple[PostedSalesDocumentItem, Quantity]]:
    """Yield the items of *order* that a delivery must still follow, with the open quantity."""
    followers: dict[ItemReference, list[FlowLink]] = {}
    for link in view.links:
        followers.setdefault(link.preceding, []).append(link)
    for item in order.items:
        if item.delivery_status is Status.NOT_RELEVANT or item.rejection_reason:
            continue
        reference = reference_of(order, item)
        rest = open_quantity(
            item.requested_quantity, reference, followers.get(reference, ()), DELIVERED_BY
        )
        if rest.value > 0:
            yield item, rest


def is_delivered(view: FlowView) -> bool:
    """Tell whether every item that needs a delivery has one in full."""
    order = order_of(view)
    return order is not None and not any(undelivered(view, order))


def is_issued(view: FlowView) -> bool:
    """Tell whether everything is delivered and every delivery's goods issue is posted."""
    return is_delivered(view) and all(
        delivery.goods_movement_status not in OPEN for delivery in view.deliveries
    )


def last_goods_issue(view: FlowView) -> date | None:
    """Return the day of the latest goods issue, None while there is none."""
    days = [d.actual_goods_issue_date for d in view.deliveries if d.actual_goods_issue_date]
    return max(days, default=None)


def billable_deliveries(view: FlowView) -> tuple[Delivery, ...]:
    """Return the issued deliveries that are not completely billed."""
    return tuple(
        delivery
        for delivery in view.deliveries
        if delivery.goods_movement_status not in OPEN and delivery.billing_status in OPEN
    )


def order_billing_is_open(view: FlowView) -> bool:
    """Tell whether the order has items that are billed without a delivery and are still open."""
    order = order_of(view)
    return order is not None and any(
        item.billing_status in OPEN and not item.rejection_reason for item in order.items
    )


def is_billed(view: FlowView) -> bool:
    """Tell whether nothing of the order is left to be billed."""
    if order_of(view) is None or not is_delivered(view) or order_billing_is_open(view):
        return False
    return all(delivery.billing_status not in OPEN for delivery in view.deliveries)


def valid_invoices(view: FlowView) -> tuple[BillingDocument, ...]:
    """Return the billing documents that stand: neither cancelled nor cancellations."""
    return tuple(
        document
        for document in view.billing_documents
        if not document.is_cancelled
        and document.cancelled_document is None
        and document.category in BILLED_BY
    )


def receivables(view: FlowView) -> tuple[CustomerItem, ...]:
    """Return the FI lines of the standing billing documents, open and cleared."""
    numbers = {document.number for document in valid_invoices(view)}
    return tuple(item for item in view.items if item.billing_document in numbers)


def is_posted(view: FlowView) -> bool:
    """Tell whether FI has a line for every standing billing document that is worth something."""
    posted = {item.billing_document for item in view.items}
    return all(
        document.number in posted or not document.total_amount for document in valid_invoices(view)
    )


def open_receivables(view: FlowView) -> tuple[CustomerItem, ...]:
    """Return the lines that the customer still owes, oldest first."""
    return tuple(
        sorted(
            (
                item
                for item in receivables(view)
                if item.clearing_document is None and item.amount.amount > 0
            ),
            key=lambda item: (item.posting_date, str(item.key), item.line_item),
        )
    )


def billed_amount(view: FlowView, currency: str) -> Money:
    """Return what the standing billing documents add to the customer's account."""
    return total((document.receivable_amount for document in valid_invoices(view)), currency)


def outstanding_amount(view: FlowView, currency: str) -> Money:
    """
    Return what is still owed: all open lines of the chain, residual items and credits included.

    Cleared is not paid: a residual item stays open after the invoice that it came from is cleared.
    """
    return total(
        (
            item.amount
            for item in view.items
            if item.clearing_document is None and item.amount.currency == currency
        ),
        currency,
    )
