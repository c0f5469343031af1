"""
Receipts that pay the invoices of several orders at once, as finance posts a provider's payout.

Such a receipt carries no reference of a single payment. It is found from the order: document flow
to the invoice, the invoice's line in FI, and the receipt that cleared it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.rebilling import standing
from connector.reconciliation.receipts import DocumentKey, PaymentChain, Receipt, Receipts
from connector.sd_documents.payment import CustomerItem


def within_others(
    payments: Sequence[PaymentChain], documents: Documents, receipts: Receipts
) -> tuple[PaymentChain, ...]:
    """
    Return *payments*, those without a receipt of their own with the one that paid their invoices.

    Only where one receipt cleared all invoices of the order, no other payment has it as its own,
    and the order's payments come to exactly what its invoices did: nothing is guessed.
    """
    waiting: dict[str, list[int]] = defaultdict(list)
    for at, payment in enumerate(payments):
        if payment.receipt is None:
            waiting[payment.order.mirrored.name].append(at)
    if not waiting:
        return tuple(payments)
    posted = {receipt.key: receipt for receipt in receipts.posted()}
    own: set[DocumentKey] = {each.receipt.key for each in payments if each.receipt is not None}
    found = list(payments)
    for places in waiting.values():
        chain = payments[places[0]].order
        receipt = _receipt_of(chain, documents, posted)
        amounts = [payments[at].payment.amount for at in places]
        if receipt is None or receipt.key in own or _others(payments, chain, places):
            continue
        received = sum((each.amount for each in amounts), Decimal(0))
        owed = sum((item.amount.amount for item in _lines(chain, documents)), Decimal(0))
        if received == owed and {each.currency for each in amounts} == {receipt.currency}:
            for at in places:
                found[at] = replace(payments[at], within=receipt, rule=MatchRule.DOCUMENT_FLOW)
    return tuple(found)


def _others(payments: Sequence[PaymentChain], chain: OrderChain, places: Sequence[int]) -> bool:
    """Whether the order has payments beside those at *places*."""
    return len(chain.mirrored.payments) > len(places) and any(
        payment.order is chain and payment.receipt is not None for payment in payments
    )


def _lines(chain: OrderChain, documents: Documents) -> list[CustomerItem]:
    numbers = standing(chain, documents)
    billed = [documents.billing_document(number) for number in numbers]
    return [line for each in billed if each is not None for line in documents.fi_lines(each)]


def _receipt_of(
    chain: OrderChain, documents: Documents, posted: dict[DocumentKey, Receipt]
) -> Receipt | None:
    lines = _lines(chain, documents)
    if not lines or any(line.is_open_on(documents.key_date) for line in lines):
        return None
    clearings = {line.clearing for line in lines}
    clearing = clearings.pop()
    return posted.get(clearing) if clearing is not None and not clearings else None
