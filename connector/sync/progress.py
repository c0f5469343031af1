"""How far an order is, derived from its documents: for lists, and for news to the channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from connector.ports.step_state import StepState
from connector.ports.store_records import EventKind, FlowView
from connector.sd_documents.values import Money
from connector.sync.chain import (
    OPEN,
    is_billed,
    is_issued,
    is_posted,
    order_of,
    outbound,
    valid_invoices,
)
from connector.sync.payment_states import OrderPayment, order_payment


class Stage(StrEnum):
    """The stage that a person sees in a list."""

    RECEIVED = "received"
    HELD = "held"
    IN_DOUBT = "in doubt"
    CONFIRMED = "confirmed"
    PARTIALLY_SHIPPED = "partially shipped"
    SHIPPED = "shipped"
    INVOICED = "invoiced"
    PARTIALLY_PAID = "partially paid"
    PAID = "paid"
    CLEARED_WITHOUT_PAYMENT = "cleared without payment"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Progress:
    """
    What has happened to an order, as the channel's customer would put it.

    Cleared is not paid: an order whose invoices were closed by a credit memo, a cancellation or a
    write-off is ``cleared_without_payment``. ``payment`` is None while there is no order.
    """

    confirmed: bool
    shipped_in_part: bool
    shipped: bool
    invoiced: bool
    paid_in_part: bool
    paid: bool
    cleared_without_payment: bool = False
    payment: OrderPayment | None = None


def progress_of(view: FlowView) -> Progress:
    """Return how far the order is. Services without delivery are never shipped."""
    order = order_of(view)
    if order is None:
        return Progress(False, False, False, False, False, False)
    issued = [d for d in outbound(view) if d.goods_movement_status not in OPEN]
    shipped = bool(issued) and is_issued(view)
    invoices = valid_invoices(view)
    invoiced = bool(invoices) and is_billed(view)
    payment = order_payment(view, order.currency)
    posted = bool(invoices) and is_posted(view)
    is_closed = invoiced and posted and payment.owed.amount <= 0
    return Progress(
        confirmed=True,
        shipped_in_part=bool(issued) and not shipped,
        shipped=shipped,
        invoiced=invoiced,
        paid_in_part=posted and payment.settled.amount > 0 and payment.owed.amount > 0,
        paid=is_closed and payment.cleared_by is None,
        cleared_without_payment=is_closed and payment.cleared_by is not None,
        payment=payment,
    )


def channel_events(before: Progress, after: Progress) -> tuple[EventKind, ...]:
    """
    Return what the channel is told when an order has gone from *before* to *after*.

    Of each further part that was paid it is told as well.
    """
    told_of_part = before.paid_in_part and _settled(before) == _settled(after)
    news = (
        (EventKind.ORDER_CONFIRMED, before.confirmed, after.confirmed),
        (EventKind.PARTIALLY_SHIPPED, before.shipped_in_part, after.shipped_in_part),
        (EventKind.SHIPPED, before.shipped, after.shipped),
        (EventKind.INVOICED, before.invoiced, after.invoiced),
        (EventKind.PARTIALLY_PAID, told_of_part, after.paid_in_part),
        (EventKind.PAID, before.paid, after.paid),
        (
            EventKind.CLEARED_WITHOUT_PAYMENT,
            before.cleared_without_payment,
            after.cleared_without_payment,
        ),
    )
    return tuple(kind for kind, was, is_now in news if is_now and not was)


def _settled(progress: Progress) -> Money | None:
    return None if progress.payment is None else progress.payment.settled


def stage_of(view: FlowView) -> Stage:
    """Return the one word for a list: the furthest thing that is true of the order."""
    if view.flow.cancelled:
        return Stage.CANCELLED
    if view.holds:
        return Stage.HELD
    if _is_rejected(view):
        return Stage.CANCELLED
    if view.flow.closed_at is not None:
        return Stage.COMPLETED
    if any(step.state is StepState.IN_DOUBT for step in view.steps):
        return Stage.IN_DOUBT
    progress = progress_of(view)
    stages = (
        (progress.paid, Stage.PAID),
        (progress.cleared_without_payment, Stage.CLEARED_WITHOUT_PAYMENT),
        (progress.paid_in_part, Stage.PARTIALLY_PAID),
        (progress.invoiced, Stage.INVOICED),
        (progress.shipped, Stage.SHIPPED),
        (progress.shipped_in_part, Stage.PARTIALLY_SHIPPED),
        (progress.confirmed, Stage.CONFIRMED),
    )
    return next((stage for reached, stage in stages if reached), Stage.RECEIVED)


def _is_rejected(view: FlowView) -> bool:
    """Tell whether nothing of the order will be delivered: all of it was rejected in the ERP."""
    order = order_of(view)
    return order is not None and all(item.rejection_reason for item in order.items)
