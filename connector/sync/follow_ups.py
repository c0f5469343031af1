"""What follows the sales order: delivery, goods issue, billing, payment. Pure, like next_steps."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.mappings.mapped_order import MappedPayment
from connector.mappings.problems import Problem
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.delivery import Delivery, DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.payment import IncomingPayment
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.status import CreditStatus
from connector.sd_documents.values import DocumentCategory, Money, Quantity, total
from connector.sync import hold_reasons
from connector.sync.chain import (
    OPEN,
    billable_deliveries,
    is_billed,
    is_issued,
    is_posted,
    last_goods_issue,
    open_receivables,
    order_billing_is_open,
    order_of,
    reference_of,
    undelivered,
)
from connector.sync.changed_version import changed_version
from connector.sync.next_steps import (
    AcceptVersion,
    Complete,
    NextStep,
    ReadChain,
    Reopen,
    Situation,
    Stop,
    Submit,
    Wait,
    requested_steps,
    sales_documents,
    unsettled_steps,
)
from connector.sync.payments import on_account, settle
from connector.sync.plan import DifferingPayment
from connector.sync.writes import CancellationRequest, GoodsIssueRequest, read_payload

#: Credit checks that let nothing be delivered.
_BLOCKED_BY_CREDIT = frozenset({CreditStatus.NOT_OK, CreditStatus.PARTIALLY_RELEASED})


def next_step(situation: Situation) -> NextStep:
    """Return the one thing to do next: something that can be done now before any wait."""
    for urgent in (*unsettled_steps(situation), *requested_steps(situation)):
        return urgent
    if sales := changed_version(situation) or sales_documents(situation):
        return sales
    if not situation.view.flow.is_mirrored:
        return ReadChain()
    if order_of(situation.view) is None:
        return Wait()
    return _earliest(
        [
            found
            for follow_up in (_goods_issue, _delivery, _billing, _payment)
            if (found := follow_up(situation)) is not None
        ],
        situation,
    )


def _earliest(found: list[NextStep], situation: Situation) -> NextStep:
    for candidate in found:
        if isinstance(candidate, (Submit, Stop, Reopen, AcceptVersion, ReadChain)):
            return candidate
    waits = [wait for wait in found if isinstance(wait, Wait)]
    if not waits and _is_complete(situation):
        return Complete()
    return Wait(min((wait.until for wait in waits if wait.until), default=None))


def _is_complete(situation: Situation) -> bool:
    plan, view = situation.plan, situation.view
    if plan.delivery.occurs and not is_issued(view):
        return False
    if plan.billing.occurs and not is_billed(view):
        return False
    return not plan.payment.occurs or (is_posted(view) and not open_receivables(view))


def _delivery(situation: Situation) -> NextStep | None:
    plan, view = situation.plan.delivery, situation.view
    order = order_of(view)
    if order is None or not plan.is_created:
        return None
    if order.delivery_block_reason or order.credit_status in _BLOCKED_BY_CREDIT:
        return Wait() if any(undelivered(view, order)) else None
    due: list[DeliveryRequestItem] = []
    issues, later = [situation.today], []
    for item, rest in undelivered(view, order):
        ready, now_due, not_yet = _due_quantity(item, rest, situation.today, plan.wait_days)
        later += not_yet
        if ready:
            issues += now_due
            due.append(
                DeliveryRequestItem(
                    preceding=reference_of(order, item),
                    quantity=Quantity(value=ready, unit=rest.unit),
                )
            )
    if due:
        # We ask for quantities; the date only has to let the ERP see all of their schedule lines.
        return situation.submit(
            Operation.CREATE_DELIVERY,
            DeliveryRequest(items=tuple(due), due_date=max(issues)),
            known_before=tuple(delivery.number for delivery in view.deliveries),
        )
    if later:
        return Wait(situation.options.start_of(min(later)))
    return Wait() if any(undelivered(view, order)) else None


def _due_quantity(
    item: PostedSalesDocumentItem, rest: Quantity, today: date, wait_days: int
) -> tuple[Decimal, list[date], list[date]]:
    """
    Return how much of *item* is due until *today*, the planned goods issues of what is due, and
    the days on which more will be.

    A schedule line is due when its material is available: then the delivery is made, and picked
    and packed until the goods issue.
    """
    delivered = item.requested_quantity.value - rest.value
    due = Decimal(0)
    issues: list[date] = []
    later: list[date] = []
    for line in item.schedule_lines:
        confirmed = line.confirmed_quantity
        if confirmed is None or not confirmed.value:
            continue
        issue = line.goods_issue_date or line.requested_delivery_date
        day = (line.material_availability_date or issue) + timedelta(days=wait_days)
        if day <= today:
            due += confirmed.value
            issues.append(issue)
        else:
            later.append(day)
    return min(max(due - delivered, Decimal(0)), rest.value), issues, later


def _goods_issue(situation: Situation) -> NextStep | None:
    plan = situation.plan.goods_issue
    waits: list[NextStep] = []
    for delivery in situation.view.deliveries:
        if not plan.is_created or delivery.goods_movement_status not in OPEN:
            continue
        step = situation.view.step(Operation.POST_GOODS_ISSUE, delivery.number)
        if step is not None and step.state is StepState.DONE:
            # Posted by us and taken back by somebody: not ours to post again.
            waits.append(Wait())
            continue
        planned = delivery.planned_goods_issue_date or delivery.document_date
        waits.append(
            situation.not_before(planned + timedelta(days=plan.wait_days))
            or _post_goods_issue(situation, delivery)
        )
    return next((w for w in waits if isinstance(w, Submit)), None) or (
        min(waits, key=_instant, default=None)
    )


def _instant(step: NextStep) -> float:
    until = step.until if isinstance(step, Wait) else None
    return until.timestamp() if until else float("inf")


def _post_goods_issue(situation: Situation, delivery: Delivery) -> Submit | Wait:
    return situation.submit(
        Operation.POST_GOODS_ISSUE,
        GoodsIssueRequest(delivery=delivery, actual_date=situation.today),
        key=delivery.number,
    )


def _billing(situation: Situation) -> NextStep | None:
    plan, view = situation.plan.billing, situation.view
    order = order_of(view)
    if order is None or not plan.is_created:
        return None
    if cancelled := _cancelled_invoice(situation):
        return cancelled
    known = tuple(document.number for document in view.billing_documents)
    deliveries = billable_deliveries(view)
    if deliveries and (is_issued(view) or not plan.collective):
        if not plan.collective:
            deliveries = deliveries[:1]
            issued_on = deliveries[0].actual_goods_issue_date
        else:
            issued_on = last_goods_issue(view)
        day = (issued_on or situation.today) + timedelta(days=plan.wait_days)
        return situation.not_before(day) or situation.submit(
            Operation.CREATE_BILLING_DOCUMENT,
            BillingRequest(
                preceding=tuple(delivery.number for delivery in deliveries),
                preceding_category=DocumentCategory.DELIVERY,
                billing_date=situation.today,
            ),
            known_before=known,
        )
    if order_billing_is_open(view):
        return _order_billing(situation, order, known)
    return None if is_billed(view) else Wait()


def _order_billing(
    situation: Situation, order: PostedSalesDocument, known: tuple[str, ...]
) -> NextStep:
    if order.billing_block_reason:
        return Wait()
    day = order.document_date + timedelta(days=situation.plan.billing.wait_days)
    return situation.not_before(day) or situation.submit(
        Operation.CREATE_BILLING_DOCUMENT,
        BillingRequest(
            preceding=(order.number,),
            preceding_category=DocumentCategory.SALES_ORDER,
            billing_date=situation.today,
        ),
        known_before=known,
    )


def _cancelled_invoice(situation: Situation) -> NextStep | None:
    """Ask before billing again what somebody has cancelled."""
    agreed = _to_be_billed_again(situation.view)
    cancelled = [
        document.number
        for document in situation.view.billing_documents
        if document.is_cancelled and document.number not in agreed
    ]
    if not cancelled or is_billed(situation.view):
        return None
    problem = Problem(
        code=hold_reasons.INVOICE_CANCELLED,
        message=f"billing document {', '.join(cancelled)} was cancelled in the ERP. Release to "
        "bill again, or cancel the order here",
    )
    return Stop((problem,)) if situation.unaccepted((problem,)) else None


def _to_be_billed_again(view: FlowView) -> frozenset[str]:
    """Return the billing documents that a person had cancelled to have them billed anew."""
    requests = (
        read_payload(step)
        for step in view.steps
        if step.operation is Operation.CANCEL_BILLING_DOCUMENT and step.state is StepState.DONE
    )
    return frozenset(
        request.billing_document
        for request in requests
        if isinstance(request, CancellationRequest) and request.rebill
    )


def _payment(situation: Situation) -> NextStep | None:
    view = situation.view
    if not situation.plan.payment.occurs:
        return None
    if situation.plan.payment.is_created and open_receivables(view):
        for payment in sorted(_unposted(situation), key=lambda p: (p.paid_on, p.payment_id)):
            if wait := situation.not_before(payment.paid_on):
                return wait
            if found := _settlement(situation, payment):
                return found
    return None if _is_complete(situation) else Wait()


def _settlement(situation: Situation, payment: MappedPayment) -> NextStep | None:
    problems = situation.unaccepted(situation.payments.problems)
    if problems:
        return Stop(problems)
    view = situation.view
    currency = payment.amount.currency
    amounts = [other.amount for other in _unposted(situation)]
    received = total((a for a in amounts if a.currency == currency), currency)
    received += _on_account_already(view, currency)
    decided = settle(view, payment, received, situation.options.discount_base)
    if decided is None:
        return None
    if isinstance(decided, Problem):
        differing = situation.plan.payment.differing
        if differing is DifferingPayment.HOLD and situation.unaccepted((decided,)):
            return Stop((decided,))
        decided = on_account(payment, open_receivables(view))
    return situation.submit(
        Operation.POST_PAYMENT,
        decided,
        key=payment.payment_id,
        reference=decided.payment_reference,
    )


def _unposted(situation: Situation) -> list[MappedPayment]:
    posted = {
        step.sequence_key
        for step in situation.view.steps
        if step.operation is Operation.POST_PAYMENT and step.state is StepState.DONE
    }
    return [p for p in situation.payments.payments if p.payment_id not in posted]


def _on_account_already(view: FlowView, currency: str) -> Money:
    """Return what our payments on account have brought; they have cleared nothing yet."""
    postings = (
        IncomingPayment.model_validate_json(step.payload)
        for step in view.steps
        if step.operation is Operation.POST_PAYMENT and step.state is StepState.DONE
    )
    return total(
        (p.settled for p in postings if not p.items and p.settled.currency == currency), currency
    )
