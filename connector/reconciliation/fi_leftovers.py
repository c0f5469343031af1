"""
What stands open in FI beside the billing documents: cancellations that nobody cleared, and items
that nothing leads to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import BILLING_TO_FI
from connector.reconciliation.items_and_ledger import open_items, scope_of
from connector.reconciliation.matching import Documents
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import display_number, total


def not_cleared(documents: Documents, accounts: Accounts, key_date: date) -> Iterator[Finding]:
    """
    Yield each cancelled billing document that stands open beside its cancellation.

    They come to zero together, so no identity is touched.
    """
    for cancellation in documents.billing_documents:
        original = documents.original_of(cancellation)
        if original is None or not accounts.covers(cancellation.company_code):
            continue
        pair = [documents.fi_lines(original), documents.fi_lines(cancellation)]
        if not all(lines and all(i.is_open_on(key_date) for i in lines) for lines in pair):
            continue
        lines = [line for side in pair for line in side]
        amount = total((line.amount for line in pair[0]), original.currency)
        shown = display_number(original.number)
        yield Finding(
            code=BreakCode.CANCEL_NOT_CLEARED,
            identity=BILLING_TO_FI,
            scope=accounts.scope_of_document(original, lines[0].reconciliation_account),
            subject=f"billing document {shown}",
            keys={"billing_document": original.number},
            outside=Side(what=f"billing document {shown}", amount=amount),
            erp=Side(what=f"cancellation {display_number(cancellation.number)}", amount=-amount),
            since=cancellation.billing_date,
            text="cancelled, and both stand open on the customer's account",
            evidence=tuple(
                evidence_of("FI item", f"{line.key}/{line.line_item}", line, str(line.amount))
                for line in lines
            ),
        )


@dataclass(frozen=True, slots=True)
class Stray:
    """An open item that nothing leads to, by company code, document, fiscal year and line."""

    key: tuple[str, str, int, int]
    customer: str


def strays(documents: Documents, accounts: Accounts, rules: ReconciliationRules) -> Iterator[Stray]:
    """
    Yield each open item that nothing leads to, of whatever customer.

    Money is not among them: it is on account until its invoice is found.
    """
    extract, key_date = documents.extract, documents.key_date
    found = [
        item
        for item in open_items(extract, key_date)
        if not item.billing_document
        and not item.invoice_reference
        and not item.special_gl_indicator
        and item.document_type not in rules.payment_document_types
        and accounts.covers(item.key.company_code)
    ]
    if not found:
        return
    matched = {
        item_key(line)
        for billed in documents.billing_documents
        for line in (
            *documents.fi_lines(billed),
            # Of these one belongs, and which is another finding's question.
            *(each for lines in documents.fi_candidates(billed) for each in lines),
        )
    }
    clearing = {item.clearing for item in extract.items}
    for item in found:
        key = item_key(item)
        if item.document not in clearing and key not in matched:
            yield Stray(key, item.customer)


def orphan_items(
    items: Iterable[CustomerItem], strays: Iterable[Stray], ours: Collection[tuple[str, str]]
) -> Iterator[tuple[CustomerItem, Finding]]:
    """
    Yield those of *strays* that are open items of our customers, with what is found.

    *ours* are the payers of what was billed, by company code. What happens on other customers'
    accounts is no business of the run.
    """
    wanted = {each.key for each in strays if (each.key[0], each.customer) in ours}
    for item in items if wanted else ():
        if item_key(item) in wanted:
            yield item, _orphan(item)


def _orphan(item: CustomerItem) -> Finding:
    shown = display_number(item.key.accounting_document)
    return Finding(
        code=BreakCode.ORPHAN_FI_ITEM,
        identity=BILLING_TO_FI,
        scope=scope_of(item),
        subject=f"FI document {shown}",
        keys={
            "company_code": item.key.company_code,
            "document": f"{item.key.accounting_document}/{item.key.fiscal_year}",
            "line_item": str(item.line_item),
        },
        outside=Side(what="no billing document"),
        erp=Side(what=f"FI document {item.key}", amount=item.amount),
        difference=item.amount.amount,
        effect=-item.amount.amount,
        since=item.posting_date,
        text=f"posted in FI with type {item.document_type}, and nothing leads to it",
        evidence=(evidence_of("FI item", f"{item.key}/{item.line_item}", item, str(item.amount)),),
    )
