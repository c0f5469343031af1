"""
Which receipt in FI belongs to which bank line: by what both carry, never by amount alone.

The rules are tried in order, each over all lines before the next. A rule matches where it is unique
on both sides; where it is not, the lines are ambiguous and nothing is guessed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from connector.reconciliation.matching import Documents, MatchRule
from connector.reconciliation.paid_back import PaidBack, is_plain_debit
from connector.reconciliation.receipt_effect import ReceiptEffects
from connector.reconciliation.receipts import DocumentKey, Receipt
from connector.reconciliation.remittance import named_in, normal, words_of
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.statements.model import BankLine, BankLineKey
from connector.statements.references import receipt_reference

#: Days between the booking at the bank and the posting in FI.
_BEFORE: Final = timedelta(days=5)
_AFTER: Final = timedelta(days=14)

Candidates = Callable[[BankLine], Iterable[Receipt]]


class NamedInvoices:
    """The invoices of FI that bank lines name, by every number that a payer may know them by."""

    def __init__(
        self,
        items: Iterable[CustomerItem],
        references_of: Mapping[str, frozenset[str]],
        lines: Iterable[BankLine],
    ) -> None:
        """*references_of* holds further numbers (orders, purchase orders) by billing document."""
        self._words = {line.key: words_of(line.text) for line in lines}
        # Of a million invoices a few are named: the others are not kept.
        wanted = frozenset[str]().union(*self._words.values())
        numbers: dict[str, set[FiDocument]] = defaultdict(set)
        self.items: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in items if wanted else ():
            if item.amount.amount <= 0 or item.invoice_reference:
                continue
            document = item.document
            names = {
                item.key.accounting_document,
                item.billing_document,
                item.reference,
                item.assignment,
            }
            names |= references_of.get(item.billing_document, frozenset())
            named = {normal(name) for name in names} & wanted
            if named:
                self.items[document].append(item)
            for name in named:
                numbers[name].add(document)
        self._numbers = {name: frozenset(found) for name, found in numbers.items()}

    def named_by(self, line: BankLine) -> frozenset[FiDocument]:
        """
        Return the FI documents of the invoices that the text of *line* names.

        Nobody writes a year beside a number: all that have it may be meant.
        """
        return named_in(self.words(line), self._numbers)

    def words(self, line: BankLine) -> frozenset[str]:
        """Return the words of *line*, which is one of those given."""
        return self._words[line.key]


@dataclass(slots=True)
class BankMatches:
    """What was found: receipts by line, with the rule, and lines with several candidates."""

    receipts: dict[BankLineKey, tuple[Receipt, MatchRule]] = field(default_factory=dict)
    ambiguous: dict[BankLineKey, tuple[MatchRule, tuple[Receipt, ...]]] = field(
        default_factory=dict
    )
    #: Customers by what bank lines know of a payer; payers of several customers are left out.
    customers: dict[str, str] = field(default_factory=dict)


def learnt(lines: Iterable[BankLine], found: BankMatches) -> Iterator[tuple[str, str]]:
    """Yield which customers stand behind a payer's account: what matched by a key tells it."""
    for line in lines:
        matched = found.receipts.get(line.key)
        if matched is not None and line.payer_hint:
            for each in matched[0].lines:
                yield line.payer_hint, each.customer


def single_customers(learnt: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the customer behind each account of a payer that stands for one alone."""
    customers: dict[str, set[str]] = defaultdict(set)
    for hint, customer in learnt:
        customers[hint].add(customer)
    return {hint: min(found) for hint, found in customers.items() if len(found) == 1}


class BankMatching:
    """Matches bank lines with the receipts of one company code."""

    def __init__(
        self,
        lines: Sequence[BankLine],
        receipts: Sequence[Receipt],
        invoices: NamedInvoices,
        effects: ReceiptEffects,
        paid_back: PaidBack,
    ) -> None:
        self._lines, self._invoices, self._effects = lines, invoices, effects
        self._paid_back = paid_back
        self._free = {receipt.key: receipt for receipt in receipts}
        self._found = BankMatches()
        self._by_xblnr = _index(receipts, lambda line: line.reference)
        self._by_zuonr = _index(receipts, lambda line: line.assignment)
        self._by_invoice: dict[FiDocument, list[Receipt]] = defaultdict(list)
        for receipt in receipts:
            for document in sorted(effects.settled_for(receipt)):
                self._by_invoice[document].append(receipt)

    def run(self) -> BankMatches:
        """Apply the rules in order."""
        self._apply(MatchRule.PAYMENT_REFERENCE, self._of_posting)
        self._apply(MatchRule.REFERENCE, self._named(self._by_xblnr))
        self._apply(MatchRule.ASSIGNMENT, self._named(self._by_zuonr))
        self._apply(MatchRule.REMITTANCE_TEXT, self._of_named_documents)
        self._found.customers = single_customers(learnt(self._lines, self._found))
        return self._found

    def _of_posting(self, line: BankLine) -> Iterable[Receipt]:
        """Receipts that carry the reference under which this very line is posted."""
        return self._by_xblnr.get(normal(receipt_reference(line)), ())

    def _named(self, index: Mapping[str, Sequence[Receipt]]) -> Candidates:
        def candidates(line: BankLine) -> Iterable[Receipt]:
            references = {normal(line.bank_reference), normal(line.end_to_end_id)}
            for word in sorted((self._invoices.words(line) | references) - {""}):
                yield from index.get(word, ())

        return candidates

    def _of_named_documents(self, line: BankLine) -> Iterable[Receipt]:
        if is_plain_debit(line):
            yield from self._paid_back.named_by(line)
            return
        for document in sorted(self._invoices.named_by(line)):
            yield from self._by_invoice.get(document, ())

    def _apply(self, rule: MatchRule, candidates: Candidates) -> None:
        by_line: dict[BankLineKey, list[Receipt]] = {}
        for line in self._lines:
            if line.key in self._found.receipts:
                continue
            fitting = self._fitting(line, candidates(line))
            if fitting:
                by_line[line.key] = fitting
        wanted: dict[DocumentKey, list[BankLineKey]] = defaultdict(list)
        for key, receipts in by_line.items():
            if len(receipts) == 1:
                wanted[receipts[0].key].append(key)
        for key, receipts in by_line.items():
            if len(receipts) == 1 and len(wanted[receipts[0].key]) == 1:
                self._found.receipts[key] = receipts[0], rule
                self._found.ambiguous.pop(key, None)
                self._free.pop(receipts[0].key, None)
            else:
                self._found.ambiguous.setdefault(key, (rule, tuple(receipts)))
        # What an earlier rule could not tell apart may be single by now.
        for key in [key for key in self._found.ambiguous if key in self._found.receipts]:
            del self._found.ambiguous[key]

    def _fitting(self, line: BankLine, candidates: Iterable[Receipt]) -> list[Receipt]:
        """Return the free candidates; of several those of the line's amount, then of its day."""
        free = {
            receipt.key: receipt
            for receipt in candidates
            if receipt.key in self._free
            and receipt.currency == line.amount.currency
            and (receipt.settled > 0) == (line.amount.amount > 0)
            and line.booking_date - _BEFORE <= receipt.posted_on <= line.booking_date + _AFTER
        }
        fitting = [free[key] for key in sorted(free)]
        for narrower in (self._has_amount, _is_of_day):
            closer = [receipt for receipt in fitting if narrower(line, receipt)]
            fitting = closer if len(fitting) > 1 and closer else fitting
        return fitting

    def _has_amount(self, line: BankLine, receipt: Receipt) -> bool:
        discount = self._effects.earned_discount(receipt, line.booking_date)
        return line.amount.amount <= receipt.settled <= line.amount.amount + discount


def _is_of_day(line: BankLine, receipt: Receipt) -> bool:
    return receipt.posted_on in (line.booking_date, line.value_date)


def _index(
    receipts: Iterable[Receipt], of: Callable[[CustomerItem], str]
) -> dict[str, list[Receipt]]:
    found: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        for name in sorted({normal(of(line)) for line in receipt.lines} - {""}):
            found[name].append(receipt)
    return found


def numbers_of_billing(documents: Documents) -> dict[str, frozenset[str]]:
    """Return, by billing document, the sales orders and purchase orders that it bills."""
    found: dict[str, frozenset[str]] = {}
    for document in documents.billing_documents:
        names: set[str] = set()
        for item in document.items:
            order = documents.order(item.sales_document)
            if order is not None:
                names |= {order.number, order.purchase_order_by_customer}
        found[document.number] = frozenset(names)
    return found
