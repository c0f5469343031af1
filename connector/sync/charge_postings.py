"""
What may be posted from a line of a payout: the payment of an order, once the money is there.

The order's own step posts it, under the payment's own reference, so that the channel's word and
the provider's report can never both be posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from connector.mappings.mapped_order import MappedPayment
from connector.mappings.problems import Problem
from connector.ports.statement_payments import Found, LineKind, Posting, Suggestion, Way
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.payment import Remainder
from connector.sd_documents.values import Money
from connector.sync.chain import is_billed, is_posted, open_credits, open_receivables
from connector.sync.context import SyncContext
from connector.sync.next_payment import decide
from connector.sync.next_steps import Situation
from connector.sync.payments import on_account, payable, with_fee, with_remainder
from connector.sync.plan import DifferingPayment


@dataclass(frozen=True, slots=True)
class ChargeIn:
    """
    A charge that a provider has paid out, by the payment that the channel reports for it.

    ``gross`` is what the buyer paid in the currency of the payment, None where the report has it
    in another; ``fee`` is what the provider kept, in the payout's currency.
    """

    key: str
    subject: str
    payment_id: str
    gross: Money | None
    fee: Money
    paid_out_on: date
    rule: str
    is_reversal: bool = False


def found_of_charge(context: SyncContext, charge: ChargeIn, view: FlowView) -> Found | None:
    """
    Return what is to be kept of a charge of the order in *view*.

    None where there is nothing to post from it: the plan posts what the channel reports, the
    payment is posted already, or there is no invoice yet and the plan lets early money wait.
    """
    plan = context.plan(view.flow.plan)
    route = context.route(view.flow.channel)
    situation = Situation(view, plan, route, context.options, context.clock.now())
    if not plan.payment.is_from_statements or situation.unaccepted(situation.payments.problems):
        return None
    payment = next(
        (p for p in situation.payments.payments if p.payment_id == charge.payment_id), None
    )
    if payment is None:
        return None
    step = view.step(Operation.POST_PAYMENT, charge.payment_id)
    if step is not None and step.state is StepState.DONE and not charge.is_reversal:
        return None
    doubt = _doubt(charge, payment)
    return _found(charge, view, payment, doubt) if doubt else _judged(charge, situation, payment)


def _doubt(charge: ChargeIn, payment: MappedPayment) -> str:
    """Say why nothing can be posted from *charge*, whoever releases it; empty where it can."""
    if charge.is_reversal:
        return (
            "the cardholder took the payment back: reverse its receipt in the ERP, nothing is "
            "posted here"
        )
    if charge.gross is None or charge.fee.currency != payment.amount.currency:
        return f"paid out in {charge.fee.currency}, the order was paid in {payment.amount}"
    if charge.fee.amount < 0 or charge.fee.amount >= charge.gross.amount:
        return f"the fee is {charge.fee}: that leaves nothing to be posted"
    return ""


def _judged(charge: ChargeIn, situation: Situation, payment: MappedPayment) -> Found | None:
    view = situation.view
    if charge.gross is not None and charge.gross != payment.amount:
        reason = f"the channel took {payment.amount}, the provider paid out {charge.gross}"
        paid = payment.model_copy(update={"amount": charge.gross})
        return _proposed(charge, situation, paid, reason)
    decided = decide(situation, payment)
    if isinstance(decided, Problem):
        return _proposed(charge, situation, payment, decided.message)
    if decided is None:
        if is_billed(view) and is_posted(view) and not open_receivables(view):
            return _proposed(charge, situation, payment, "nothing of its order is open any more")
        return None
    exact = Posting(way=Way.EXACT, payment=with_fee(decided, charge.fee))
    return _found(charge, view, payment, "paid out", postings=(exact,), preferred=Way.EXACT)


def _proposed(charge: ChargeIn, situation: Situation, payment: MappedPayment, reason: str) -> Found:
    view = situation.view
    items, credit = payable(view, payment), open_credits(view)
    # Where a remainder does not fit, the payment comes back as one on account.
    remainders = {
        way: with_remainder(payment, items, credit, remainder)
        for way, remainder in _REMAINDERS.items()
        if items
    }
    fitting = {way: each for way, each in remainders.items() if each.items}
    fitting[Way.ON_ACCOUNT] = on_account(payment, items)
    wanted = _PREFERRED.get(situation.plan.payment.differing) if items else Way.ON_ACCOUNT
    postings = tuple(
        Posting(way=way, payment=with_fee(each, charge.fee)) for way, each in fitting.items()
    )
    preferred = wanted if wanted in fitting else None
    return _found(charge, view, payment, reason, postings=postings, preferred=preferred)


_REMAINDERS: Final = {
    Way.PARTIAL: Remainder.PARTIAL,
    Way.RESIDUAL: Remainder.RESIDUAL,
    Way.SURPLUS: Remainder.ON_ACCOUNT,
}
_PREFERRED: Final = {
    DifferingPayment.PARTIAL: Way.PARTIAL,
    DifferingPayment.RESIDUAL: Way.RESIDUAL,
    DifferingPayment.ON_ACCOUNT: Way.ON_ACCOUNT,
}


def _found(
    charge: ChargeIn,
    view: FlowView,
    payment: MappedPayment,
    reason: str,
    *,
    postings: tuple[Posting, ...] = (),
    preferred: Way | None = None,
) -> Found:
    suggestion = Suggestion(
        subject=charge.subject,
        company_code=payment.company_code,
        amount=payment.amount,
        booked_on=charge.paid_out_on,
        # The order's step carries the payment's reference; a reversal shares it with nothing.
        reference="" if charge.is_reversal else payment.reference,
        payer=payment.payer,
        rule=charge.rule,
        reason=reason,
        fee=charge.fee,
        postings=postings,
        preferred=preferred,
        flow_id=view.flow.id,
        payment_id=charge.payment_id,
        flows=(view.flow.id,),
    )
    is_exact = preferred is Way.EXACT
    return Found(
        key=charge.key, kind=LineKind.PAYOUT_LINE, suggestion=suggestion, is_exact=is_exact
    )
