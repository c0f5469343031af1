"""
Look in the ERP for what a step in doubt may have posted.

Sales documents carry our reference. Deliveries and billing documents are found by what precedes
them and by quantity, payments by their reference in FI.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connector.ports.erp import ChainSnapshot, Erp
from connector.ports.store_records import FlowView, Step
from connector.sd_documents.billing_document import BillingDocument, BillingRequest
from connector.sd_documents.delivery import DeliveryRequest
from connector.sd_documents.payment import IncomingPayment
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, ItemReference
from connector.sync.chain import reference_of, sales_document_numbers
from connector.sync.change_made import compare_change
from connector.sync.writes import (
    CancellationRequest,
    ChangeRequest,
    GoodsIssueRequest,
    ReversalRequest,
    read_payload,
)


@dataclass(frozen=True, slots=True)
class Found:
    """
    What a look-up found.

    ``numbers`` are filled when there is exactly what was sent; ``conflict`` says what else there
    is. Both empty: there is nothing.
    """

    numbers: tuple[str, ...] = ()
    conflict: str = ""


NOTHING = Found()


def look_up(erp: Erp, step: Step, view: FlowView) -> Found:
    """
    Look for what *step* may have posted. Reads only.

    Raises:
        TransientError: the ERP could not answer; nothing was learnt.
    """
    payload = read_payload(step)
    found: Found
    match payload:
        case SalesDocument():
            found = _sales_document(erp, step, payload)
        case ChangeRequest():
            found = _change(erp, payload)
        case GoodsIssueRequest():
            found = _goods_issue(erp, payload)
        case ReversalRequest():
            found = _reversal(erp, payload)
        case DeliveryRequest():
            found = _deliveries(step, payload, erp.chains.read(sales_document_numbers(view)))
        case BillingRequest():
            found = _billing(step, payload, erp.chains.read(sales_document_numbers(view)))
        case CancellationRequest():
            found = _cancellation(payload, erp.chains.read(sales_document_numbers(view)))
        case IncomingPayment():
            found = _payment(erp, payload, view)
    return found


def _sales_document(erp: Erp, step: Step, sent: SalesDocument) -> Found:
    named = set(erp.sales_documents.find(sent.purchase_order_by_customer, sent.category))
    # The number that the ERP named before the commit, should its reference have been altered there.
    documents = erp.sales_documents.read(sorted(named | set(step.provisional_numbers)))
    if not documents:
        return Found(conflict=f"{_list(named)} cannot be read") if named else NOTHING
    if len(documents) > 1:
        numbers = _list(document.number for document in documents)
        return Found(conflict=f"documents {numbers} all carry {sent.purchase_order_by_customer!r}")
    differences = content_differences(sent, documents[0])
    if differences:
        return Found(conflict=f"{documents[0].number} differs in {', '.join(differences)}")
    return Found((documents[0].number,))


def content_differences(sent: SalesDocument, found: PostedSalesDocument) -> tuple[str, ...]:
    """
    Return in what *found* is not what was *sent*; empty when it is.

    Items that the ERP added by itself (free goods, components) are no difference.
    """
    result = []
    if found.category is not sent.category:
        result.append("category")
    if found.sales_order_type != sent.sales_order_type:
        result.append("sales_order_type")
    if _plain(found.sold_to_party) != _plain(sent.sold_to_party):
        result.append("sold_to_party")
    if found.currency != sent.currency:
        result.append("currency")
    items = {item.item_number: item for item in found.items}
    for item in sent.items:
        there = items.get(item.item_number)
        if there is None:
            result.append(f"items[{item.item_number}]")
        elif _plain(there.material) != _plain(item.material):
            result.append(f"items[{item.item_number}].material")
        elif there.requested_quantity.value != item.requested_quantity.value:
            result.append(f"items[{item.item_number}].requested_quantity")
    return tuple(result)


def _change(erp: Erp, sent: ChangeRequest) -> Found:
    number, category = sent.change.number, sent.change.category
    documents = erp.sales_documents.read([number], category)
    if not documents:
        return Found(conflict=f"{number} no longer exists")
    made = compare_change(sent, documents[0])
    if made.is_complete:
        return Found((number,))
    if made.is_untouched:
        return NOTHING
    return Found(conflict=f"{number} is changed in part: {', '.join(made.odd)}")


def _goods_issue(erp: Erp, sent: GoodsIssueRequest) -> Found:
    found = erp.deliveries.read([sent.delivery.number])
    if not found:
        return Found(conflict=f"delivery {sent.delivery.number} no longer exists")
    status = found[0].goods_movement_status
    if status is Status.COMPLETELY:
        return Found((sent.delivery.number,))
    if status is Status.PARTIALLY:
        return Found(conflict=f"delivery {sent.delivery.number} is partly issued")
    return NOTHING


def _reversal(erp: Erp, sent: ReversalRequest) -> Found:
    number = sent.delivery.number
    found = erp.deliveries.read([number])
    if not found:
        return Found(conflict=f"delivery {number} no longer exists")
    status = found[0].goods_movement_status
    if status is Status.PARTIALLY:
        return Found(conflict=f"delivery {number} is partly issued")
    return NOTHING if status is Status.COMPLETELY else Found((number,))


def _cancellation(sent: CancellationRequest, snapshot: ChainSnapshot) -> Found:
    number = sent.billing_document
    numbers = sorted(d.number for d in snapshot.billing_documents if d.cancelled_document == number)
    if len(numbers) > 1:
        return Found(conflict=f"{_list(numbers)} both cancel {number}")
    return Found(tuple(numbers))


def _deliveries(step: Step, sent: DeliveryRequest, snapshot: ChainSnapshot) -> Found:
    wanted = _added((item.preceding, item.quantity.value) for item in sent.items)
    matching = [
        (delivery.number, item)
        for delivery in snapshot.deliveries
        if delivery.number not in step.known_before and delivery.category is sent.category
        for item in delivery.items
        if item.preceding in wanted
    ]
    if not matching:
        return NOTHING
    numbers = sorted({number for number, _ in matching})
    delivered = _added((item.preceding, item.delivery_quantity.value) for _, item in matching)
    if delivered != wanted:
        return Found(conflict=f"deliveries {_list(numbers)} have other quantities than were sent")
    return Found(tuple(numbers))


def _billing(step: Step, sent: BillingRequest, snapshot: ChainSnapshot) -> Found:
    found = [
        document
        for document in snapshot.billing_documents
        if document.number not in step.known_before
        and not document.is_cancelled
        and document.cancelled_document is None
        and _bills(document, sent)
    ]
    if not found:
        return NOTHING
    numbers = tuple(document.number for document in found)
    planned = _planned(snapshot)
    billed = _added(
        (item.preceding, item.billing_quantity.value)
        for document in found
        for item in document.items
        if item.preceding.document in sent.preceding and item.preceding not in planned
    )
    if billed != _billable(sent, snapshot):
        return Found(conflict=f"billing documents {_list(numbers)} bill other quantities")
    return Found(numbers)


def _planned(snapshot: ChainSnapshot) -> frozenset[ItemReference]:
    """Return the items that are billed in shares: their invoices say no quantity of their own."""
    return frozenset(
        reference_of(document, item)
        for document in snapshot.sales_documents
        for item in document.items
        if item.billing_plan
    )


def _bills(document: BillingDocument, sent: BillingRequest) -> bool:
    return any(item.preceding.document in sent.preceding for item in document.items)


def _billable(sent: BillingRequest, snapshot: ChainSnapshot) -> dict[ItemReference, Decimal]:
    """Return every item of the preceding documents with its quantity."""
    if sent.preceding_category in (DocumentCategory.DELIVERY, DocumentCategory.RETURNS_DELIVERY):
        return {
            ItemReference(
                category=delivery.category,
                document=delivery.number,
                item_number=item.item_number,
            ): item.delivery_quantity.value
            for delivery in snapshot.deliveries
            if delivery.number in sent.preceding
            for item in delivery.items
            if item.billing_status is not Status.NOT_RELEVANT
        }
    return {
        ItemReference(
            category=document.category, document=document.number, item_number=item.item_number
        ): item.requested_quantity.value
        for document in snapshot.sales_documents
        if document.number in sent.preceding
        for item in document.items
        if item.billing_status is not Status.NOT_RELEVANT and not item.billing_plan
    }


def _payment(erp: Erp, sent: IncomingPayment, view: FlowView) -> Found:
    keys = erp.payments.find(sent.payment_reference, sent.company_code, sent.payer)
    if not keys:
        return NOTHING
    if len(keys) > 1:
        return Found(
            conflict=f"documents {_list(map(str, keys))} all carry {sent.payment_reference!r}"
        )
    snapshot = erp.chains.read(sales_document_numbers(view))
    lines = [item.amount.amount for item in snapshot.items if item.key == keys[0]]
    if lines and -sum(lines, Decimal(0)) != sent.settled.amount:
        return Found(conflict=f"payment {keys[0]} has another amount than {sent.settled}")
    return Found((str(keys[0]),))


def _plain(key: str) -> str:
    """Customers and materials compare without the leading zeros of their stored form."""
    return key.lstrip("0") if key.isdigit() else key


def _added(parts: Iterable[tuple[ItemReference, Decimal]]) -> dict[ItemReference, Decimal]:
    result: dict[ItemReference, Decimal] = {}
    for item, quantity in parts:
        result[item] = result.get(item, Decimal(0)) + quantity
    return result


def _list(numbers: Iterable[str]) -> str:
    return ", ".join(sorted(numbers))
