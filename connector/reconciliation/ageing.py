"""
Open items by how long they are overdue, counted from the net due date to the key date.

On the due date itself an item is not overdue. A credit that belongs to an invoice stands in the
invoice's bucket; money on account has a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.reconciliation.differences import Scope
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money


class Bucket(StrEnum):
    """Days in arrears."""

    NOT_DUE = "not due"
    UP_TO_30 = "1-30"
    UP_TO_60 = "31-60"
    UP_TO_90 = "61-90"
    OVER_90 = ">90"
    UNAPPLIED = "unapplied"


class AgeingRow(Frozen):
    """Open items of one scope by bucket; ``total`` is their sum."""

    scope: Scope
    not_due: Money
    up_to_30: Money
    up_to_60: Money
    up_to_90: Money
    over_90: Money
    unapplied: Money
    total: Money
    items: int

    def amount(self, bucket: Bucket) -> Money:
        """Return the amount in *bucket*."""
        amounts: dict[Bucket, Money] = {
            Bucket.NOT_DUE: self.not_due,
            Bucket.UP_TO_30: self.up_to_30,
            Bucket.UP_TO_60: self.up_to_60,
            Bucket.UP_TO_90: self.up_to_90,
            Bucket.OVER_90: self.over_90,
            Bucket.UNAPPLIED: self.unapplied,
        }
        return amounts[bucket]


def is_on_account(item: CustomerItem, rules: ReconciliationRules) -> bool:
    """Tell whether *item* is money that belongs to no invoice; credit memos are no money."""
    return (
        item.amount.amount < 0
        and not item.invoice_reference
        and not item.billing_document
        and item.document_type not in rules.credit_memo_document_types
    )


def days_in_arrears(due_on: date, key_date: date) -> int:
    """Return how many days after *due_on* the key date is; not positive while it is not due."""
    return (key_date - due_on).days


def bucket_of(days: int) -> Bucket:
    """Return the bucket for *days* in arrears."""
    if days <= 0:
        return Bucket.NOT_DUE
    for limit, bucket in ((30, Bucket.UP_TO_30), (60, Bucket.UP_TO_60), (90, Bucket.UP_TO_90)):
        if days <= limit:
            return bucket
    return Bucket.OVER_90


def due_dates(items: Iterable[CustomerItem]) -> dict[FiDocument, date]:
    """Return the net due date of each invoice by its FI document."""
    return {
        item.document: item.net_due_on
        for item in items
        if item.amount.amount > 0 and not item.invoice_reference
    }


def due_on(item: CustomerItem, invoices: Mapping[FiDocument, date]) -> date:
    """Return when *item* counts as due: a credit with reference together with its invoice."""
    if item.amount.amount < 0 and item.invoice is not None:
        return invoices.get(item.invoice, item.net_due_on)
    return item.net_due_on


def age(
    items: Iterable[CustomerItem],
    invoices: Mapping[FiDocument, date],
    rules: ReconciliationRules,
    key_date: date,
) -> tuple[AgeingRow, ...]:
    """
    Sort *items*, all open on *key_date*, into buckets per scope.

    *invoices* holds net due dates, of cleared ones as well, as :func:`due_dates` returns them.
    """
    sums: dict[Scope, dict[Bucket, Decimal]] = {}
    counts: dict[Scope, int] = {}
    for item in items:
        scope = scope_of(item)
        bucket = Bucket.UNAPPLIED
        if not is_on_account(item, rules):
            bucket = bucket_of(days_in_arrears(due_on(item, invoices), key_date))
        row = sums.setdefault(scope, dict.fromkeys(Bucket, Decimal(0)))
        row[bucket] += item.amount.amount
        counts[scope] = counts.get(scope, 0) + 1
    return tuple(
        _row(scope, sums[scope], counts[scope])
        for scope in sorted(sums, key=lambda scope: scope.sort_key)
    )


def _row(scope: Scope, sums: dict[Bucket, Decimal], items: int) -> AgeingRow:
    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=scope.currency)

    return AgeingRow(
        scope=scope,
        not_due=money(sums[Bucket.NOT_DUE]),
        up_to_30=money(sums[Bucket.UP_TO_30]),
        up_to_60=money(sums[Bucket.UP_TO_60]),
        up_to_90=money(sums[Bucket.UP_TO_90]),
        over_90=money(sums[Bucket.OVER_90]),
        unapplied=money(sums[Bucket.UNAPPLIED]),
        total=money(sum(sums.values(), Decimal(0))),
        items=items,
    )
