"""
Incoming payments: what the channel reports as paid, against what FI says is owed.

A payment clears what it pays exactly, with a cash discount where the terms allow one on the day of
payment. Everything else is decided by a person, or posted on account, as the plan says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from connector.mappings.mapped_order import MappedPayment
from connector.mappings.problems import Problem
from connector.ports.store_records import FlowView
from connector.sd_documents.payment import (
    CustomerItem,
    IncomingPayment,
    ItemToClear,
    Remainder,
)
from connector.sd_documents.values import Money, pad_number, total
from connector.sync import hold_reasons
from connector.sync.chain import is_billed, is_posted, open_credits, open_receivables
from connector.sync.context import DiscountBase
from connector.sync.discounts import Discount, adjustments_of, discount_on


@dataclass(frozen=True, slots=True)
class Terms:
    """
    By what a payment is judged.

    ``discount_base`` is of what the ERP takes a cash discount. ``tolerance`` is the most that is
    written off as a small difference, in the payment's currency; the ERP must allow as much.
    """

    discount_base: DiscountBase
    tolerance: Decimal = Decimal(0)


def settle(
    view: FlowView,
    payment: MappedPayment,
    received: Money,
    terms: Terms,
) -> IncomingPayment | Problem | None:
    """
    Decide what *payment* pays.

    Args:
        view: the flow with its FI lines.
        payment: what is to be posted.
        received: everything that its payer paid and that has not cleared anything yet: this
            payment, those that are not posted, and those on account.
        terms: discounts and tolerance.

    Returns:
        What to post; a problem when the amounts don't fit; None while billing is not finished and
        nothing fits yet.
    """
    items = payable(view, payment)
    credit = [c for c in open_credits(view) if _is_of(c, payment, items)]
    for candidates in _candidates(items, credit):
        if found := _clearing(view, payment, candidates, terms.discount_base):
            return found
    if not (items and is_billed(view) and is_posted(view)):
        return None
    owed = total((item.amount for item in (*items, *credit)), payment.amount.currency)
    if payment.remainder is not Remainder.NONE:
        return with_remainder(payment, items, credit, payment.remainder)
    if received == owed:
        # Several payments settle the order together: the ERP's own clearing brings them together.
        return on_account(payment, items)
    if received == payment.amount and abs((received - owed).amount) <= terms.tolerance:
        return posting(payment, [*items, *credit], small_difference=owed - received)
    return _differs(payment, items, owed, received)


def payable(view: FlowView, payment: MappedPayment) -> list[CustomerItem]:
    """
    Return the open items that *payment* may pay, oldest first: those of its own payer.

    Where the payer owes nothing of the order, somebody pays for another: then all of them.
    """
    items = [i for i in open_receivables(view) if i.amount.currency == payment.amount.currency]
    own = [item for item in items if pad_number(item.customer) == pad_number(payment.payer)]
    return own or items


def _is_of(credit: CustomerItem, payment: MappedPayment, items: Sequence[CustomerItem]) -> bool:
    customers = {item.customer for item in items}
    return credit.amount.currency == payment.amount.currency and credit.customer in customers


def _candidates(
    items: Sequence[CustomerItem], credit: Sequence[CustomerItem]
) -> Iterator[Sequence[CustomerItem]]:
    """Yield what a payment may pay exactly, the most likely first; never nothing."""
    yield from ([item] for item in items)
    for item in items:
        own = [c for c in credit if c.invoice == item.document]
        if own:
            yield [item, *own]
    if items:
        yield items
        if credit:
            yield [*items, *credit]


def with_remainder(
    payment: MappedPayment,
    items: Sequence[CustomerItem],
    credit: Sequence[CustomerItem],
    remainder: Remainder,
) -> IncomingPayment:
    """
    Return *payment* of *items* with what becomes of the difference.

    A remainder that does not fit the amounts (a residual item of what is paid in full) leaves the
    payment on account.
    """
    paid = payment.amount.amount
    if remainder is Remainder.PARTIAL:
        larger = [item for item in items if item.amount.amount > paid]
        if larger:
            return posting(payment, larger[:1], remainder=remainder)
        return on_account(payment, items)
    chosen = [*items, *credit]
    owed = sum((item.amount.amount for item in chosen), Decimal(0))
    fits = paid < owed if remainder is Remainder.RESIDUAL else paid > owed
    if fits:
        return posting(payment, chosen, remainder=remainder)
    return on_account(payment, items)


def _clearing(
    view: FlowView, payment: MappedPayment, items: Sequence[CustomerItem], base: DiscountBase
) -> IncomingPayment | None:
    currency = payment.amount.currency
    owed = total((item.amount for item in items), currency)
    if payment.amount == owed:
        return posting(payment, items)
    discounts = [d for i in items if (d := discount_on(view, i, payment.paid_on, base)) is not None]
    if not discounts or payment.amount + total((d.amount for d in discounts), currency) != owed:
        return None
    return posting(payment, items, discounts)


def posting(
    payment: MappedPayment,
    items: Sequence[CustomerItem],
    discounts: Sequence[Discount] = (),
    *,
    clears: bool = True,
    remainder: Remainder = Remainder.NONE,
    small_difference: Money | None = None,
) -> IncomingPayment:
    """
    Return *payment* of *items*, oldest first, with their *discounts*.

    Without *clears* it stays on the payer's account, assigned like *items*. Raises ValueError where
    the amounts do not fit the *remainder*.
    """
    currency = payment.amount.currency
    return IncomingPayment(
        payment_reference=payment.reference,
        company_code=payment.company_code,
        payer=payment.payer,
        document_date=payment.paid_on,
        # Money may come before its invoice; what clears an item is never posted before it.
        posting_date=max([payment.paid_on, *(item.posting_date for item in items)]),
        received=payment.amount,
        bank_account=payment.bank_account,
        cash_discount=total((discount.net for discount in discounts), currency),
        tax_adjustments=adjustments_of(discounts, currency),
        items=tuple(
            ItemToClear(
                key=item.key,
                line_item=item.line_item,
                amount=item.amount,
                net_due_on=item.net_due_on,
            )
            for item in items
            if clears
        ),
        remainder=remainder,
        small_difference=small_difference,
        assignment=items[0].assignment[:18] if items else "",
    )


def on_account(payment: MappedPayment, items: Sequence[CustomerItem]) -> IncomingPayment:
    """Return *payment* as a credit on the payer's account, assigned like *items*."""
    return posting(payment, items, clears=False)


def in_advance(
    payment: MappedPayment, reference: str, special_gl_indicator: str
) -> IncomingPayment:
    """
    Return *payment* as money on account before there is an invoice, or as a down payment.

    It is assigned by the order's reference, as the ERP will assign the invoice.
    """
    found = posting(payment, (), clears=False)
    return found.model_copy(
        update={"assignment": reference[:18], "special_gl_indicator": special_gl_indicator}
    )


def with_fee(payment: IncomingPayment, fee: Money) -> IncomingPayment:
    """
    Return *payment* as what is left of it after its provider kept *fee*.

    The customer is credited with the same amount. Raises ValueError where nothing is left.
    """
    return IncomingPayment.model_validate(
        {
            **payment.model_dump(),
            "received": payment.received - fee,
            "bank_charges": fee if fee.amount else None,
        }
    )


def _differs(
    payment: MappedPayment, items: Sequence[CustomerItem], owed: Money, paid: Money
) -> Problem:
    difference = paid - owed
    side = "more" if difference.amount > 0 else "less"
    missed = next(
        (
            f" A cash discount of {item.cash_discount_percent_1.normalize():f} % was allowed until "
            f"{item.baseline_date + timedelta(days=item.cash_discount_days_1)}; it was paid on "
            f"{payment.paid_on}."
            for item in items
            if item.cash_discount_percent_1
        ),
        "",
    )
    size = Money(amount=abs(difference.amount), currency=difference.currency)
    return Problem(
        code=hold_reasons.PAYMENT_DIFFERS,
        message=f"payments of {paid} against {owed} owed: {size} {side}.{missed} "
        "Release to post it on the payer's account, or wait for a corrected message",
        where=f"payments[{payment.payment_id}]",
        amount=difference,
    )
