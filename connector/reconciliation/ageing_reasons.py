"""What the amounts of each ageing bucket are: invoices, rests, credits, disputes, money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from connector.reconciliation.ageing import (
    Bucket,
    bucket_of,
    days_in_arrears,
    due_on,
    is_on_account,
)
from connector.reconciliation.differences import Scope
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money


class OpenReason(StrEnum):
    """Why an item is open."""

    INVOICE = "invoice"
    #: Left of an invoice that was cleared for less.
    RESIDUAL_ITEM = "residual item"
    #: Kept from being dunned, as disputed items are.
    DISPUTED = "disputed"
    PARTIAL_PAYMENT = "partial payment"
    CREDIT_MEMO = "credit memo"
    ON_ACCOUNT = "money on account"
    DOWN_PAYMENT = "down payment"


class AgeingReasonRow(Frozen):
    """What is open in one bucket of one scope for one reason."""

    scope: Scope
    reason: OpenReason
    bucket: Bucket
    items: int
    amount: Money


def reason_of(item: CustomerItem, rules: ReconciliationRules) -> OpenReason:
    """Say why *item* is open."""
    if item.special_gl_indicator:
        return OpenReason.DOWN_PAYMENT
    if is_on_account(item, rules):
        return OpenReason.ON_ACCOUNT
    if item.amount.amount < 0:
        # A transfer of a down payment, or a rest, is money that was received as well.
        is_credit_memo = item.document_type in rules.credit_memo_document_types
        return OpenReason.CREDIT_MEMO if is_credit_memo else OpenReason.PARTIAL_PAYMENT
    if item.dunning_block:
        return OpenReason.DISPUTED
    return OpenReason.RESIDUAL_ITEM if item.invoice_reference else OpenReason.INVOICE


def age_by_reason(
    items: Iterable[CustomerItem],
    invoices: Mapping[FiDocument, date],
    rules: ReconciliationRules,
    key_date: date,
) -> tuple[AgeingReasonRow, ...]:
    """Add up *items*, all open on *key_date*, by scope, reason and bucket."""
    sums: dict[tuple[Scope, OpenReason, Bucket], tuple[int, Decimal]] = {}
    for item in items:
        bucket = Bucket.UNAPPLIED
        if not is_on_account(item, rules):
            bucket = bucket_of(days_in_arrears(due_on(item, invoices), key_date))
        key = scope_of(item), reason_of(item, rules), bucket
        count, amount = sums.get(key, (0, Decimal(0)))
        sums[key] = count + 1, amount + item.amount.amount
    buckets, reasons = list(Bucket), list(OpenReason)
    order = sorted(
        sums, key=lambda key: (key[0].sort_key, reasons.index(key[1]), buckets.index(key[2]))
    )
    return tuple(
        AgeingReasonRow(
            scope=scope,
            reason=reason,
            bucket=bucket,
            items=sums[scope, reason, bucket][0],
            amount=Money(amount=sums[scope, reason, bucket][1], currency=scope.currency),
        )
        for scope, reason, bucket in order
    )
