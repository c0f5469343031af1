"""Deliveries of orders and returns orders, and their goods movements. Pure, like next_steps."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.ports.step_state import Operation, StepState
from connector.sd_documents.delivery import Delivery, DeliveryRequest, DeliveryRequestItem
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.status import CreditStatus
from connector.sd_documents.values import DocumentCategory, Quantity
from connector.sync.chain import OPEN, deliverable, reference_of, undelivered
from connector.sync.next_steps import NextStep, Situation, Submit, Wait
from connector.sync.plan import DocumentPlan
from connector.sync.writes import GoodsIssueRequest

#: Credit checks that let nothing be delivered.
_BLOCKED_BY_CREDIT: Final = frozenset({CreditStatus.NOT_OK, CreditStatus.PARTIALLY_RELEASED})

#: By what each kind of document is delivered.
_DELIVERED_BY: Final = {
    DocumentCategory.SALES_ORDER: DocumentCategory.DELIVERY,
    DocumentCategory.RETURNS_ORDER: DocumentCategory.RETURNS_DELIVERY,
}
#: Of what each kind of delivery is made.
_DELIVERS: Final = {made: source for source, made in _DELIVERED_BY.items()}


def delivery(situation: Situation) -> NextStep | None:
    """Return the next delivery, or the wait for it; None when nothing is left to be delivered."""
    waits: list[Wait] = []
    for document in deliverable(situation.view):
        plan, _ = situation.plan.delivery_of(document.category)
        if not plan.is_created:
            continue
        match _delivery_of(situation, document, plan):
            case Submit() as found:
                return found
            case Wait() as wait:
                waits.append(wait)
            case _:
                continue
    return min(waits, key=_instant, default=None)


def _delivery_of(
    situation: Situation, document: PostedSalesDocument, plan: DocumentPlan
) -> Submit | Wait | None:
    view = situation.view
    if document.delivery_block_reason or document.credit_status in _BLOCKED_BY_CREDIT:
        return Wait() if any(undelivered(view, document)) else None
    due: list[DeliveryRequestItem] = []
    issues, later = [situation.today], []
    for item, rest in undelivered(view, document):
        ready, now_due, not_yet = _due_quantity(item, rest, situation.today, plan.wait_days)
        later += not_yet
        if ready:
            issues += now_due
            due.append(
                DeliveryRequestItem(
                    preceding=reference_of(document, item),
                    quantity=Quantity(value=ready, unit=rest.unit),
                )
            )
    if due:
        # We ask for quantities; the date only has to let the ERP see all of their schedule lines.
        return situation.submit(
            Operation.CREATE_DELIVERY,
            DeliveryRequest(
                items=tuple(due),
                due_date=max(issues),
                category=_DELIVERED_BY[document.category],
            ),
            known_before=tuple(known.number for known in view.deliveries),
        )
    if later:
        return Wait(situation.options.start_of(min(later)))
    return Wait() if any(undelivered(view, document)) else None


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


def goods_movement(situation: Situation) -> NextStep | None:
    """Return the next goods issue or receipt, or the wait for it; None when all are posted."""
    waits: list[NextStep] = []
    for delivery in situation.view.deliveries:
        source = _DELIVERS.get(delivery.category, DocumentCategory.SALES_ORDER)
        _, plan = situation.plan.delivery_of(source)
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
            or _post_goods_movement(situation, delivery)
        )
    return next((w for w in waits if isinstance(w, Submit)), None) or (
        min(waits, key=_instant, default=None)
    )


def _instant(step: NextStep) -> float:
    until = step.until if isinstance(step, Wait) else None
    return until.timestamp() if until else float("inf")


def _post_goods_movement(situation: Situation, delivery: Delivery) -> Submit | Wait:
    return situation.submit(
        Operation.POST_GOODS_ISSUE,
        GoodsIssueRequest(delivery=delivery, actual_date=situation.today),
        key=delivery.number,
    )
