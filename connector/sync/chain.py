"""What a flow's documents say together: what is delivered, issued, billed and still open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

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
from connector.sync.plan import CORRECTIONS, SALES_CHAIN, Plan

#: A step of progress that still has something to do.
OPEN = frozenset({Status.NOT_YET, Status.PARTIALLY})
#: An item that the ERP calls complete may be delivered short, within its tolerance.
_NOTHING_TO_DELIVER = frozenset({Status.NOT_RELEVANT, Status.COMPLETELY})
#: Billing categories that a customer owes for, or gets back.
INVOICES = frozenset({DocumentCategory.INVOICE, DocumentCategory.DEBIT_MEMO})


def sales_document_numbers(view: FlowView) -> tuple[str, ...]:
    """Return the numbers of the flow's sales documents: those we created and those mirrored."""
    numbers = {document.number for document in view.sales_documents}
    operations = {operation for _, operation in SALES_CHAIN} | set(CORRECTIONS.values())
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
        if item.delivery_status in _NOTHING_TO_DELIVER or item.rejection_reason:
            continue
        reference = reference_of(order, item)
        rest = open_quantity(
            item.requested_quantity, reference, followers.get(reference, ()), DELIVERED_BY
        )
        if rest.value > 0:
            yield item, rest


def corrections(view: FlowView) -> tuple[PostedSalesDocument, ...]:
    """Return the returns orders and memo requests of the flow, oldest first."""
    return tuple(
        sorted(
            (d for d in view.sales_documents if d.category in CORRECTIONS), key=lambda d: d.number
        )
    )


def deliverable(view: FlowView) -> Iterator[PostedSalesDocument]:
    """Yield the order and the returns orders: what deliveries are made of."""
    order = order_of(view)
    if order is not None:
        yield order
    for document in corrections(view):
        if document.category is DocumentCategory.RETURNS_ORDER:
            yield document


def open_for_billing(view: FlowView) -> Iterator[PostedSalesDocument]:
    """Yield the order and its corrections that are still to be billed without a delivery."""
    order = order_of(view)
    if order is not None and billing_is_open(order):
        yield order
    for document in corrections(view):
        if correction_is_open(view, document):
            yield document


def is_delivered(view: FlowView) -> bool:
    """Tell whether every item of the order that needs a delivery has one in full."""
    order = order_of(view)
    return order is not None and not any(undelivered(view, order))


def is_issued(view: FlowView) -> bool:
    """Tell whether the whole order is delivered and every goods issue is posted."""
    return is_delivered(view) and all(
        delivery.goods_movement_status not in OPEN for delivery in outbound(view)
    )


def outbound(view: FlowView) -> tuple[Delivery, ...]:
    """Return the deliveries to the customer, without those that come back."""
    return tuple(d for d in view.deliveries if d.category is DocumentCategory.DELIVERY)


def is_back(view: FlowView) -> bool:
    """Tell whether everything that is to come back is delivered back and received."""
    returned = (d for d in corrections(view) if d.category is DocumentCategory.RETURNS_ORDER)
    return not any(any(undelivered(view, document)) for document in returned) and all(
        delivery.goods_movement_status not in OPEN
        for delivery in view.deliveries
        if delivery.category is DocumentCategory.RETURNS_DELIVERY
    )


def last_goods_issue(view: FlowView) -> date | None:
    """Return the day of the latest goods issue, None while there is none."""
    days = [d.actual_goods_issue_date for d in outbound(view) if d.actual_goods_issue_date]
    return max(days, default=None)


def billable_deliveries(view: FlowView) -> tuple[Delivery, ...]:
    """Return the issued deliveries that are not completely billed."""
    return tuple(
        delivery
        for delivery in outbound(view)
        if delivery.goods_movement_status not in OPEN and delivery.billing_status in OPEN
    )


def billing_is_open(document: PostedSalesDocument) -> bool:
    """Tell whether *document* has items that are billed without a delivery and are still open."""
    return any(item.billing_status in OPEN and not item.rejection_reason for item in document.items)


def is_billed(view: FlowView) -> bool:
    """Tell whether nothing of the order is left to be billed."""
    order = order_of(view)
    if order is None or not is_delivered(view) or billing_is_open(order):
        return False
    return all(delivery.billing_status not in OPEN for delivery in outbound(view))


def is_corrected(view: FlowView) -> bool:
    """Tell whether every return and memo request has its credit or debit memo."""
    return not any(correction_is_open(view, document) for document in corrections(view))


def correction_is_open(view: FlowView, document: PostedSalesDocument) -> bool:
    """
    Tell whether a return or memo request is still to be billed.

    Not every service says so of its documents: what the standing memos have billed counts as well.
    """
    if not billing_is_open(document):
        return False
    billed: dict[int, Decimal] = {}
    for memo in valid_invoices(view):
        for item in memo.items:
            if item.preceding.document == document.number:
                number = item.preceding.item_number
                billed[number] = billed.get(number, Decimal(0)) + item.billing_quantity.value
    return any(
        billed.get(item.item_number, Decimal(0)) < item.requested_quantity.value
        for item in document.items
        if item.billing_status in OPEN and not item.rejection_reason
    )


def is_complete(view: FlowView, plan: Plan) -> bool:
    """Tell whether the chain is there as *plan* wants it, and paid."""
    if plan.delivery.occurs and not is_issued(view):
        return False
    if plan.returns_delivery.occurs and not is_back(view):
        return False
    if plan.billing.occurs and not (is_billed(view) and is_corrected(view)):
        return False
    return not plan.payment.occurs or (is_posted(view) and not open_receivables(view))


def valid_invoices(view: FlowView) -> tuple[BillingDocument, ...]:
    """Return the billing documents that stand: neither cancelled nor cancellations."""
    return tuple(
        document
        for document in view.billing_documents
        if not document.is_cancelled
        and document.cancelled_document is None
        and document.category in BILLED_BY
    )


def open_plan_value(view: FlowView, document: PostedSalesDocument) -> Money:
    """Return what of *document*, with tax, its billing plan has still to bill."""
    billed = (
        item.net_amount + item.tax_amount
        for invoice in valid_invoices(view)
        for item in invoice.items
        if item.sales_document == document.number
    )
    return document.total_amount - total(billed, document.currency)


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
    """
    Return the lines that the customer still owes, oldest first.

    The rest of an invoice that was cleared with a residual item is owed as well.
    """
    owed = [
        item
        for item in (*receivables(view), *_referring(view))
        if item.clearing_document is None and item.amount.amount > 0
    ]
    return tuple(sorted(owed, key=_age))


def open_credits(view: FlowView) -> tuple[CustomerItem, ...]:
    """Return what is open in the customer's favour: credit memos and partial payments."""
    credit = [
        item
        for item in (*receivables(view), *_referring(view))
        if item.clearing_document is None and item.amount.amount < 0
    ]
    return tuple(sorted(credit, key=_age))


def _referring(view: FlowView) -> Iterator[CustomerItem]:
    """Yield the lines that name an accounting document of the flow's billing as their invoice."""
    posted = {item.document for item in receivables(view)}
    for item in view.items:
        if not item.billing_document and item.invoice in posted:
            yield item


def _age(item: CustomerItem) -> tuple[date, str, int]:
    return item.posting_date, str(item.key), item.line_item


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
