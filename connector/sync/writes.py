"""What steps write: the payload of each operation, as JSON and back, and the call that posts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from connector.ports.erp import Erp, SubmissionObserver
from connector.ports.step_state import Operation
from connector.ports.store_records import DocumentKey, Step
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import IncomingPayment
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory, DocumentNumber


class GoodsIssueRequest(Frozen):
    """Pick a delivery in full and post its goods issue on a day."""

    delivery: Delivery
    actual_date: date


class ChangeRequest(Frozen):
    """
    A change of a sales document that exists.

    ``wanted`` is the whole document as the order now wants it: what the next version of the order
    is compared with; empty where a person changes something of which no order speaks. ``before``
    is the document as the ERP had it, by which a look-up tells what was not changed from what was.
    """

    change: SalesDocumentChange
    wanted: SalesDocument | None
    before: PostedSalesDocument


class ReversalRequest(Frozen):
    """Take back the goods issue of a delivery, for a reason that a person gave."""

    delivery: Delivery
    posting_date: date
    reason: str = ""


class CancellationRequest(Frozen):
    """
    Cancel a billing document, for a reason that a person gave.

    With ``rebill`` what it billed is billed again as soon as it can be; otherwise a person is
    asked first.
    """

    billing_document: DocumentNumber
    category: DocumentCategory
    billing_date: date
    reason: str = ""
    rebill: bool = True


Payload: TypeAlias = (
    SalesDocument
    | ChangeRequest
    | DeliveryRequest
    | GoodsIssueRequest
    | ReversalRequest
    | BillingRequest
    | CancellationRequest
    | IncomingPayment
)

#: Which document each operation makes; for the others their payload says it.
MAKES: Final = {
    Operation.CREATE_INQUIRY: DocumentCategory.INQUIRY,
    Operation.CREATE_QUOTATION: DocumentCategory.QUOTATION,
    Operation.CREATE_SALES_ORDER: DocumentCategory.SALES_ORDER,
    Operation.CREATE_RETURNS_ORDER: DocumentCategory.RETURNS_ORDER,
    Operation.CREATE_CREDIT_MEMO_REQUEST: DocumentCategory.CREDIT_MEMO_REQUEST,
    Operation.CREATE_DEBIT_MEMO_REQUEST: DocumentCategory.DEBIT_MEMO_REQUEST,
    Operation.POST_PAYMENT: DocumentCategory.ACCOUNTING_DOCUMENT,
}

#: Operations whose document carries the flow's own reference.
FLOW_REFERENCE: Final = frozenset(
    {Operation.CREATE_INQUIRY, Operation.CREATE_QUOTATION, Operation.CREATE_SALES_ORDER}
)
#: Operations whose document carries a reference by which it is found again.
CARRYING_REFERENCE: Final = FLOW_REFERENCE | {
    Operation.CREATE_RETURNS_ORDER,
    Operation.CREATE_CREDIT_MEMO_REQUEST,
    Operation.CREATE_DEBIT_MEMO_REQUEST,
}

#: What happens because a person asks for it, and never by itself.
REQUESTED: Final = frozenset(
    {
        Operation.CANCEL_BILLING_DOCUMENT,
        Operation.REVERSE_GOODS_ISSUE,
        Operation.RELEASE_BILLING_BLOCK,
    }
)
#: What an order can go on without, when the ERP refuses it and a person lets it go.
OPTIONAL: Final = REQUESTED | {Operation.CHANGE_QUOTATION, Operation.CHANGE_SALES_ORDER}

_PAYLOADS: Final[dict[Operation, type[Payload]]] = {
    Operation.CREATE_INQUIRY: SalesDocument,
    Operation.CREATE_QUOTATION: SalesDocument,
    Operation.CREATE_SALES_ORDER: SalesDocument,
    Operation.CHANGE_QUOTATION: ChangeRequest,
    Operation.CHANGE_SALES_ORDER: ChangeRequest,
    Operation.CREATE_RETURNS_ORDER: SalesDocument,
    Operation.CREATE_CREDIT_MEMO_REQUEST: SalesDocument,
    Operation.CREATE_DEBIT_MEMO_REQUEST: SalesDocument,
    Operation.CREATE_DELIVERY: DeliveryRequest,
    Operation.POST_GOODS_ISSUE: GoodsIssueRequest,
    Operation.REVERSE_GOODS_ISSUE: ReversalRequest,
    Operation.CREATE_BILLING_DOCUMENT: BillingRequest,
    Operation.CANCEL_BILLING_DOCUMENT: CancellationRequest,
    Operation.RELEASE_BILLING_BLOCK: ChangeRequest,
    Operation.POST_PAYMENT: IncomingPayment,
}


@dataclass(frozen=True, slots=True)
class Intended:
    """
    A write that is to happen: all that a step needs to know.

    ``reference`` is what the ERP will carry, empty for documents that are found again by their
    predecessor. ``known_before`` are the followers that exist already.
    """

    flow_id: int
    operation: Operation
    sequence_key: str
    order_version: int
    payload: Payload
    reference: str = ""
    known_before: tuple[str, ...] = ()


def payload_text(payload: Payload) -> str:
    """
    Return *payload* as JSON, decimals as text.

    Everything is written out: a default may be that of a subclass, and is gone in its base.
    """
    return payload.model_dump_json()


def read_payload(step: Step) -> Payload:
    """Return what *step* sent or was about to send. Raises ValueError before its intent."""
    return _PAYLOADS[step.operation].model_validate_json(step.payload)


def refusal_message(operation: Operation, error: str) -> str:
    """Say what the ERP refused and what a person can do about it."""
    remedy = "Correct the cause, then retry"
    if operation in OPTIONAL:
        remedy += ", or release to go on without it"
    return f"{operation} was refused: {error}. {remedy}"


def made(step: Step, numbers: tuple[str, ...]) -> tuple[DocumentKey, ...]:
    """Return the documents that *step* made or changed, by their *numbers*."""
    category = _category_of(step)
    return tuple(DocumentKey(category, number) for number in numbers)


def _category_of(step: Step) -> DocumentCategory:
    if step.operation in MAKES:
        return MAKES[step.operation]
    found = DocumentCategory.ACCOUNTING_DOCUMENT
    match read_payload(step):
        case DeliveryRequest(category=category) | SalesDocument(category=category):
            found = category
        case GoodsIssueRequest(delivery=delivery) | ReversalRequest(delivery=delivery):
            found = delivery.category
        case BillingRequest(preceding_category=source):
            found = _BILLS.get(source, DocumentCategory.INVOICE)
        case CancellationRequest(category=category):
            found = _CANCELLATION_OF[category]
        case ChangeRequest(change=change):
            found = change.category
        case IncomingPayment():
            pass
    return found


#: What bills each kind of document that is no invoice's.
_BILLS: Final = {
    DocumentCategory.RETURNS_ORDER: DocumentCategory.CREDIT_MEMO,
    DocumentCategory.CREDIT_MEMO_REQUEST: DocumentCategory.CREDIT_MEMO,
    DocumentCategory.DEBIT_MEMO_REQUEST: DocumentCategory.DEBIT_MEMO,
}
#: What cancels a billing document of each category.
_CANCELLATION_OF: Final = {
    DocumentCategory.INVOICE: DocumentCategory.INVOICE_CANCELLATION,
    DocumentCategory.DEBIT_MEMO: DocumentCategory.INVOICE_CANCELLATION,
    DocumentCategory.CREDIT_MEMO: DocumentCategory.CREDIT_MEMO_CANCELLATION,
}


def perform(
    erp: Erp, operation: Operation, payload: Payload, observer: SubmissionObserver
) -> tuple[str, ...]:
    """
    Post *payload* and return the numbers of what was made.

    Raises what :mod:`connector.ports.erp` says of writes.
    """
    numbers: tuple[str, ...]
    match payload:
        case SalesDocument():
            numbers = (erp.sales_documents.create(payload, observer),)
        case ChangeRequest():
            erp.sales_documents.change(payload.change, observer)
            numbers = (payload.change.number,)
        case DeliveryRequest():
            numbers = erp.deliveries.create(payload, observer)
        case GoodsIssueRequest():
            erp.deliveries.post_goods_issue(payload.delivery, payload.actual_date, observer)
            numbers = (payload.delivery.number,)
        case ReversalRequest():
            day = payload.posting_date
            erp.deliveries.reverse_goods_issue(payload.delivery, day, observer)
            numbers = (payload.delivery.number,)
        case BillingRequest():
            numbers = erp.billing_documents.create(payload, observer)
        case CancellationRequest():
            number, day = payload.billing_document, payload.billing_date
            numbers = (erp.billing_documents.cancel(number, day, observer),)
        case IncomingPayment():
            numbers = (str(erp.payments.post(payload, observer)),)
    return numbers
