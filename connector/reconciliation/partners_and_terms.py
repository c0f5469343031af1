"""
Whether invoices and their FI lines are in the name of the right payer and due when they should be.

Neither changes any amount, so these findings have no effect on an identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.identities import BILLING_TO_FI
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.usual_terms import INVOICES, terms_of
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money, display_number, pad_number


class PartnersAndTerms:
    """Looks at each standing invoice of the orders."""

    def __init__(
        self,
        documents: Documents,
        accounts: Accounts,
        chains: Sequence[OrderChain],
        usual: Mapping[str, str],
    ) -> None:
        """*usual* holds what keys of terms usually stand for, as :func:`usual_terms` returns."""
        self._documents, self._accounts, self._chains = documents, accounts, chains
        self._payers = {
            (each.sales_order, each.item_number): each.payer for each in documents.extract.payers
        }
        self._usual = usual

    def findings(self) -> Iterator[Finding]:
        """Yield each invoice with another payer or other terms, in the order of the chains."""
        for chain in self._chains:
            seen: dict[str, BillingDocument] = {}
            for line in chain.invoiced:
                document = line.document
                if document.category in INVOICES and not document.is_cancelled:
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
            if usual is not None and terms_of(line) != usual:
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
