"""
What a part knows that only the whole can judge: ageing, cash flow, proposals, items of nobody.

The open items themselves are read for the whole; a part says what its other records tell of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.reconciliation.ageing import due_dates
from connector.reconciliation.debits_in_question import DebitInQuestion
from connector.reconciliation.fi_leftovers import Stray
from connector.reconciliation.items_and_ledger import open_items
from connector.reconciliation.matching import Documents
from connector.reconciliation.proposals import WaitingLine
from connector.reconciliation.rules import DiscountBase, ReconciliationRules


@dataclass(frozen=True, slots=True)
class WholeFacts:
    """
    Facts that add up by standing side by side.

    ``due`` are net due dates of invoices that open credits name, by FI document.
    ``receipts`` are what receipts lowered debts by, and their number, by company code, currency
    and day. ``payers`` are those of billing documents by company code; ``strays`` open items that
    nothing leads to. ``waiting`` are bank lines without receipt, ``learnt`` customers by what bank
    lines know of payers, ``nets`` net amounts of the billing documents of open items. ``left_out``
    counts debits, by bank account, that have nothing to do with customers, ``in_question`` are
    those that have where their customers are owed anything.
    """

    due: tuple[tuple[str, str, int, date], ...] = ()
    receipts: tuple[tuple[str, str, date, Decimal, int], ...] = ()
    payers: tuple[tuple[str, str], ...] = ()
    strays: tuple[Stray, ...] = ()
    waiting: tuple[WaitingLine, ...] = ()
    learnt: tuple[tuple[str, str], ...] = ()
    nets: tuple[tuple[str, Decimal], ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    in_question: tuple[DebitInQuestion, ...] = ()


def whole_facts(
    documents: Documents,
    rules: ReconciliationRules,
    *,
    strays: Iterable[Stray],
    waiting: Iterable[WaitingLine],
    learnt: Iterable[tuple[str, str]],
    left_out: Iterable[tuple[str, int]] = (),
    in_question: Iterable[DebitInQuestion] = (),
) -> WholeFacts:
    """Gather what *documents* tell, with what the comparisons found."""
    items, key_date = documents.extract.items, documents.key_date
    still_open = open_items(documents.extract, key_date)
    named = {
        item.invoice for item in still_open if item.amount.amount < 0 and item.invoice is not None
    }
    due = due_dates(items) if named else {}
    receipts: dict[tuple[str, str, date], tuple[Decimal, int]] = {}
    for line in items:
        if line.posting_date <= key_date and line.document_type in rules.payment_document_types:
            key = line.key.company_code, line.amount.currency, line.posting_date
            amount, count = receipts.get(key, (Decimal(0), 0))
            receipts[key] = amount - line.amount.amount, count + 1
    nets: dict[str, Decimal] = {}
    if rules.discount_base is DiscountBase.NET:
        wanted = {item.billing_document for item in still_open}
        nets = {
            each.number: each.net_amount.amount
            for each in documents.billing_documents
            if each.number in wanted
        }
    return WholeFacts(
        due=tuple((*key, due[key]) for key in sorted(named & due.keys())),
        receipts=tuple((*key, *receipts[key]) for key in sorted(receipts)),
        payers=tuple(
            sorted({(each.company_code, each.payer) for each in documents.billing_documents})
        ),
        strays=tuple(strays),
        waiting=tuple(waiting),
        learnt=tuple(sorted(learnt)),
        nets=tuple(sorted(nets.items())),
        left_out=tuple(left_out),
        in_question=tuple(in_question),
    )
