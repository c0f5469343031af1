"""
Whether an invoice was paid, told by what its clearing consists of: cleared is not paid.

A clearing also closes invoices against credit memos, cancellations, write-offs and transfers, and
may leave a residual item that is still owed. Partial payments and residual items are followed by
the invoice reference (REBZG).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money

#: FI document types of receipts, as delivered.
RECEIPTS: Final = frozenset({"DZ"})

_ZERO: Final = Decimal(0)
_NO_CLEARING: Final[FiDocument] = ("", "", 0)


class PaymentState(StrEnum):
    """How far an invoice is paid."""

    OPEN = "open"
    PARTIALLY_PAID = "partially paid"
    PAID = "paid"
    CLEARED_WITHOUT_PAYMENT = "cleared without payment"


class ClearedBy(StrEnum):
    """What an invoice was cleared with where no money took part."""

    CREDIT_MEMO = "credit memo"
    CANCELLATION = "cancellation"
    WRITE_OFF = "write-off"
    TRANSFER = "transfer"


class InvoicePayment(Frozen):
    """
    What is known of one invoice on a day.

    ``settled`` is what payments have settled, cash discount and tolerated differences included;
    ``credited`` what was cleared without money; ``open`` is still owed. The three add up to the
    invoice. ``cleared_by`` is filled where all of it was cleared without money.
    """

    state: PaymentState
    invoice: Money
    settled: Money
    credited: Money
    open: Money
    cleared_by: ClearedBy | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    settled: Decimal
    credited: Decimal
    open: Decimal
    by: frozenset[ClearedBy] = frozenset()


@dataclass(frozen=True, slots=True)
class _Group:
    """
    What one clearing consists of.

    ``documents`` are those of its items and its own; ``owed`` counts the receivables. ``named`` is
    what credits take off the invoices that they name, ``shares`` what the others take off, by line.
    ``charges`` tells whether the clearing document charged a customer in their place.
    """

    documents: frozenset[FiDocument]
    owed: int
    paid: bool
    kinds: frozenset[ClearedBy]
    named: dict[FiDocument, Decimal]
    shares: dict[tuple[FiDocument, int], Decimal]
    charges: bool


class Clearings:
    """
    Customer items by clearing and by the invoice that they name, as of a day.

    ``cancellations`` are the numbers of billing documents that cancel others, ``paid`` those of
    them whose invoice had been paid: their credit is the money that came in for it. Items posted
    after *on* are left out, and what was cleared later counts as open.
    """

    def __init__(
        self,
        items: Iterable[CustomerItem],
        on: date,
        *,
        receipts: Collection[str] = RECEIPTS,
        cancellations: Collection[str] = frozenset(),
        paid: Collection[str] = frozenset(),
    ) -> None:
        self._on, self._receipts, self._cancellations = on, frozenset(receipts), cancellations
        self._paid = paid
        self._groups: dict[FiDocument, _Group] = {}
        self._cleared: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        self._lines: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        self._naming: dict[FiDocument, list[CustomerItem]] = defaultdict(list)
        for item in items:
            if item.posting_date > on:
                continue
            self._lines[item.document].append(item)
            clearing, invoice = item.clearing, item.invoice
            if clearing is not None and not item.is_open_on(on):
                self._cleared[clearing].append(item)
            if invoice is not None:
                self._naming[invoice].append(item)

    def payment_of(self, invoice: Sequence[CustomerItem]) -> InvoicePayment:
        """
        Return how far an invoice is paid.

        Args:
            invoice: the lines that it posted, at least one; a credit memo has none to be paid.
        """
        parts = [self._follow(line, frozenset()) for line in invoice]
        currency = invoice[0].amount.currency
        settled = sum((part.settled for part in parts), _ZERO)
        credited = sum((part.credited for part in parts), _ZERO)
        rest = sum((part.open for part in parts), _ZERO)
        kinds = frozenset(kind for part in parts for kind in part.by)
        state = PaymentState.PAID
        if rest > 0 or (rest < 0 and not settled):  # below zero: the customer is owed
            state = PaymentState.PARTIALLY_PAID if settled > 0 else PaymentState.OPEN
        elif settled <= 0:
            state = PaymentState.CLEARED_WITHOUT_PAYMENT
        without = state is PaymentState.CLEARED_WITHOUT_PAYMENT
        return InvoicePayment(
            state=state,
            invoice=Money(amount=settled + credited + rest, currency=currency),
            settled=Money(amount=settled, currency=currency),
            credited=Money(amount=credited, currency=currency),
            open=Money(amount=rest, currency=currency),
            cleared_by=min(kinds, default=ClearedBy.WRITE_OFF) if without else None,
        )

    def _follow(self, item: CustomerItem, seen: frozenset[FiDocument]) -> _Part:
        """Divide a receivable into what money settled, what went without, and what is owed."""
        clearing = item.clearing
        if clearing is None or item.is_open_on(self._on):
            return self._still_open(item)
        if clearing in seen:
            return _Part(item.amount.amount, _ZERO, _ZERO)
        group = self._group(clearing)
        residual = self._residual(item, clearing, group)
        rest = _Part(_ZERO, _ZERO, _ZERO)
        for each in residual:
            part = self._follow(each, seen | {clearing})
            rest = _Part(
                rest.settled + part.settled,
                rest.credited + part.credited,
                rest.open + part.open,
                rest.by | part.by,
            )
        amount = item.amount.amount - sum((each.amount.amount for each in residual), _ZERO)
        if amount < 0:
            # The rest of several invoices names one of them: no more of it is this one's.
            owed = min(rest.open, item.amount.amount)
            credited = min(rest.credited, item.amount.amount - owed)
            return _Part(item.amount.amount - owed - credited, credited, owed, rest.by)
        credited, kinds = self._credited(item, amount, group)
        return _Part(
            rest.settled + amount - credited,
            rest.credited + credited,
            rest.open,
            rest.by | kinds,
        )

    def _group(self, clearing: FiDocument) -> _Group:
        """Look at a clearing once, however many invoices are in it."""
        if clearing not in self._groups:
            self._groups[clearing] = self._look_at(clearing)
        return self._groups[clearing]

    def _look_at(self, clearing: FiDocument) -> _Group:
        items, posted = self._cleared[clearing], self._lines[clearing]
        others = [
            each
            for each in items
            if each.amount.amount < 0
            and not self._is_money(each, clearing)
            and (each.billing_document or each.document != clearing)
        ]
        money = any(each.amount.amount < 0 and self._is_money(each, clearing) for each in items)
        owed = sorted((each for each in items if each.amount.amount > 0), key=_age)
        named: dict[FiDocument, Decimal] = defaultdict(Decimal)
        free = _ZERO
        for each in others:
            if each.invoice is not None:
                named[each.invoice] -= each.amount.amount
            else:
                free -= each.amount.amount
        shares: dict[tuple[FiDocument, int], Decimal] = {}
        for each in owed:
            if free <= 0:
                break
            shares[each.document, each.line_item] = min(free, each.amount.amount)
            free -= each.amount.amount
        return _Group(
            documents=frozenset({clearing, *(each.document for each in items)}),
            owed=len(owed),
            paid=money or any(each.document_type in self._receipts for each in posted),
            kinds=frozenset(self._kind(each) for each in others),
            named=named,
            shares=shares,
            charges=any(each.amount.amount > 0 for each in posted),
        )

    def _is_money(self, credit: CustomerItem, clearing: FiDocument) -> bool:
        """A receipt, what a clearing left of one, or the credit for an invoice that was paid."""
        if credit.document_type in self._receipts or credit.billing_document in self._paid:
            return True
        source = credit.document
        is_rest = not credit.billing_document and source in self._cleared and source != clearing
        return is_rest and any(
            each.amount.amount < 0
            and (each.document_type in self._receipts or each.billing_document in self._paid)
            for each in self._cleared[source]
        )

    def _still_open(self, item: CustomerItem) -> _Part:
        """An open invoice, with the open partial payments and credit memos that name it."""
        money = credits = _ZERO
        for each in self._naming[item.document]:
            if (
                each.amount.amount < 0
                and each.is_open_on(self._on)
                and each.amount.currency == item.amount.currency
            ):
                if self._is_money(each, _NO_CLEARING):
                    money -= each.amount.amount
                else:
                    credits -= each.amount.amount
        amount = item.amount.amount
        if amount < 0:
            return _Part(_ZERO, _ZERO, amount)
        money = min(money, amount)
        credits = min(credits, amount - money)
        by = frozenset({ClearedBy.CREDIT_MEMO}) if credits else frozenset[ClearedBy]()
        return _Part(money, credits, amount - money - credits, by)

    def _residual(
        self, item: CustomerItem, clearing: FiDocument, group: _Group
    ) -> list[CustomerItem]:
        """
        Return what is left of *item*: what names it, or all that its clearing left if it is alone.

        The rest stands in the clearing document, or in a payment that was cleared later on.
        """
        named = [
            each
            for each in (*self._naming[item.document], *self._same_invoice(item))
            if each.amount.amount > 0
            and each.key != item.key
            and each.clearing != clearing
            and each.document in group.documents
        ]
        if named or group.owed > 1:
            return named
        return [
            each
            for each in self._lines[clearing]
            if each.amount.amount > 0
            and each.clearing != clearing
            and each.customer == item.customer
            and not each.invoice_reference
        ]

    def _same_invoice(self, item: CustomerItem) -> list[CustomerItem]:
        """The rest of a rest names the first invoice."""
        return self._naming[item.invoice] if item.invoice is not None else []

    def _credited(
        self, item: CustomerItem, amount: Decimal, group: _Group
    ) -> tuple[Decimal, frozenset[ClearedBy]]:
        """
        Return how much of *amount* was cleared without money, and with what.

        Credits that name the invoice are its own; the others take off the oldest invoices.
        """
        own = group.named.get(item.document, _ZERO)
        if own:
            return min(amount, own), group.kinds
        if group.paid:
            share = group.shares.get((item.document, item.line_item), _ZERO)
            return min(share, amount), group.kinds if share else frozenset()
        if group.kinds:
            return amount, group.kinds
        return amount, frozenset({ClearedBy.TRANSFER if group.charges else ClearedBy.WRITE_OFF})

    def _kind(self, credit: CustomerItem) -> ClearedBy:
        if credit.billing_document in self._cancellations:
            return ClearedBy.CANCELLATION
        return ClearedBy.CREDIT_MEMO


def _age(item: CustomerItem) -> tuple[date, str, int]:
    return item.posting_date, item.key.accounting_document, item.line_item
