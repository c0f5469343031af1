"""
Which payment of a channel each line of a payout is: by charge id, then by order.

An order names a payment where it has just one of that gateway that fits in amount; two candidates
stay ambiguous.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from connector.mappings.external_order import ExternalPayment, ExternalPaymentKind
from connector.reconciliation.matching import MatchRule, OrderChain
from connector.reconciliation.movements import Provider
from connector.reconciliation.receipts import PaymentChain
from connector.sd_documents.values import Money
from connector.statements.model import Payout, PayoutLine, PayoutLineKind

_REFUNDS: Final = (PayoutLineKind.REFUND, PayoutLineKind.DISPUTE)


@dataclass(frozen=True, slots=True)
class LineMatch:
    """
    A line of a payout with what it belongs to.

    ``payment`` is the payment that it settles or takes back, ``refund`` the refund of the channel
    that it pays. ``order`` is filled with either. ``candidates`` counts what comes into question.
    """

    payout: Payout
    line: PayoutLine
    rule: MatchRule | None = None
    order: OrderChain | None = None
    payment: PaymentChain | None = None
    refund: ExternalPayment | None = None
    candidates: int = 0


class PayoutLines:
    """Looks payments up by what providers know of them."""

    def __init__(self, payments: Sequence[PaymentChain], orders: Sequence[OrderChain]) -> None:
        self._payments: dict[str, list[PaymentChain]] = defaultdict(list)
        self._of_order: dict[str, list[PaymentChain]] = defaultdict(list)
        for payment in payments:
            self._payments[plain_id(payment.payment.payment_id)].append(payment)
            self._of_order[payment.order.mirrored.name].append(payment)
        self._refunds: dict[str, list[tuple[OrderChain, ExternalPayment]]] = defaultdict(list)
        self._orders: dict[str, list[OrderChain]] = defaultdict(list)
        for order in orders:
            external = order.mirrored.order
            names = (external.external_id, external.order_name, order.mirrored.reference)
            for name in sorted({plain_id(each) for each in names} - {""}):
                self._orders[name].append(order)
            for paid in external.payments:
                if paid.kind is ExternalPaymentKind.REFUNDED:
                    self._refunds[plain_id(paid.payment_id)].append((order, paid))

    def match(self, payout: Payout, provider: Provider) -> tuple[LineMatch, ...]:
        """Return every line of *payout* with what it belongs to, in its order."""
        return tuple(self._match(payout, line, provider) for line in payout.lines)

    def _match(self, payout: Payout, line: PayoutLine, provider: Provider) -> LineMatch:
        charge = plain_id(line.charge_id)
        payments = _of_gateway(self._payments.get(charge, ()), provider) if charge else []
        refunds = self._refunds.get(charge, ()) if charge and line.kind in _REFUNDS else ()
        if len(refunds) == 1:
            order, refund = refunds[0]
            return LineMatch(
                payout, line, MatchRule.CHARGE_ID, order=order, refund=refund, candidates=1
            )
        if len(payments) == 1:
            (payment,) = payments
            return LineMatch(
                payout, line, MatchRule.CHARGE_ID, order=payment.order, payment=payment,
                candidates=1,
            )  # fmt: skip
        if len(payments) > 1 or len(refunds) > 1:
            return LineMatch(payout, line, candidates=max(len(payments), len(refunds)))
        return self._by_order(payout, line, provider)

    def _by_order(self, payout: Payout, line: PayoutLine, provider: Provider) -> LineMatch:
        orders = (
            self._orders.get(plain_id(line.order_reference), ()) if line.order_reference else ()
        )
        if len(orders) != 1:
            return LineMatch(payout, line, candidates=len(orders))
        (order,) = orders
        payments = _of_gateway(self._of_order.get(order.mirrored.name, ()), provider)
        if len(payments) > 1:
            payments = [each for each in payments if fits(line, each.payment.amount)]
        payment = payments[0] if len(payments) == 1 else None
        refund = _refund_of(order, line) if line.kind in _REFUNDS else None
        needs_payment = line.kind is PayoutLineKind.CHARGE
        found = payment is not None or not needs_payment
        return LineMatch(
            payout,
            line,
            MatchRule.ORDER_IN_PAYOUT if found else None,
            order=order if found else None,
            payment=payment,
            refund=refund,
            candidates=len(payments) if needs_payment else 1,
        )


def fits(line: PayoutLine, amount: Money) -> bool:
    """Tell whether *line* speaks of *amount*, as paid out or as the buyer saw it."""
    return any(
        each is not None and each.currency == amount.currency and abs(each.amount) == amount.amount
        for each in (line.gross, line.presentment)
    )


def shown(line: PayoutLine, currency: str) -> Money | None:
    """Return the gross amount of *line* in *currency*, None where it is in another."""
    for each in (line.gross, line.presentment):
        if each is not None and each.currency == currency:
            return each
    return None


def _refund_of(order: OrderChain, line: PayoutLine) -> ExternalPayment | None:
    refunds = [
        payment
        for payment in order.mirrored.order.payments
        if payment.kind is ExternalPaymentKind.REFUNDED
        and fits(line, Money.rounded(payment.amount, payment.currency))
    ]
    return refunds[0] if len(refunds) == 1 else None


def _of_gateway(payments: Iterable[PaymentChain], provider: Provider) -> list[PaymentChain]:
    gateways = {gateway.casefold() for gateway in provider.gateways}
    return [
        each for each in payments if not gateways or each.payment.gateway.casefold() in gateways
    ]


def plain_id(text: str) -> str:
    """
    Return an id as every side writes it.

    Shops put a ``#`` before order names, and GraphQL ids (``gid://shopify/Order/1``) end with the
    plain one.
    """
    found = text.strip().rpartition("/")[2] if text.startswith("gid:") else text.strip()
    return re.sub(r"\s+", "", found.lstrip("#")).casefold()
