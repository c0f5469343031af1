"""
What may be posted from a bank line: the ways that are open, and the one that finance prefers.

Pure. Only what pays its items to the cent, by key, is exact; everything else is for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from connector.mappings.mapped_order import MappedPayment
from connector.ports.statement_payments import (
    Candidate,
    Found,
    LineKind,
    Posting,
    Suggestion,
    Way,
)
from connector.ports.step_state import Operation, StepState
from connector.ports.store_records import FlowView
from connector.sd_documents.payment import CustomerItem, IncomingPayment, Remainder
from connector.sd_documents.values import Money
from connector.sync.context import SyncContext
from connector.sync.discounts import Discount, discount_on
from connector.sync.next_steps import Situation
from connector.sync.payments import on_account, posting
from connector.sync.plan import DifferingPayment, PaymentPlan


@dataclass(frozen=True, slots=True)
class PaidGroup:
    """An open item, first, with the part payments against it; ``discount`` is what it earned."""

    items: tuple[CustomerItem, ...]
    discount: Decimal

    @property
    def rest(self) -> Decimal:
        return sum((item.amount.amount for item in self.items), Decimal(0))


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """
    A line that money came in on, with what it pays.

    ``gl_account`` is that of the bank account. ``paid_on`` is the day by which a discount is
    judged, ``booked_on`` that of the posting. ``reason`` says in words what was found. Without
    ``is_postable`` nothing may be posted, whatever a person says. ``to_account`` says that money
    of a known payer for which nothing is open goes to the payer's account by itself.
    """

    key: str
    subject: str
    company_code: str
    gl_account: str
    amount: Money
    paid_on: date
    booked_on: date
    reference: str
    rule: str
    reason: str
    payer: str = ""
    groups: tuple[PaidGroup, ...] = ()
    difference: Money | None = None
    is_exact: bool = False
    is_postable: bool = True
    to_account: bool = False
    #: Gateways whose payments come in payouts, in small letters; None where all may do so.
    paid_out: frozenset[str] | None = frozenset()


_DIFFERING: Final = {
    DifferingPayment.PARTIAL: Way.PARTIAL,
    DifferingPayment.RESIDUAL: Way.RESIDUAL,
    DifferingPayment.ON_ACCOUNT: Way.ON_ACCOUNT,
}


def found_of_line(context: SyncContext, money: MoneyIn, views: Sequence[FlowView]) -> Found | None:
    """
    Return what is to be kept of a bank line; *views* are the orders whose invoices it pays.

    None where it is left alone: an order of them has a plan that posts what its channel reports.
    """
    plans = [context.plan(view.flow.plan).payment for view in views]
    if not all(plan.is_from_statements for plan in plans):
        return None
    postings = _postings(context, money, views) if money.is_postable and money.payer else ()
    ways = {each.way for each in postings}
    preferred = _preferred(money, ways, plans)
    suggestion = Suggestion(
        subject=money.subject,
        company_code=money.company_code,
        amount=money.amount,
        booked_on=money.booked_on,
        reference=money.reference,
        payer=money.payer,
        rule=money.rule,
        reason=money.reason,
        candidates=tuple(_candidate(group) for group in money.groups),
        difference=money.difference,
        postings=postings,
        preferred=preferred,
        flows=tuple(sorted(view.flow.id for view in views)),
        gl_account=money.gl_account if money.is_postable else "",
    )
    suggestion = _as_reported(context, suggestion, money, views)
    by_itself = money.is_exact or (money.to_account and not money.groups)
    is_exact = by_itself and preferred in (Way.EXACT, Way.ON_ACCOUNT) and preferred in ways
    return Found(key=money.key, kind=LineKind.BANK_LINE, suggestion=suggestion, is_exact=is_exact)


def _as_reported(
    context: SyncContext, suggestion: Suggestion, money: MoneyIn, views: Sequence[FlowView]
) -> Suggestion:
    """
    Return *suggestion* as the payment that the channel reports of the same money, where it does.

    Its order has just one payment of that amount which is not posted and comes in no payout. The
    order's own step posts it, so that it can never be posted as both.
    """
    if len(views) != 1 or money.paid_out is None:
        return suggestion
    [view] = views
    route, now = context.route(view.flow.channel), context.clock.now()
    plan = context.plan(view.flow.plan)
    reported = [
        payment
        for payment in Situation(view, plan, route, context.options, now).payments.payments
        if payment.amount == money.amount
        and payment.gateway.casefold() not in money.paid_out
        and not _is_posted(view, payment)
    ]
    if len(reported) != 1:
        return suggestion
    [payment] = reported
    carried = {"payment_reference": payment.reference}
    return suggestion.model_copy(
        update={
            "reference": payment.reference,
            "flow_id": view.flow.id,
            "payment_id": payment.payment_id,
            "gl_account": "",
            "postings": tuple(
                each.model_copy(update={"payment": each.payment.model_copy(update=carried)})
                for each in suggestion.postings
            ),
        }
    )


def _is_posted(view: FlowView, payment: MappedPayment) -> bool:
    step = view.step(Operation.POST_PAYMENT, payment.payment_id)
    return step is not None and step.state is StepState.DONE


def moved_to_account_of(suggestion: Suggestion, payer: str) -> IncomingPayment:
    """Return the money of *suggestion* as a credit on the account of *payer*, clearing nothing."""
    return IncomingPayment(
        payment_reference=suggestion.reference,
        company_code=suggestion.company_code,
        payer=payer,
        document_date=suggestion.booked_on,
        posting_date=suggestion.booked_on,
        received=suggestion.amount,
        bank_account=suggestion.gl_account,
        cash_discount=Money.zero(suggestion.amount.currency),
    )


def _postings(
    context: SyncContext, money: MoneyIn, views: Sequence[FlowView]
) -> tuple[Posting, ...]:
    payment, items = _payment(money, money.payer), _flat(money)
    short = money.difference.amount if money.difference is not None else Decimal(0)
    ways: dict[Way, Callable[[], IncomingPayment]] = {}
    if items and not short:
        discounts = _discounts(context, money, views)
        if discounts is not None:
            ways[Way.EXACT] = lambda: posting(payment, items, discounts)
    elif items and short > 0:
        if len(money.groups) == 1:
            ways[Way.PARTIAL] = lambda: posting(payment, items[:1], remainder=Remainder.PARTIAL)
        ways[Way.RESIDUAL] = lambda: posting(payment, items, remainder=Remainder.RESIDUAL)
        if short <= context.options.payment_tolerance and money.difference is not None:
            ways[Way.SMALL_DIFFERENCE] = lambda: posting(
                payment, items, small_difference=money.difference
            )
    elif items:
        ways[Way.SURPLUS] = lambda: posting(payment, items, remainder=Remainder.ON_ACCOUNT)
    ways[Way.ON_ACCOUNT] = lambda: on_account(payment, items)
    return tuple(_possible(ways, money))


def _possible(ways: dict[Way, Callable[[], IncomingPayment]], money: MoneyIn) -> Iterable[Posting]:
    for way, make in ways.items():
        try:
            made = make()
        except ValueError:
            # The amounts do not fit this way, e.g. after the rounding of a discount's tax.
            continue
        yield Posting(way=way, payment=_booked(made, money))


def _discounts(
    context: SyncContext, money: MoneyIn, views: Sequence[FlowView]
) -> list[Discount] | None:
    """Return the discounts that are taken, None where one cannot be divided by tax code."""
    found: list[Discount] = []
    for group in money.groups:
        if not group.discount:
            continue
        invoice = group.items[0]
        view = next((v for v in views if _bills(v, invoice.billing_document)), None)
        if view is None:
            return None
        discount = discount_on(view, invoice, money.paid_on, context.options.discount_base)
        if discount is None or discount.amount.amount != group.discount:
            return None
        found.append(discount)
    return found


def _bills(view: FlowView, number: str) -> bool:
    return any(document.number == number for document in view.billing_documents)


def _preferred(money: MoneyIn, ways: set[Way], plans: Sequence[PaymentPlan]) -> Way | None:
    if Way.EXACT in ways:
        return Way.EXACT
    if not money.groups:
        return Way.ON_ACCOUNT if Way.ON_ACCOUNT in ways else None
    if Way.SURPLUS in ways:
        return Way.SURPLUS
    if Way.SMALL_DIFFERENCE in ways:
        return Way.SMALL_DIFFERENCE
    wanted = {plan.differing for plan in plans}
    way = _DIFFERING.get(wanted.pop()) if len(wanted) == 1 else None
    return way if way in ways else None


def _payment(money: MoneyIn, payer: str) -> MappedPayment:
    return MappedPayment(
        payment_id=money.key,
        gateway="bank",
        company_code=money.company_code,
        bank_account=money.gl_account,
        payer=payer,
        amount=money.amount,
        paid_on=money.paid_on,
        reference=money.reference,
    )


def _flat(money: MoneyIn) -> list[CustomerItem]:
    return [item for group in money.groups for item in group.items]


def _booked(payment: IncomingPayment, money: MoneyIn) -> IncomingPayment:
    """A receipt is posted on the day on which the bank booked it, whatever the value date."""
    day = max(payment.posting_date, money.booked_on)
    return payment.model_copy(update={"posting_date": day})


def _candidate(group: PaidGroup) -> Candidate:
    invoice = group.items[0]
    currency = invoice.amount.currency
    return Candidate(
        key=invoice.key,
        customer=invoice.customer,
        open=Money(amount=group.rest, currency=currency),
        discount=Money(amount=group.discount, currency=currency),
    )
