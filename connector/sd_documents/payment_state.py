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
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money, pad_number

#: FI document types of receipts, as delivered.
RECEIPTS: Final = frozenset({"DZ"})

_ZERO: Final = Decimal(0)
#: Company code and document.
_Document = tuple[str, str]


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


class Clearings:
    """
    Customer items by clearing and by the invoice that they name, as of a day.

    ``cancellations`` are the numbers of billing documents that cancel others. Items posted after
    *on* are left out, and what was cleared later counts as open.
    """

    def __init__(
        self,
        items: Iterable[CustomerItem],
        on: date,
        *,
        receipts: Collection[str] = RECEIPTS,
        cancellations: Collection[str] = frozenset(),
    ) -> None:
        self._on, self._receipts, self._cancellations = on, frozenset(receipts), cancellations
        self._cleared: dict[_Document, list[CustomerItem]] = defaultdict(list)
        self._lines: dict[_Document, list[CustomerItem]] = defaultdict(list)
        self._naming: dict[_Document, list[CustomerItem]] = defaultdict(list)
        for item in items:
            if item.posting_date > on:
                continue
            company_code = item.key.company_code
            self._lines[company_code, item.key.accounting_document].append(item)
            if item.clearing_document is not None and not item.is_open_on(on):
                self._cleared[company_code, item.clearing_document].append(item)
            if item.invoice_reference:
                self._naming[company_code, pad_number(item.invoice_reference)].append(item)

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
        if rest > 0:
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

    def _follow(self, item: CustomerItem, seen: frozenset[_Document]) -> _Part:
        """Divide a receivable into what money settled, what went without, and what is owed."""
        if item.is_open_on(self._on) or item.clearing_document is None:
            return self._still_open(item)
        company_code = item.key.company_code
        clearing = company_code, item.clearing_document
        if clearing in seen:
            return _Part(item.amount.amount, _ZERO, _ZERO)
        group = self._cleared[clearing]
        owed = [each for each in group if each.amount.amount > 0]
        residual = self._residual(item, clearing, owed)
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
        credited, kinds = self._credited(item, amount, clearing, owed)
        return _Part(
            rest.settled + amount - credited,
            rest.credited + credited,
            rest.open,
            rest.by | kinds,
        )

    def _still_open(self, item: CustomerItem) -> _Part:
        """An open invoice, with the open partial payments and credit memos that name it."""
        key = item.key.company_code, item.key.accounting_document
        money = credits = _ZERO
        for each in self._naming[key]:
            if each.amount.amount < 0 and each.is_open_on(self._on):
                if each.document_type in self._receipts:
                    money -= each.amount.amount
                else:
                    credits -= each.amount.amount
        amount = item.amount.amount
        money = min(money, amount)
        credits = min(credits, amount - money)
        by = frozenset({ClearedBy.CREDIT_MEMO}) if credits else frozenset[ClearedBy]()
        return _Part(money, credits, amount - money - credits, by)

    def _residual(
        self, item: CustomerItem, clearing: _Document, owed: Sequence[CustomerItem]
    ) -> list[CustomerItem]:
        """Return what the clearing document left of *item*: by reference, or all if it is alone."""
        left = [
            each
            for each in self._lines[clearing]
            if each.amount.amount > 0
            and each.clearing_document != clearing[1]
            and each.customer == item.customer
        ]
        named = (
            [
                each
                for each in left
                if pad_number(each.invoice_reference)
                in (item.key.accounting_document, pad_number(item.invoice_reference))
            ]
            if any(each.invoice_reference for each in left)
            else []
        )
        return named or (left if len(owed) == 1 else [])

    def _credited(
        self,
        item: CustomerItem,
        amount: Decimal,
        clearing: _Document,
        owed: Sequence[CustomerItem],
    ) -> tuple[Decimal, frozenset[ClearedBy]]:
        """
        Return how much of *amount* was cleared without money, and with what.

        Credits that name the invoice are its own; the others are shared with what else was cleared.
        """
        group = self._cleared[clearing]
        credits = [each for each in group if each.amount.amount < 0]
        money = [each for each in credits if each.document_type in self._receipts]
        others = [
            each
            for each in credits
            if each.document_type not in self._receipts
            and (each.billing_document or each.key.accounting_document != clearing[1])
        ]
        posted = self._lines[clearing]
        paid = bool(money) or any(each.document_type in self._receipts for each in posted)
        own = self._own(item, others)
        if own:
            return min(amount, own), frozenset(self._kind(each) for each in others)
        if paid:
            return self._share(item, amount, others, owed), frozenset(
                self._kind(each) for each in others
            )
        if others:
            return amount, frozenset(self._kind(each) for each in others)
        moved = any(each.amount.amount > 0 and each.customer != item.customer for each in posted)
        return amount, frozenset({ClearedBy.TRANSFER if moved else ClearedBy.WRITE_OFF})

    def _own(self, item: CustomerItem, others: Iterable[CustomerItem]) -> Decimal:
        """What credit memos that name *item*, or its cancellation, take off."""
        return -sum(
            (
                each.amount.amount
                for each in others
                if each.invoice_reference
                and pad_number(each.invoice_reference) == item.key.accounting_document
            ),
            _ZERO,
        )

    def _share(
        self,
        item: CustomerItem,
        amount: Decimal,
        others: Sequence[CustomerItem],
        owed: Sequence[CustomerItem],
    ) -> Decimal:
        """What credits that name nothing take off one of several invoices: the oldest first."""
        free = -sum((each.amount.amount for each in others if not each.invoice_reference), _ZERO)
        for each in sorted(owed, key=_age):
            if each.key == item.key and each.line_item == item.line_item:
                return min(free, amount)
            free = max(free - each.amount.amount, _ZERO)
        return _ZERO

    def _kind(self, credit: CustomerItem) -> ClearedBy:
        if credit.billing_document in self._cancellations:
            return ClearedBy.CANCELLATION
        return ClearedBy.CREDIT_MEMO


def _age(item: CustomerItem) -> tuple[date, str, int]:
    return item.posting_date, item.key.accounting_document, item.line_item
