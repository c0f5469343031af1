"""Billing of deliveries, services, returns and memo requests. Pure, like next_steps."""

from __future__ import annotations

from datetime import timedelta

from connector.mappings.problems import Problem
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingRequest
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.sync import hold_reasons
from connector.sync.chain import (
    OPEN,
    billable_deliveries,
    is_billed,
    is_issued,
    last_goods_issue,
    open_for_billing,
)
from connector.sync.next_steps import NextStep, Situation, Stop, Submit, Wait
from connector.sync.writes import CancellationRequest, read_payload


def billing(situation: Situation) -> NextStep | None:
    """Return the next billing document, or the wait for it; None when nothing is left to bill."""
    if not situation.plan.billing.is_created:
        return None
    if cancelled := _cancelled_invoice(situation):
        return cancelled
    waits: list[NextStep] = []
    if found := _delivery_billing(situation):
        if isinstance(found, Submit):
            return found
        waits.append(found)
    for document in open_for_billing(situation.view):
        step = _order_billing(situation, document)
        if isinstance(step, Submit):
            return step
        waits.append(step)
    if waits:
        return min(waits, key=_instant)
    return None if is_billed(situation.view) else Wait()


def _delivery_billing(situation: Situation) -> Submit | Wait | None:
    plan, view = situation.plan.billing, situation.view
    deliveries = billable_deliveries(view)
    if not deliveries or (plan.collective and not is_issued(view)):
        return None
    if not plan.collective:
        deliveries = deliveries[:1]
        issued_on = deliveries[0].actual_goods_issue_date
    else:
        issued_on = last_goods_issue(view)
    day = (issued_on or situation.today) + timedelta(days=plan.wait_days)
    return situation.not_before(day) or _bill(
        situation,
        tuple(delivery.number for delivery in deliveries),
        deliveries[0].category,
    )


def _order_billing(situation: Situation, document: PostedSalesDocument) -> Submit | Wait:
    if document.billing_block_reason:
        return Wait()
    if wait := _milestone_wait(situation, document):
        return wait
    day = document.document_date + timedelta(days=situation.plan.billing.wait_days)
    return situation.not_before(day) or _bill(situation, (document.number,), document.category)


def _milestone_wait(situation: Situation, document: PostedSalesDocument) -> Wait | None:
    """
    Return the wait for the next milestone where only milestones are left, None when one is due.

    A blocked one waits for whoever lifts its block in the ERP.
    """
    left = [i for i in document.items if i.billing_status in OPEN and not i.rejection_reason]
    dates = [each for item in left for each in item.billing_plan]
    if not dates or any(not item.billing_plan for item in left):
        return None
    if any(each.is_due_on(situation.today) for each in dates):
        return None
    later = [d.billing_date for d in dates if d.billing_date > situation.today]
    return Wait(situation.options.start_of(min(later)) if later else None)


def _bill(
    situation: Situation, numbers: tuple[str, ...], category: DocumentCategory
) -> Submit | Wait:
    return situation.submit(
        Operation.CREATE_BILLING_DOCUMENT,
        BillingRequest(
            preceding=numbers, preceding_category=category, billing_date=situation.today
        ),
        known_before=tuple(document.number for document in situation.view.billing_documents),
    )


def _instant(step: NextStep) -> float:
    until = step.until if isinstance(step, Wait) else None
    return until.timestamp() if until else float("inf")


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
