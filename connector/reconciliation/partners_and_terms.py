"""
Whether invoices and their FI lines are in the name of the right payer and due when they should be.

Neither changes any amount, so these findings have no effect on an identity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.identities import BILLING_TO_FI
from connector.reconciliation.matching import Documents, OrderChain
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import DocumentCategory, Money, display_number, pad_number

_INVOICES: Final = frozenset({DocumentCategory.INVOICE, DocumentCategory.DEBIT_MEMO})
#: So many lines must have the same terms before another one is thought to be the odd one out.
_FEWEST: Final = 3

#: Days and percentages of both discounts, net days, and days from posting to baseline.
Terms = tuple[int, Decimal, int, Decimal, int, int]


class PartnersAndTerms:
    """Looks at each standing invoice of the orders."""

    def __init__(self, documents: Documents, accounts: Accounts, chains: Sequence[OrderChain]):
        self._documents, self._accounts, self._chains = documents, accounts, chains
        self._payers = {
            (each.sales_order, each.item_number): each.payer for each in documents.extract.payers
        }
        self._usual = _usual_terms(documents)

    def findings(self) -> Iterator[Finding]:
        """Yield each invoice with another payer or other terms, in the order of the chains."""
        for chain in self._chains:
            seen: dict[str, BillingDocument] = {}
            for line in chain.invoiced:
                document = line.document
                if document.category in _INVOICES and not document.is_cancelled:
                    seen[document.number] = document
            for number in sorted(seen):
                if self._accounts.covers(seen[number].company_code):
                    yield from self._compare(chain, seen[number])

    def _compare(self, chain: OrderChain, document: BillingDocument) -> Iterator[Finding]:
        lines = self._documents.fi_lines(document)
        for said, expected in self._other_payer(document, lines):
            yield self._finding(
                BreakCode.PAYER_MISMATCH,
                document,
                lines,
                outside=Side(what=f"payer {display_number(expected)}"),
                text=said,
            )
            break
        for said, expected in self._other_terms(chain, document, lines):
            yield self._finding(
                BreakCode.TERMS_MISMATCH, document, lines, outside=Side(what=expected), text=said
            )
            break

    def _other_payer(
        self, document: BillingDocument, lines: Sequence[CustomerItem]
    ) -> Iterator[tuple[str, str]]:
        billed = pad_number(document.payer)
        for item in document.items:
            order, number = item.sales_document, item.sales_document_item
            expected = self._payers.get((order, number)) or self._payers.get((order, 0))
            if expected and pad_number(expected) != billed:
                yield f"billed to {display_number(billed)}, the order names another", expected
        for line in lines:
            if pad_number(line.customer) != billed:
                yield f"posted on the account of {display_number(line.customer)}", billed

    def _other_terms(
        self, chain: OrderChain, document: BillingDocument, lines: Sequence[CustomerItem]
    ) -> Iterator[tuple[str, str]]:
        order = chain.sales_order
        agreed = order.payment_terms if order is not None else ""
        billed = document.payment_terms
        if agreed and billed and agreed != billed:
            yield f"billed with terms {billed}", f"order with terms {agreed}"
        for line in lines:
            if billed and line.payment_terms and line.payment_terms != billed:
                yield f"posted with terms {line.payment_terms}", f"invoice with terms {billed}"
            usual = self._usual.get(line.payment_terms)
            if usual is not None and _terms(line) != usual:
                due = line.net_due_on.isoformat()
                yield f"due on {due}, changed in FI", f"terms {line.payment_terms or 'as usual'}"

    def _finding(
        self,
        code: BreakCode,
        document: BillingDocument,
        lines: Sequence[CustomerItem],
        *,
        outside: Side,
        text: str,
    ) -> Finding:
        shown = f"invoice {display_number(document.number)}"
        account = lines[0].reconciliation_account if lines else ""
        return Finding(
            code=code,
            identity=BILLING_TO_FI,
            scope=self._accounts.scope_of_document(document, account),
            subject=shown,
            keys={"billing_document": document.number},
            outside=outside,
            erp=Side(
                what=shown,
                amount=Money(amount=document.receivable_amount.amount, currency=document.currency),
            ),
            since=document.billing_date,
            text=text,
            evidence=(
                evidence_of("billing document", document.number, document),
                *(evidence_of("FI item", f"{line.key}/{line.line_item}", line) for line in lines),
            ),
        )


def _terms(line: CustomerItem) -> Terms:
    return (
        line.cash_discount_days_1,
        line.cash_discount_percent_1,
        line.cash_discount_days_2,
        line.cash_discount_percent_2,
        line.net_days,
        (line.baseline_date - line.posting_date).days,
    )


def _usual_terms(documents: Documents) -> dict[str, Terms]:
    """
    Return what most lines with a key of terms have; keys that vary with the date have none.

    A line is only called odd where nearly all others agree: terms may take their baseline from a
    fixed day of the month.
    """
    counts: dict[str, Counter[Terms]] = {}
    for line in _invoice_lines(documents):
        counts.setdefault(line.payment_terms, Counter())[_terms(line)] += 1
    usual = {}
    for key, counter in counts.items():
        (terms, count), *_ = counter.most_common(1)
        if count >= _FEWEST and count * 10 >= (counter.total() - 1) * 9:
            usual[key] = terms
    return usual


def _invoice_lines(documents: Documents) -> Iterable[CustomerItem]:
    for document in documents.billing_documents:
        if document.category in _INVOICES:
            yield from documents.fi_lines(document)
