"""
Invoices that were paid, cancelled and billed anew: the cancellation stays open as a credit.

The credit is held against what the same order's new invoice still owes. What is left of it the
customer has paid too much; what is left of the invoice is still owed. What was paid in part stays
open under the number of the cancelled invoice, beside a cancellation that has cleared it, and so
does the rest of one that was paid for less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from connector.reconciliation.extract import item_key
from connector.reconciliation.matching import Documents, OrderChain
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import DocumentCategory

ZERO = Decimal(0)
#: Company code, document, fiscal year, line.
LineKey = tuple[str, str, int, int]


@dataclass(slots=True)
class PaidAndCancelled:
    """
    The open credits of an order's cancellations whose originals had been paid.

    A credit that was used in part lives on in the residual item of its clearing. Among the credits
    are partial payments and rests of the originals. ``used`` are lines of both kinds that were
    cleared since; ``cancelled`` are the originals, ``billed_anew`` tells whether an invoice stands
    in their place, and ``last_cancelled`` when the order's last invoice was cancelled.
    """

    chain: OrderChain
    last_cancelled: date
    credits: list[CustomerItem] = field(default_factory=list)
    used: list[CustomerItem] = field(default_factory=list)
    cancelled: list[BillingDocument] = field(default_factory=list)
    billed_anew: bool = False

    @property
    def amount(self) -> Decimal:
        """What the customer has got back by cancellation, positive."""
        return -sum((item.amount.amount for item in self.credits), ZERO)

    @property
    def since(self) -> date:
        """When the last of them was cancelled."""
        cancellations = [item for item in self.credits if item.billing_document] + self.used
        return max(item.posting_date for item in cancellations or self.credits)


def paid_and_cancelled(
    documents: Documents, chains: Sequence[OrderChain], key_date: date
) -> dict[str, PaidAndCancelled]:
    """Return what is left of the credits of cancellations, by order name; debit memos count."""
    found: dict[str, PaidAndCancelled] = {}
    rests = Rests(documents, key_date)
    # What is left of several cancellations may be one item: it counts once.
    taken: set[LineKey] = set()
    for chain in chains:
        cancellations = {
            line.document.number: line.document
            for line in (*chain.invoiced, *chain.debited)
            if line.document.category is DocumentCategory.INVOICE_CANCELLATION
        }
        for number in sorted(cancellations):
            document = cancellations[number]
            original = documents.original_of(document)
            if original is None:
                continue
            lines, billed = documents.fi_lines(document), documents.fi_lines(original)
            if not lines or any(item.is_open_on(key_date) for item in billed):
                continue
            used = [item for item in lines if not item.is_open_on(key_date)]
            named = rests.named_in(billed)
            left = [item for item in named if item.is_open_on(key_date)]
            later = [item for item in named if not item.is_open_on(key_date)]
            left += [rest for item in later for rest in rests.of(item)]
            if {item.clearing for item in billed} & {item.clearing for item in used}:
                # The two cleared each other: the payment was taken off before, if there was any.
                left += rests.beside(chain, original)
                if not left and not later:
                    continue
            else:
                left += [item for item in lines if item.is_open_on(key_date)]
                left += [rest for item in used for rest in rests.of(item)]
            days = [each.billing_date for each in cancellations.values()]
            entry = found.setdefault(chain.mirrored.name, PaidAndCancelled(chain, max(days)))
            for item in left:
                if item_key(item) not in taken:
                    taken.add(item_key(item))
                    entry.credits.append(item)
            entry.used += [*used, *later]
            entry.cancelled.append(original)
            if not documents.is_debit(original):
                entry.billed_anew = bool(standing(chain, documents))
    return found


class Rests:
    """Follows a credit into the residual items that its clearings left."""

    def __init__(self, documents: Documents, key_date: date) -> None:
        self._documents, self._key_date = documents, key_date

    @cached_property
    def _posted(self) -> Mapping[FiDocument, list[CustomerItem]]:
        """Credits by document; looked up for the few that were used in part."""
        found: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in self._documents.extract.items:
            if item.amount.amount < 0 and item.posting_date <= self._key_date:
                found[item.document].append(item)
        return found

    @cached_property
    def _naming(self) -> Mapping[FiDocument, list[CustomerItem]]:
        """Partial payments and rests by the invoice that they name."""
        found: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in self._documents.extract.items:
            is_credit_memo = item.amount.amount < 0 and bool(item.billing_document)
            invoice = item.invoice
            if invoice and not is_credit_memo and item.posting_date <= self._key_date:
                found[invoice].append(item)
        return found

    def named_in(self, billed: Iterable[CustomerItem]) -> list[CustomerItem]:
        """
        Return what names the lines *billed* and was not settled together with them.

        What stood in the clearing of the invoice has done its work there.
        """
        found: list[CustomerItem] = []
        for line in billed:
            for item in self._naming.get(line.document, ()):
                together = item.clearing in (line.clearing, item.document)
                if item.is_open_on(self._key_date) or not together:
                    found.append(item)
        return found

    def of(self, credit: CustomerItem) -> list[CustomerItem]:
        """Return what of *credit*, cleared on the key date, still stands open; never more."""
        left = self._left_by(credit)
        rest = sum((item.amount.amount for item in left), ZERO)
        return left if rest >= credit.amount.amount else []

    def _left_by(self, cleared: CustomerItem, depth: int = 20) -> list[CustomerItem]:
        """Return the credits that stand open where *cleared* was cleared."""
        clearing = cleared.clearing
        if clearing is None or not depth or cleared.is_open_on(self._key_date):
            return []
        left: list[CustomerItem] = []
        for item in self._posted.get(clearing, ()):
            alike = (item.customer, item.amount.currency) == (
                cleared.customer,
                cleared.amount.currency,
            )
            if not alike or item.billing_document or item.clearing == clearing:
                continue
            is_open = item.is_open_on(self._key_date)
            left += [item] if is_open else self._left_by(item, depth - 1)
        return left

    def beside(self, chain: OrderChain, cancelled: BillingDocument) -> list[CustomerItem]:
        """
        Return what the clearings of an order's new invoices left of money on account.

        No more than what *cancelled* was higher: other rests are not of billing anew.
        """
        left: list[CustomerItem] = []
        billed = ZERO
        for number in standing(chain, self._documents):
            document = self._documents.billing_document(number)
            lines = self._documents.fi_lines(document) if document is not None else ()
            for item in lines:
                billed += item.amount.amount
                left += self._left_by(item)
        was = sum((item.amount.amount for item in self._documents.fi_lines(cancelled)), ZERO)
        rest = -sum((item.amount.amount for item in left), ZERO)
        return left if 0 < rest <= was - billed else []


def cancelled_after_payment(documents: Documents) -> frozenset[str]:
    """Return the cancellations whose originals were closed by something else than by them."""
    found = set()
    for document in documents.billing_documents:
        original = documents.original_of(document)
        if original is None or document.category is not DocumentCategory.INVOICE_CANCELLATION:
            continue
        lines, billed = documents.fi_lines(document), documents.fi_lines(original)
        closed = [item.clearing for item in billed]
        apart = not set(closed) & {item.clearing for item in lines}
        if lines and closed and None not in closed and apart:
            found.add(document.number)
    return frozenset(found)


def standing(chain: OrderChain, documents: Documents) -> list[str]:
    """Return the invoices of an order that were not cancelled until the key date."""
    cancelled = {
        original.number
        for line in chain.invoiced
        if (original := documents.original_of(line.document)) is not None
    }
    return sorted(
        {
            line.document.number
            for line in chain.invoiced
            if line.document.category is DocumentCategory.INVOICE
            and line.document.number not in cancelled
        }
    )


def was_paid_before_cancelled(chain: OrderChain, documents: Documents) -> bool:
    """Tell whether money came in for an order before one of its invoices was cancelled."""
    days = [
        line.document.billing_date
        for line in chain.invoiced
        if documents.original_of(line.document) is not None
    ]
    paid = [payment.paid_on for payment in chain.mirrored.payments]
    return bool(days) and bool(paid) and min(paid) <= max(days)


def by_line(entries: Iterable[PaidAndCancelled]) -> Mapping[LineKey, PaidAndCancelled]:
    """Return the entries by the lines of their credits."""
    found: dict[LineKey, PaidAndCancelled] = {}
    for entry in entries:
        for item in entry.credits:
            found[item_key(item)] = entry
    return found
