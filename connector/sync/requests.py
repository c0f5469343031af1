"""
What a person asks the connector to take back or to let through: each becomes a step.

The step is executed like every other, exactly once. What cannot work is refused here already, from
what was last read of the ERP, with what has to happen first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.clock import Clock
from connector.errors import RejectedError
from connector.ports.step_state import FINAL, Operation
from connector.ports.store import FlowStore
from connector.ports.store_records import EventKind, FlowView, NewEvent
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.status import Status
from connector.sd_documents.values import display_number, pad_number
from connector.sync.chain import OPEN
from connector.sync.plan import Plan, Reversals
from connector.sync.writes import (
    CancellationRequest,
    ChangeRequest,
    Payload,
    ReversalRequest,
    payload_text,
)


def cancel_billing(
    store: FlowStore,
    clock: Clock,
    view: FlowView,
    plan: Plan,
    number: str,
    *,
    today: date,
    by: str,
    reason: str,
    rebill: bool = True,
) -> None:
    """
    Ask for the cancellation of billing document *number*; with *rebill* it is then billed anew.

    Raises:
        RejectedError: it is not this order's, cancelled already, or its item is cleared; the plan
            refuses reversals; or it was asked for before.
    """
    document = _billing_document(view, number)
    _require_allowed(view, plan, "cancelled")
    name = f"billing document {display_number(document.number)}"
    if document.cancelled_document is not None:
        raise RejectedError(f"{name} is itself a cancellation: bill again instead")
    if document.is_cancelled:
        raise RejectedError(f"{name} is cancelled already")
    for item in view.items:
        if item.billing_document == document.number and item.clearing_document is not None:
            raise RejectedError(
                f"{name} is cleared by {display_number(item.clearing_document)} of "
                f"{item.cleared_on}: reset that clearing in the ERP (FBRA) and pull the status "
                "first, then cancel"
            )
    request = CancellationRequest(
        billing_document=document.number,
        category=document.category,
        billing_date=max(today, document.billing_date),
        reason=reason,
        rebill=rebill,
    )
    asked = _Asked(Operation.CANCEL_BILLING_DOCUMENT, document.number, request, by, reason)
    _ask(store, clock, view, asked)


def reverse_goods_issue(
    store: FlowStore,
    clock: Clock,
    view: FlowView,
    plan: Plan,
    number: str,
    *,
    today: date,
    by: str,
    reason: str,
) -> None:
    """
    Ask for the goods issue of delivery *number* to be taken back.

    Raises:
        RejectedError: it is not this order's, not issued, or billed; the plan refuses reversals;
            or it was asked for before and is not done yet.
    """
    key = pad_number(number)
    delivery = next((d for d in view.deliveries if d.number == key), None)
    if delivery is None:
        raise RejectedError(f"{_name(view)} has no delivery {display_number(number)}")
    _require_allowed(view, plan, "taken back")
    name = f"delivery {display_number(key)}"
    if delivery.goods_movement_status in OPEN:
        raise RejectedError(f"the goods issue of {name} is not posted: nothing to take back")
    if delivery.billing_status in (Status.PARTIALLY, Status.COMPLETELY):
        numbers = ", ".join(
            display_number(document.number)
            for document in view.billing_documents
            if not document.is_cancelled
            and document.cancelled_document is None
            and any(item.preceding.document == key for item in document.items)
        )
        raise RejectedError(f"{name} is billed: cancel billing document {numbers} first")
    request = ReversalRequest(delivery=delivery, posting_date=today, reason=reason)
    again = _next_key(view, Operation.REVERSE_GOODS_ISSUE, key)
    _ask(store, clock, view, _Asked(Operation.REVERSE_GOODS_ISSUE, again, request, by, reason))


def release_billing_block(
    store: FlowStore, clock: Clock, view: FlowView, number: str, *, by: str, reason: str
) -> None:
    """
    Ask for the billing block of sales document *number* to be removed: it may be billed.

    Raises:
        RejectedError: it is not this order's, has no billing block, or it was asked for before.
    """
    key = pad_number(number)
    document = next((d for d in view.sales_documents if d.number == key), None)
    if document is None:
        raise RejectedError(f"{_name(view)} has no sales document {display_number(number)}")
    if not document.billing_block_reason:
        raise RejectedError(f"sales document {display_number(number)} has no billing block")
    change = SalesDocumentChange(
        number=key,
        category=document.category,
        purchase_order_by_customer=document.purchase_order_by_customer,
        billing_block_reason="",
    )
    request = ChangeRequest(change=change, wanted=None, before=document)
    again = _next_key(view, Operation.RELEASE_BILLING_BLOCK, key)
    _ask(store, clock, view, _Asked(Operation.RELEASE_BILLING_BLOCK, again, request, by, reason))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, by whom and why; ``key`` is the document, with its turn if it has one."""

    operation: Operation
    key: str
    request: Payload
    by: str
    reason: str


def _ask(store: FlowStore, clock: Clock, view: FlowView, asked: _Asked) -> None:
    operation, document = asked.operation, asked.key.partition("/")[0]
    is_release = operation is Operation.RELEASE_BILLING_BLOCK
    event = NewEvent(
        EventKind.RELEASE_REQUESTED if is_release else EventKind.REVERSAL_REQUESTED,
        view.flow.id,
        document=document,
        detail={"operation": operation.value, "by": asked.by, "comment": asked.reason},
    )
    if view.holds:
        # Whatever holds the order is tried again on the way: the same problem holds it again.
        store.holds.release(
            view.flow.id, now=clock.now(), by=asked.by, comment=asked.reason, accepted=False
        )
    made = store.steps.request(
        view.flow.id,
        operation,
        asked.key,
        payload_text(asked.request),
        now=clock.now(),
        events=[event],
    )
    if not made:
        raise RejectedError(f"{operation} {display_number(document)} was asked for before")


def _next_key(view: FlowView, operation: Operation, document: str) -> str:
    """Return the key of a request that may come again once the one before is settled."""
    past = [
        step
        for step in view.steps
        if step.operation is operation and step.sequence_key.partition("/")[0] == document
    ]
    if past and past[-1].state not in FINAL:
        return past[-1].sequence_key
    return f"{document}/{len(past) + 1}"


def _billing_document(view: FlowView, number: str) -> BillingDocument:
    key = pad_number(number)
    for document in view.billing_documents:
        if document.number == key:
            return document
    raise RejectedError(f"{_name(view)} has no billing document {display_number(number)}")


def _require_allowed(view: FlowView, plan: Plan, what: str) -> None:
    if view.flow.cancelled:
        raise RejectedError(f"{_name(view)} was given up here: reverse its documents in the ERP")
    if plan.reversals is Reversals.REFUSE:
        raise RejectedError(
            f"the plan {plan.name} lets nothing be {what} from here (reversals: refuse); do it in "
            "the ERP"
        )


def _name(view: FlowView) -> str:
    return f"order {view.flow.order_name or view.flow.external_id}"
