"""
The roll-forward of open items: what was posted between two key dates, account by account.

Every line posted on an account counts, open or cleared: lines that clear each other add up to
nothing, and the sum of all lines is the balance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from connector.reconciliation.account_movements import AccountMovements, Posting
from connector.reconciliation.chain_of_runs import FinishedRun
from connector.reconciliation.differences import Scope
from connector.reconciliation.extract import item_key
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.restatement import LateDocument
from connector.reconciliation.roll_forward import ItemMovement
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.valued_movements import ValuedMovements, valued_balances
from connector.sd_documents.payment import CustomerItem

#: Debit documents that accounting enters itself.
_CUSTOMER_INVOICE: Final = "DR"


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


def roll_items(
    base: FinishedRun,
    run: ReconciliationRun,
    posted: Iterable[CustomerItem],
    late: Iterable[CustomerItem],
    rules: ReconciliationRules,
) -> tuple[ItemMovement, ...]:
    """
    Roll the open items of *base* forward to those of *run*.

    What is in foreign currency is rolled forward once more in the company code's, where both runs
    and all lines say what it is worth.

    Args:
        base: the run before; its balances were sealed in the log.
        run: the one that they become those of.
        posted: lines posted after the base's key date, until this one's.
        late: lines posted until the base's key date that it did not know.
        rules: which document types are receipts and credit memos.
    """
    accounts: dict[Scope, AccountMovements] = defaultdict(AccountMovements)
    valued = ValuedMovements()
    for line in posted:
        kind = posting_of(line, rules)
        accounts[scope_of(line)].post(kind, line.amount.amount)
        valued.post(line, kind)
    for line in late:
        accounts[scope_of(line)].restate(line.amount.amount)
        valued.restate(line)
    opening = base.details.balances
    closing = {row.scope: row.total.amount for row in run.ageing}
    scopes = sorted({*opening, *accounts, *closing}, key=lambda scope: scope.sort_key)
    nothing = Decimal(0)
    rows = [
        accounts[scope].row(scope, opening.get(scope, nothing), closing.get(scope, nothing))
        for scope in scopes
    ]
    rows += valued.rows(
        base.details.valued, valued_balances(run.identities), opened=opening, closed=closing
    )
    return tuple(sorted(rows, key=lambda row: row.scope.sort_key))
