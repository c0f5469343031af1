"""
Which debits of the bank pay a customer back, and by which outgoing payment of FI.

A debit concerns customers where FI's outgoing payment carries its reference, or where its text
names a credit, an invoice or their order. The number of a customer names one too, but only together
with a credit or outgoing payment of exactly the amount: rent may have the number of a customer.
FI's outgoing payment is that of the document, or one of its customer and of exactly the amount.
Without one it is missing where something that could be paid back stands open still: what FI has
paid back and cleared is not read any more where no invoice and no payment of an order leads to it.
What else leaves the bank is no business of this reconciliation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from connector.reconciliation.receipts import Receipt
from connector.reconciliation.remittance import normal
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money
from connector.statements.model import BankLine, BankLineKey


def is_plain_debit(line: BankLine) -> bool:
    """Tell whether *line* took money from the account and is no return of a payment."""
    return line.amount.amount < 0 and not line.is_reversal


def is_paid_back(item: CustomerItem, rules: ReconciliationRules) -> bool:
    """Tell whether *item* is a credit that may be paid back, or what was paid back."""
    if item.amount.amount > 0:
        return item.document_type in rules.outgoing_payment_document_types
    return item.clearing_document != item.key.accounting_document


def paid_out(amount: Money) -> str:
    """Return the key under which outgoing payments of *amount*, whatever its sign, are found."""
    return str(Money(amount=-abs(amount.amount), currency=amount.currency))


def customer_and_amount(customer: str, amount: Money) -> str:
    """Return the key under which a debit of *amount* that names *customer* is found."""
    return f"{normal(customer)} {paid_out(amount)}"


class PaidBack:
    """Credits, invoices and outgoing payments of FI by the names that debits give them."""

    def __init__(
        self,
        items: Iterable[CustomerItem],
        references_of: Mapping[str, frozenset[str]],
        outgoing: Iterable[Receipt],
        *,
        debits: Mapping[BankLineKey, frozenset[str]],
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        """
        *references_of* holds further numbers (orders, purchase orders) by billing document.

        *outgoing* are the FI documents that paid customers, *debits* the words of each.
        """
        self._words = debits
        wanted = frozenset[str]().union(*debits.values())
        named: dict[str, set[FiDocument]] = defaultdict(set)
        self._customer_of: dict[FiDocument, str] = {}
        #: Customers with the amounts of their open credits.
        self._owed_amounts: set[str] = set()
        self._cleared: dict[FiDocument, set[FiDocument]] = defaultdict(set)
        for item in items if wanted else ():
            if is_paid_back(item, rules):
                if item.amount.amount > 0:
                    continue
                if item.is_open_on(key_date):
                    self._owed_amounts.add(customer_and_amount(item.customer, item.amount))
                if item.clearing is not None:
                    self._cleared[item.clearing].add(item.document)
            elif item.amount.amount <= 0 or item.invoice_reference:
                continue
            names = {item.billing_document, item.reference, item.assignment}
            names |= references_of.get(item.billing_document, frozenset())
            if item.amount.amount > 0 or item.billing_document:
                names.add(item.key.accounting_document)
            for name in {normal(name) for name in names} & wanted:
                named[name].add(item.document)
                self._customer_of[item.document] = item.customer
        self._named = {name: frozenset(found) for name, found in named.items()}
        self._by_document: dict[FiDocument, list[Receipt]] = defaultdict(list)
        self._by_customer: dict[str, list[Receipt]] = defaultdict(list)
        for receipt in outgoing if wanted else ():
            self._index(receipt)

    def _index(self, receipt: Receipt) -> None:
        for document in self._documents(receipt):
            self._by_document[document].append(receipt)
        if len(receipt.lines) == 1:
            line = receipt.lines[0]
            self._by_customer[customer_and_amount(line.customer, line.amount)].append(receipt)

    def _documents(self, receipt: Receipt) -> set[FiDocument]:
        """Return the credits that *receipt* cleared, those cleared with it, and what it names."""
        found = set(self._cleared.get(receipt.lines[0].document, ()))
        for line in receipt.lines:
            if line.invoice is not None:
                found.add(line.invoice)
            if line.clearing is not None:
                found |= self._cleared.get(line.clearing, set())
        return found

    def owes_exactly(self, line: BankLine) -> bool:
        """Tell whether a customer whom a debit names is owed its amount."""
        return any(key in self._owed_amounts for key in self._customers_named_by(line))

    def customers_of_named(self, line: BankLine) -> tuple[str, ...]:
        """Return the customers whose documents a debit names."""
        return tuple(sorted({self._customer_of[each] for each in self.documents_named_by(line)}))

    def documents_named_by(self, line: BankLine) -> frozenset[FiDocument]:
        """Return the credits and invoices that a debit names."""
        words = self._words.get(line.key, frozenset())
        return frozenset[FiDocument]().union(*(self._named.get(each, ()) for each in words))

    def named_by(self, line: BankLine) -> Iterable[Receipt]:
        """
        Yield the outgoing payments for the documents that a debit names, else to their customer.

        A debit that names no document may name the customer itself.
        """
        documents = sorted(self.documents_named_by(line))
        found = [each for document in documents for each in self._by_document.get(document, ())]
        if found:
            yield from found
            return
        keys = [customer_and_amount(each, line.amount) for each in self.customers_of_named(line)]
        for key in keys or self._customers_named_by(line):
            yield from self._by_customer.get(key, ())

    def _customers_named_by(self, line: BankLine) -> list[str]:
        words = sorted(self._words.get(line.key, ()))
        return [customer_and_amount(word, line.amount) for word in words]
