"""
Debits of the bank that pay a customer back if that customer is owed anything at all.

What a customer is owed may stand in any part of a run, so that only the whole can tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from connector.reconciliation.differences import Break, Explained, Pending
from connector.reconciliation.identities import Endings, IdentityTotals
from connector.reconciliation.payments_and_receipts import NOT_POSTED, RECEIVED
from connector.sd_documents.payment import CustomerItem


@dataclass(frozen=True, slots=True)
class DebitInQuestion:
    """
    A debit without outgoing payment that names documents of *customers*.

    ``ending`` is what becomes of it where one of them is owed anything in ``currency``; it is left
    out otherwise. ``amount`` is below zero.
    """

    bank_account: str
    customers: tuple[str, ...]
    currency: str
    amount: Decimal
    ending: Explained | Pending | Break


def decide(
    debits: Iterable[DebitInQuestion],
    items: Iterable[CustomerItem],
    totals: IdentityTotals,
    endings: Endings,
) -> Counter[str]:
    """
    Add to *totals* and *endings* what pays back customers whom the open *items* owe something.

    Returns how many debits of each bank account have nothing to do with customers.
    """
    left_out: Counter[str] = Counter()
    debits = tuple(debits)
    if not debits:
        return left_out
    owed = {(item.customer, item.amount.currency) for item in items if item.amount.amount < 0}
    for debit in debits:
        if owed.isdisjoint((customer, debit.currency) for customer in debit.customers):
            left_out[debit.bank_account] += 1
            continue
        totals.add(debit.ending.scope, RECEIVED, debit.amount)
        totals.add(debit.ending.scope, NOT_POSTED, debit.amount)
        endings.add(debit.ending)
    return left_out
