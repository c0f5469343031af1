"""
Which FI lines a billing document has posted: by its number, its accounting document, references.

The first rule that hits wins. What is found by reference or assignment must be the only one that
fits; two candidates are ambiguous and never guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from connector.reconciliation.assignment import AssignmentContent, numbers_of
from connector.reconciliation.match_rules import MatchRule
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import display_number

Lines = tuple[CustomerItem, ...]


class Postings:
    """FI lines by what they are looked up with."""

    def __init__(
        self,
        items: Iterable[CustomerItem],
        key_date: date,
        references: Mapping[str, str],
        content: AssignmentContent | None,
    ) -> None:
        """
        *references* are the customers' purchase order numbers by sales order.

        *content* is what assignments hold, None where nobody knows.
        """
        self._by_billing: dict[str, list[CustomerItem]] = defaultdict(list)
        self._by_number: dict[tuple[str, str], list[CustomerItem]] = defaultdict(list)
        #: Lines that no billing document claims by number, by company code, customer and text.
        self._by_reference: dict[tuple[str, str, str], list[CustomerItem]] = defaultdict(list)
        self._by_assignment: dict[tuple[str, str, str], list[CustomerItem]] = defaultdict(list)
        for item in items:
            if item.posting_date > key_date:
                continue
            key = item.key
            if item.billing_document:
                self._by_billing[item.billing_document].append(item)
                continue
            self._by_number[key.company_code, key.accounting_document].append(item)
            if item.invoice_reference or item.special_gl_indicator:
                continue
            owner = key.company_code, item.customer
            if item.reference:
                self._by_reference[*owner, display_number(item.reference)].append(item)
            if item.assignment:
                self._by_assignment[*owner, display_number(item.assignment)].append(item)
        self._references = references
        self._content = content
        self._found: dict[str, tuple[BillingDocument, tuple[Lines, MatchRule]]] = {}

    def learn(self, content: AssignmentContent | None) -> None:
        """Take note of what assignments hold; without it they lead to nothing."""
        if content is not self._content:
            self._content = content
            self._found.clear()

    def numbered(self, document: BillingDocument) -> Lines:
        """Return the lines that carry the number of *document*."""
        return self._of_number(document)

    def by_content(
        self, document: BillingDocument
    ) -> Iterator[tuple[AssignmentContent | None, Lines]]:
        """Yield the lines of *document*: found for certain, or if assignments held a content."""
        if self._of_number(document) or self._by_key(document) is not None:
            yield None, self.of(document)[0]
            return
        for content in AssignmentContent:
            found = self._candidates(document, MatchRule.ASSIGNMENT, content)
            if len(found) == 1:
                yield content, found[0]

    def of(self, document: BillingDocument) -> tuple[Lines, MatchRule]:
        """Return the lines of *document* and the rule; none where several documents may be it."""
        known = self._found.get(document.number)
        if known is None or known[0] is not document:
            # Each document is asked for about ten times, by all comparisons.
            known = document, self._of(document)
            self._found[document.number] = known
        return known[1]

    def _of(self, document: BillingDocument) -> tuple[Lines, MatchRule]:
        lines = self._of_number(document)
        if lines:
            return lines, MatchRule.BILLING_NUMBER
        known = self._by_key(document)
        if known is not None:
            return known
        found = self._candidates(document, MatchRule.ASSIGNMENT, self._content)
        if found:
            return (found[0] if len(found) == 1 else ()), MatchRule.ASSIGNMENT
        return (), MatchRule.BILLING_NUMBER

    def _by_key(self, document: BillingDocument) -> tuple[Lines, MatchRule] | None:
        """Look by what says nothing about assignments; None where they decide."""
        if document.accounting_document is not None:
            return _of_its_year(
                self._by_number.get((document.company_code, document.accounting_document), ()),
                document,
            ), MatchRule.ACCOUNTING_DOCUMENT
        found = self._candidates(document, MatchRule.REFERENCE)
        if found:
            return (found[0] if len(found) == 1 else ()), MatchRule.REFERENCE
        return None

    def candidates(self, document: BillingDocument) -> tuple[Lines, ...]:
        """Return the FI documents between which nothing decides, empty where none or one fits."""
        if self._of_number(document) or document.accounting_document is not None:
            return ()
        found = self._candidates(document, MatchRule.REFERENCE)
        found = found or self._candidates(document, MatchRule.ASSIGNMENT, self._content)
        return found if len(found) > 1 else ()

    def _of_number(self, document: BillingDocument) -> Lines:
        """Residual items carry the billing number as well; they stand in other FI documents."""
        items = self._by_billing.get(document.number)
        if not items:
            return ()
        posted = document.accounting_document
        if posted is None:
            # Rests name the invoice that they are left of, and come later.
            first = min(
                items, key=lambda i: (i.invoice_reference != "", i.posting_date, i.document)
            )
            return tuple(item for item in items if item.document == first.document)
        named = [item for item in items if item.key.accounting_document == posted]
        return _of_its_year(named, document)

    def _candidates(
        self, document: BillingDocument, rule: MatchRule, of: AssignmentContent | None = None
    ) -> tuple[Lines, ...]:
        owner = document.company_code, document.payer
        if rule is MatchRule.REFERENCE:
            found = self._by_reference.get((*owner, display_number(document.number)), [])
        else:
            numbers = {
                number
                for content, number in numbers_of(document, self._references)
                if content is of
            }
            found = [
                item for number in numbers for item in self._by_assignment.get((*owner, number), [])
            ]
        is_credit = document.receivable_amount.amount < 0
        by_document: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in found:
            # What a customer paid is no posting of a billing document, whatever it refers to.
            if (item.amount.amount < 0) == is_credit:
                by_document[item.document].append(item)
        return tuple(tuple(by_document[key]) for key in sorted(by_document))


def _of_its_year(lines: Iterable[CustomerItem], document: BillingDocument) -> Lines:
    """
    Leave the lines of the year in which *document* was posted, near its billing date.

    It names its accounting document without the year, and numbers begin again with each.
    """
    found = tuple(lines)
    if len({line.key.fiscal_year for line in found}) < 2:
        return found
    nearest = min(found, key=lambda line: abs(line.posting_date - document.billing_date))
    return tuple(line for line in found if line.document == nearest.document)
