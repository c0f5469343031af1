"""What a receipt did on the customer account: how much of it is discount, what is left of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from connector.reconciliation.cash_discount import (
    discount_base,
    equals,
    granted,
    offered,
    offered_together,
)
from connector.reconciliation.extract import item_key
from connector.reconciliation.receipts import Receipt
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.currency import quantum
from connector.sd_documents.payment import CustomerItem, FiDocument

LineKey = tuple[str, str, int, int]


class ReceiptEffects:
    """Looks at receipts through the customer items that they cleared and left."""

    def __init__(
        self,
        items: Iterable[CustomerItem],
        net_of: Mapping[str, Decimal],
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        """*net_of* holds the net amount of billing documents by number."""
        self._net_of, self._rules, self._key_date = net_of, rules, key_date
        self._cleared_by: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        self._posted_in: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in items:
            if item.posting_date > key_date:
                continue
            self._posted_in[item.document].append(item)
            clearing = item.clearing
            if clearing is not None and not item.is_open_on(key_date):
                self._cleared_by[clearing].append(item)

    def cleared(self, receipt: Receipt) -> tuple[CustomerItem, ...]:
        """Return the receivables that *receipt* cleared."""
        return tuple(
            item for item in self._cleared_by.get(receipt.key, ()) if item.amount.amount > 0
        )

    def settled_for(self, receipt: Receipt) -> frozenset[FiDocument]:
        """
        Return the FI documents that *receipt* cleared or names as what it belongs to.

        The rest of an invoice is paid for the invoice: payers name that, and never the rest.
        """
        cleared = self.cleared(receipt)
        named = {line.invoice for line in (*receipt.lines, *cleared)}
        rests = [item for each in named if each for item in self._posted_in.get(each, ())]
        named |= {item.invoice for item in rests if item.amount.amount > 0}
        found = {item.document for item in cleared} | named
        return frozenset(each for each in found if each is not None)

    def paid(self, receipt: Receipt) -> tuple[CustomerItem, ...]:
        """
        Return the receivables that *receipt* cleared, or was posted for where another run clears.

        Not every interface clears: the ERP's own run does it then, in a document of its own. The
        receipt names its item, or carries the assignment of those that it pays.
        """
        cleared = self.cleared(receipt)
        if cleared:
            return cleared
        named = {line.invoice for line in receipt.lines if line.invoice is not None}
        found = [i for each in sorted(named) for i in self._posted_in.get(each, ())]
        if not found:
            assigned = {line.assignment for line in receipt.lines} - {""}
            clearings = {line.clearing for line in receipt.lines if line.clearing is not None}
            runs = sorted(clearings - {receipt.key})
            of_runs = (i for each in runs for i in self._cleared_by.get(each, ()))
            found = [item for item in of_runs if item.assignment in assigned]
        return tuple(item for item in found if item.amount.amount > 0)

    def earned_discount(self, receipt: Receipt, paid_on: date) -> Decimal:
        """Return the cash discount that was to be had on *paid_on*, with a cent per invoice."""
        earned = self.earned(receipt, paid_on)
        slack = quantum(receipt.currency) * len(self.paid(receipt))
        return earned + slack if earned else Decimal(0)

    def earned(self, receipt: Receipt, paid_on: date) -> Decimal:
        """Return the cash discount that was to be had on *paid_on*."""
        paid = self.paid(receipt)
        return sum((granted(item, self._base(item), paid_on) for item in paid), Decimal(0))

    def is_discount(self, receipt: Receipt, difference: Decimal) -> bool:
        """Tell whether the terms of the invoices offer *difference*, whatever the day."""
        offers = [offered(item, self._base(item)) for item in self.paid(receipt)]
        return any(
            equals(difference, amount, receipt.currency) for amount in offered_together(offers)
        )

    def _base(self, item: CustomerItem) -> Decimal:
        net = self._net_of.get(item.billing_document)
        return discount_base(item, net, self._rules.discount_base)

    def unapplied(self, receipt: Receipt) -> Decimal:
        """
        Return what of *receipt* is on account on the key date, as a share of what is left at all.

        Where several credits were used together, the earlier ones count as used first: the shares
        of all of them are exactly what is left.
        """
        return sum((self._share_of(line, 0) for line in receipt.lines), Decimal(0))

    def _share_of(self, line: CustomerItem, depth: int) -> Decimal:
        if line.amount.amount >= 0 or line.invoice_reference:
            return Decimal(0)
        if line.is_open_on(self._key_date):
            return -line.amount.amount
        clearing = line.clearing
        if clearing is None or clearing == line.document or depth > 20:
            return Decimal(0)
        rests = [each for each in self._posted_in.get(clearing, ()) if _is_rest(each, line)]
        left = sum((self._share_of(each, depth + 1) for each in rests), Decimal(0))
        if not left:
            return left
        used = [
            each
            for each in self._cleared_by.get(clearing, ())
            if _is_rest(each, line) and each.document != clearing
        ]
        for each in sorted(used, key=lambda i: (i.posting_date, item_key(i)), reverse=True):
            share = min(left, -each.amount.amount)
            if item_key(each) == item_key(line):
                return share
            left -= share
        return Decimal(0)

    def unused(self, receipt: Receipt) -> tuple[Decimal, frozenset[LineKey]]:
        """
        Return what of *receipt* is still on account on the key date, and the lines it stands in.

        A credit that was used in part lives on in the residual item of the clearing; it is followed
        there, and never counts more than the receipt had.
        """
        left, lines = Decimal(0), set()
        for line in receipt.lines:
            if line.amount.amount < 0 and not line.invoice_reference:
                amount, found = self._left_of(line, 0)
                left += amount
                lines |= found
        return left, frozenset(lines)

    def _left_of(self, line: CustomerItem, depth: int) -> tuple[Decimal, set[LineKey]]:
        if line.is_open_on(self._key_date):
            return -line.amount.amount, {item_key(line)}
        clearing = line.clearing
        if clearing is None or clearing == line.document or depth > 20:
            return Decimal(0), set()
        rest, lines = Decimal(0), set()
        for residual in self._posted_in.get(clearing, ()):
            if _is_rest(residual, line):
                amount, found = self._left_of(residual, depth + 1)
                rest += amount
                lines |= found
        return min(rest, -line.amount.amount), lines


def _is_rest(item: CustomerItem, of: CustomerItem) -> bool:
    """Tell whether *item* is money of the customer and currency of *of*, and no credit memo."""
    return (
        item.customer == of.customer
        and item.amount.currency == of.amount.currency
        and item.amount.amount < 0
        and item.document_type != "RV"
    )


def clearings_of_money(
    items: Iterable[CustomerItem], key_date: date, rules: ReconciliationRules
) -> frozenset[FiDocument]:
    """
    Return the clearings until *key_date* in which money took part.

    What such a clearing leaves, or transfers as that of a down payment does, is money as well.
    """
    found: set[FiDocument] = set()
    waiting: list[tuple[FiDocument, FiDocument]] = []
    for item in items:
        clearing = item.clearing
        if clearing is None or item.amount.amount >= 0 or item.is_open_on(key_date):
            continue
        if item.document_type in rules.payment_document_types:
            found.add(clearing)
        elif not item.billing_document and clearing != item.document:
            waiting.append((item.document, clearing))
    grown = True
    while grown:
        further = {after for before, after in waiting if before in found} - found
        found |= further
        grown = bool(further)
    return frozenset(found)
