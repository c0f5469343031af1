"""
The roll-forward of open items: what was posted between two key dates, account by account.

Every line posted on an account counts, open or cleared: lines that clear each other add up to
nothing, and the sum of all lines is the balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.reconciliation.ageing import AgeingRow
from connector.reconciliation.chain_of_runs import FinishedRun
from connector.reconciliation.differences import Scope
from connector.reconciliation.extract import item_key
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.restatement import LateDocument
from connector.reconciliation.roll_forward import ItemMovement
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money

#: Debit documents that accounting enters itself.
_CUSTOMER_INVOICE: Final = "DR"


class Posting(StrEnum):
    """What a customer line is to the balance of its account."""

    INVOICE = "invoices"
    CREDIT = "credits"
    RECEIPT = "receipts"
    OTHER = "other"


def posting_of(line: CustomerItem, rules: ReconciliationRules) -> Posting:
    """
    Tell what *line* is.

    All lines of a receipt count as such, also the rest that it leaves open: together they are what
    the customer's debt went down by. Cancellations count on the side that they are posted on.
    """
    if line.document_type in rules.payment_document_types:
        return Posting.RECEIPT
    is_billed = bool(line.billing_document) or line.document_type in (
        rules.credit_memo_document_types
    )
    if line.amount.amount < 0:
        return Posting.CREDIT if is_billed else Posting.OTHER
    if is_billed or line.document_type == _CUSTOMER_INVOICE:
        return Posting.INVOICE
    return Posting.OTHER


def line_name(line: CustomerItem) -> str:
    """Return what names a customer line for good: document key and line item."""
    return "/".join(str(part) for part in item_key(line))


def late_lines(lines: Iterable[CustomerItem], earlier: FinishedRun) -> tuple[CustomerItem, ...]:
    """Return the *lines* posted until the key date of *earlier* that it could not know."""
    return tuple(
        line
        for line in lines
        if line.posting_date <= earlier.key_date
        and not earlier.knew(line_name(line), line.entry_date)
    )


def late_document(line: CustomerItem) -> LateDocument:
    """Return what a restatement says about *line*."""
    return LateDocument(
        document=str(line.key),
        line_item=line.line_item,
        document_type=line.document_type,
        customer=line.customer,
        scope=scope_of(line),
        amount=line.amount,
        posted_on=line.posting_date,
        entered_on=line.entry_date,
    )


@dataclass(slots=True)
class _Account:
    """What moved on one account."""

    restated: Decimal = Decimal(0)
    sums: dict[Posting, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    counts: dict[Posting, int] = field(default_factory=lambda: defaultdict(int))


def roll_items(
    base: FinishedRun,
    ageing: Iterable[AgeingRow],
    posted: Iterable[CustomerItem],
    late: Iterable[CustomerItem],
    rules: ReconciliationRules,
) -> tuple[ItemMovement, ...]:
    """
    Roll the open items of *base* forward to those of *ageing*.

    Args:
        base: the run before; its balances were sealed in the log.
        ageing: the open items of this run, account by account.
        posted: lines posted after the base's key date, until this one's.
        late: lines posted until the base's key date that it did not know.
        rules: which document types are receipts and credit memos.
    """
    accounts: dict[Scope, _Account] = defaultdict(_Account)
    for line in posted:
        account, kind = accounts[scope_of(line)], posting_of(line, rules)
        account.sums[kind] += line.amount.amount
        account.counts[kind] += 1
    for line in late:
        accounts[scope_of(line)].restated += line.amount.amount
    closing = {row.scope: row.total.amount for row in ageing}
    scopes = {*base.details.balances, *accounts, *closing}
    return tuple(
        _row(scope, base.details.balances.get(scope, Decimal(0)), accounts[scope], closing)
        for scope in sorted(scopes, key=lambda scope: scope.sort_key)
    )


def _row(
    scope: Scope, opening: Decimal, account: _Account, closing: Mapping[Scope, Decimal]
) -> ItemMovement:
    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=scope.currency)

    sums, counts = account.sums, account.counts
    return ItemMovement(
        scope=scope,
        opening=money(opening),
        restated=money(account.restated),
        invoices=money(sums[Posting.INVOICE]),
        credits=money(-sums[Posting.CREDIT]),
        receipts=money(-sums[Posting.RECEIPT]),
        other=money(sums[Posting.OTHER]),
        closing=money(closing.get(scope, Decimal(0))),
        invoice_count=counts[Posting.INVOICE],
        credit_count=counts[Posting.CREDIT],
        receipt_count=counts[Posting.RECEIPT],
        other_count=counts[Posting.OTHER],
    )
