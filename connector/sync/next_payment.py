"""Payments that the channel reports, once there is something to be paid. Pure, like next_steps."""

from __future__ import annotations

from connector.mappings.mapped_order import MappedPayment
from connector.mappings.problems import Problem
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.payment import IncomingPayment, Remainder
from connector.sd_documents.values import Money, total
from connector.sync.chain import is_complete, open_credits, open_receivables, valid_invoices
from connector.sync.next_steps import NextStep, Situation, Stop, Wait
from connector.sync.payments import (
    Terms,
    in_advance,
    on_account,
    payable,
    settle,
    with_remainder,
)
from connector.sync.plan import DifferingPayment, EarlyPayment


def payment(situation: Situation) -> NextStep | None:
    """Return the next payment, or the wait for it; None when nothing is open."""
    view, plan = situation.view, situation.plan.payment
    if not plan.occurs:
        return None
    is_posted_here = plan.is_created and not plan.is_from_statements
    if is_posted_here and (open_receivables(view) or _may_come_early(situation)):
        for paid in sorted(_unposted(situation), key=lambda p: (p.paid_on, p.payment_id)):
            if wait := situation.not_before(paid.paid_on):
                return wait
            if found := _settlement(situation, paid):
                return found
    return None if is_complete(view, situation.plan) else Wait()


def _may_come_early(situation: Situation) -> bool:
    is_wanted = situation.plan.payment.before_invoice is not EarlyPayment.WAIT
    return is_wanted and not valid_invoices(situation.view)


def _settlement(situation: Situation, payment: MappedPayment) -> NextStep | None:
    if problems := situation.unaccepted(situation.payments.problems):
        return Stop(problems)
    decided = decide(situation, payment)
    if isinstance(decided, Problem):
        differing = situation.plan.payment.differing
        if differing is DifferingPayment.HOLD and situation.unaccepted((decided,)):
            return Stop((decided,))
        decided = _differing(situation.view, payment, differing)
    if decided is None:
        return None
    return situation.submit(
        Operation.POST_PAYMENT,
        decided,
        key=payment.payment_id,
        reference=decided.payment_reference,
    )


def decide(situation: Situation, payment: MappedPayment) -> IncomingPayment | Problem | None:
    """
    Return what *payment* pays; a problem where the amounts do not fit.

    None while nothing can be said: billing is not finished, or the plan lets early money wait.
    """
    if open_receivables(situation.view):
        received = _received(situation, payment)
        return settle(situation.view, payment, received, _terms(situation))
    return _early(situation, payment) if _may_come_early(situation) else None


def _terms(situation: Situation) -> Terms:
    options = situation.options
    return Terms(options.discount_base, options.payment_tolerance)


def _received(situation: Situation, payment: MappedPayment) -> Money:
    """Return all money of the payment's payer that has cleared nothing yet."""
    currency = payment.amount.currency
    amounts = [
        other.amount
        for other in _unposted(situation)
        if (other.payer, other.amount.currency) == (payment.payer, currency)
    ]
    return total(amounts, currency) + _on_account_already(situation.view, payment)


def _early(situation: Situation, payment: MappedPayment) -> IncomingPayment:
    plan = situation.plan.payment
    is_down_payment = plan.before_invoice is EarlyPayment.DOWN_PAYMENT
    indicator = plan.special_gl_indicator if is_down_payment else ""
    return in_advance(payment, situation.view.flow.reference, indicator)


def _differing(
    view: FlowView, payment: MappedPayment, differing: DifferingPayment
) -> IncomingPayment:
    items = payable(view, payment)
    match differing:
        case DifferingPayment.PARTIAL:
            return with_remainder(payment, items, open_credits(view), Remainder.PARTIAL)
        case DifferingPayment.RESIDUAL:
            return with_remainder(payment, items, open_credits(view), Remainder.RESIDUAL)
        case _:
            return on_account(payment, items)


def _unposted(situation: Situation) -> list[MappedPayment]:
    posted = {
        step.sequence_key
        for step in situation.view.steps
        if step.operation is Operation.POST_PAYMENT and step.state is StepState.DONE
    }
    return [p for p in situation.payments.payments if p.payment_id not in posted]


def _on_account_already(view: FlowView, payment: MappedPayment) -> Money:
    """Return what payments of the payer on account have brought; they have cleared nothing yet."""
    currency = payment.amount.currency
    postings = (
        IncomingPayment.model_validate_json(step.payload)
        for step in view.steps
        if step.operation is Operation.POST_PAYMENT and step.state is StepState.DONE
    )
    return total(
        (
            p.settled
            for p in postings
            if not p.items and (p.payer, p.settled.currency) == (payment.payer, currency)
        ),
        currency,
    )
