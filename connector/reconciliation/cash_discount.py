"""
Cash discount: how much the terms of an invoice grant, and until when.

Source: terms of payment ZBD1T/ZBD1P and ZBD2T/ZBD2P, counted from the baseline date; the base is
the gross amount, or the net amount where the company code says so (XSKFN).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.differences import Explained, ExplainedReason, Key, Scope
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.rules import DiscountBase
from connector.sd_documents.currency import quantum, round_amount
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money


def granted(item: CustomerItem, base: Decimal, paid_on: date) -> Decimal:
    """Return the discount that a payment on *paid_on* earns on *item*; zero when it is late."""
    for days, percent in _terms(item):
        if paid_on <= item.baseline_date + timedelta(days=days):
            return round_amount(base * percent / 100, item.amount.currency)
    return Decimal(0)


def offered(item: CustomerItem, base: Decimal) -> tuple[tuple[Decimal, date], ...]:
    """Return each discount that the terms offer, with the last day for it."""
    return tuple(
        (
            round_amount(base * percent / 100, item.amount.currency),
            item.baseline_date + timedelta(days=days),
        )
        for days, percent in _terms(item)
    )


def discount_base(item: CustomerItem, net: Decimal | None, base: DiscountBase) -> Decimal:
    """Return what the percentage is taken from; gross where the net amount is not known."""
    if base is DiscountBase.NET and net is not None:
        return net
    return item.amount.amount


def equals(difference: Decimal, discount: Decimal, currency: str) -> bool:
    """
    Tell whether *difference* is *discount*, or a smallest unit beside it.

    Discount and tax adjustment are rounded one by one, so their sum may be off by one unit.
    """
    return bool(discount) and abs(difference - discount) <= quantum(currency)


def offered_together(offers: Iterable[Sequence[tuple[Decimal, date]]]) -> tuple[Decimal, ...]:
    """
    Return what the terms of several invoices offer in sum: the first discounts, then the second.

    *offers* are those of each invoice as `offered` gives them; who has one only offers that again.
    """
    found = [offer for offer in offers if offer]
    return tuple(
        sum((offer[min(at, len(offer) - 1)][0] for offer in found), Decimal(0))
        for at in range(max(map(len, found), default=0))
    )


def explained_discount(
    scope: Scope, subject: str, keys: tuple[Key, ...], amount: Decimal, paid_on: date
) -> Explained:
    """Return the ending of a discount of *amount* that was taken in time."""
    money = Money(amount=amount, currency=scope.currency)
    return Explained(
        reason=ExplainedReason.CASH_DISCOUNT,
        identity=PAYMENTS_TO_RECEIPTS,
        scope=scope,
        subject=subject,
        keys=keys,
        amount=money,
        effect=-money,
        text=f"paid on {paid_on.isoformat()}, within the terms",
    )


def _terms(item: CustomerItem) -> tuple[tuple[int, Decimal], ...]:
    terms = (
        (item.cash_discount_days_1, item.cash_discount_percent_1),
        (item.cash_discount_days_2, item.cash_discount_percent_2),
    )
    return tuple((days, percent) for days, percent in terms if percent)
