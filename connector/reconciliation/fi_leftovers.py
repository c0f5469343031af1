"""
What stands open in FI beside the billing documents: cancellations that nobody cleared, and items
that nothing leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
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


def orphan_items(
    documents: Documents, accounts: Accounts, rules: ReconciliationRules
) -> Iterator[tuple[CustomerItem, Finding]]:
    """
    Yield each open item of our customers that nothing leads to, with its finding.

    Money is not among them: it is on account until its invoice is found.
    """
    extract, key_date = documents.extract, documents.key_date
    ours = {(billed.company_code, billed.payer) for billed in documents.billing_documents}
    matched = {
        (line.key, line.line_item)
        for billed in documents.billing_documents
        for line in (
            *documents.fi_lines(billed),
            # Of these one belongs, and which is another finding's question.
            *(each for lines in documents.fi_candidates(billed) for each in lines),
        )
    }
    clearing = {
        (item.key.company_code, item.clearing_document)
        for item in extract.items
        if item.clearing_document is not None
    }
    for item in open_items(extract, key_date):
        key = item.key
        if (
            (key.company_code, item.customer) in ours
            and accounts.covers(key.company_code)
            and not item.billing_document
            and not item.invoice_reference
            and not item.special_gl_indicator
            and item.document_type not in rules.payment_document_types
            and (key.company_code, key.accounting_document) not in clearing
            and (key, item.line_item) not in matched
        ):
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
