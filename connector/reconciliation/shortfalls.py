"""
Invoices paid in part, orders paid too much, and money that belongs to nothing yet.

What belongs to an invoice is found by reference: partial payments and residual items name it, and
money on account belongs to the invoice of the order it was paid for. "Cleared" is not "paid": a
residual item keeps the rest of a cleared invoice open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from connector.reconciliation.ageing import is_on_account
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.cash_discount import discount_base, equals, offered
from connector.reconciliation.credits_and_refunds import (
    received_until,
)
from connector.reconciliation.differences import Finding, Side, evidence_of
from connector.reconciliation.expectation import stated_gross
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.overpayments import Overpayments
from connector.reconciliation.rebilling import (
    PaidAndCancelled,
    Rests,
    by_line,
    paid_and_cancelled,
)
from connector.reconciliation.receipt_effect import clearings_of_money
from connector.reconciliation.receipts import PaymentChain, Receipt
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.unapplied import unapplied_money
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money, display_number

LineKey = tuple[str, str, int, int]


@dataclass(slots=True)
class InvoiceGroup:
    """
    An invoice with the open items that belong to it.

    ``invoice`` is the invoice's own line, open or cleared; it is empty where it is not known.
    ``cancelled`` are credits of earlier invoices of the same order that were paid and cancelled,
    ``used`` those of them that were cleared since.
    """

    key: FiDocument
    invoice: CustomerItem | None = None
    members: list[CustomerItem] = field(default_factory=list)
    cancelled: list[CustomerItem] = field(default_factory=list)
    used: list[CustomerItem] = field(default_factory=list)

    @property
    def rest(self) -> Decimal:
        """What is still owed."""
        items = (*self.members, *self.cancelled)
        return sum((item.amount.amount for item in items), Decimal(0))

    def payments(
        self, rules: ReconciliationRules, clearings_of_money: Collection[FiDocument]
    ) -> list[CustomerItem]:
        """Return partial payments, money on account, residual items, and what was paid before."""
        return [*self.cancelled, *self.used] + [
            item
            for item in self.members
            if (
                item.document_type in rules.payment_document_types
                or item.document in clearings_of_money
            )
            and (item.amount.amount < 0 or item.invoice_reference)
        ]


class Shortfalls:
    """Looks through the open items of the key date."""

    def __init__(
        self,
        documents: Documents,
        items: Sequence[CustomerItem],
        payments: Sequence[PaymentChain],
        orders: Sequence[OrderChain],
        *,
        rules: ReconciliationRules,
        key_date: date,
        causes: Mapping[str, str],
        spoken_of: Iterable[LineKey] = (),
        kept: Mapping[str, Decimal] = MappingProxyType({}),
    ) -> None:
        """
        *items* are those open on the key date, *causes* ids of differences by order name.

        *spoken_of* are lines that another comparison has explained already, *kept* what it has
        reported as paid too much, by order name.
        """
        self._documents, self._items, self._payments = documents, items, payments
        self._orders, self._rules, self._key_date = orders, rules, key_date
        self._causes = causes
        self._order_of_billing = {
            number: chain for chain in orders for number in chain.billing_documents
        }
        self._net_of = documents.net_amounts
        self._rests = Rests(documents, key_date)
        self._paid_for: dict[LineKey, PaymentChain] = {
            item_key(line): payment
            for payment in payments
            if payment.receipt is not None
            for line in (*payment.receipt.on_account_lines, *self._left_of(payment.receipt))
        }
        self._overpayments = Overpayments(documents, rules, causes, kept, self._rests)
        self._lines_paid_for: dict[str, set[LineKey]] = defaultdict(set)
        for line_key, payment in self._paid_for.items():
            self._lines_paid_for[payment.order.mirrored.name].add(line_key)
        self._clearing = {item.clearing for item in documents.extract.items}
        self._clearings_of_money = clearings_of_money(documents.extract.items, key_date, rules)
        #: Credits of cancellations whose invoices had been paid.
        self._rebilled = paid_and_cancelled(documents, orders, key_date)
        self._rebilled_lines = by_line(self._rebilled.values())
        #: Items that were posted by hand are no money.
        self._orphans = {
            item_key(item)
            for item in items
            if item.document_type not in rules.payment_document_types and not self._clears(item)
        }
        #: Lines that another finding already speaks of.
        self._spoken_of: set[LineKey] = {
            item_key(line)
            for payment in payments
            for receipt in payment.further_receipts
            for line in receipt.lines
        }
        self._spoken_of |= {*spoken_of, *self._rebilled_lines}

    def findings(self) -> list[Finding]:
        """Return underpayments, unearned discounts, overpayments and unapplied cash."""
        found: list[Finding] = []
        for group in self._groups():
            finding = self._settled_anew(group) or self._short(group)
            if finding is not None:
                self._spoken_of.update(item_key(item) for item in group.members)
                found.append(finding)
        used = {item_key(item) for group in self._all_groups for item in group.cancelled}
        for name in sorted(self._rebilled):
            entry = self._rebilled[name]
            if entry.credits and not any(item_key(item) in used for item in entry.credits):
                found.append(self._left_over(entry))
        for chain in self._orders:
            overpaid = self._overpayments.of(chain, self._on_account(chain))
            if overpaid:
                self._spoken_of |= self._lines_paid_for[chain.mirrored.name]
                found += overpaid
        waiting = (
            item
            for item in self._items
            if is_on_account(item, self._rules)
            and item_key(item) not in self._spoken_of
            and item_key(item) not in self._orphans
        )
        items = self._documents.extract.items
        found += unapplied_money(waiting, items, self._paid_for, self._rules)
        return found

    def _on_account(self, chain: OrderChain) -> Decimal | None:
        """
        Return what of an order's money is on account, where its cancellations tell the rest.

        None for all other orders.
        """
        name = chain.mirrored.name
        if name not in self._rebilled:
            return None
        lines = self._lines_paid_for[name] - self._rebilled_lines.keys() - self._spoken_of
        return -sum((i.amount.amount for i in self._items if item_key(i) in lines), Decimal(0))

    def _left_of(self, receipt: Receipt) -> list[CustomerItem]:
        """Return what clearings left of money that *receipt* had put on account."""
        return [
            rest
            for line in receipt.lines
            if line.amount.amount < 0
            and not line.invoice_reference
            and line.clearing not in (None, receipt.key)
            and not line.is_open_on(self._key_date)
            for rest in self._rests.of(line)
        ]

    def _clears(self, item: CustomerItem) -> bool:
        """Whether the document of *item* has cleared others, so that *item* is what was left."""
        return item.document in self._clearing

    def _groups(self) -> list[InvoiceGroup]:
        groups: dict[FiDocument, InvoiceGroup] = {}
        waiting: list[CustomerItem] = []
        for item in self._items:
            if item_key(item) in self._rebilled_lines:
                continue
            if is_on_account(item, self._rules):
                waiting.append(item)
                continue
            key = item.invoice or item.document
            groups.setdefault(key, InvoiceGroup(key)).members.append(item)
        for item in self._documents.extract.items:
            key = item.document
            if key in groups and item.amount.amount > 0 and not item.invoice_reference:
                groups[key].invoice = item
        self._attach(waiting, groups.values())
        self._attach_cancelled(groups.values())
        for group in groups.values():
            self._set_money_apart(group)
        self._all_groups = [groups[key] for key in sorted(groups)]
        return self._all_groups

    def _attach(self, waiting: Iterable[CustomerItem], groups: Iterable[InvoiceGroup]) -> None:
        """Put money on account to the invoice of its order when that has just one open."""
        of_order: dict[str, list[InvoiceGroup]] = defaultdict(list)
        for group in groups:
            chain = self._order(group)
            if chain is not None and group.rest > 0:
                of_order[chain.mirrored.name].append(group)
        for item in waiting:
            payment = self._paid_for.get(item_key(item))
            candidates = of_order[payment.order.mirrored.name] if payment else []
            if len(candidates) == 1:
                candidates[0].members.append(item)

    def _attach_cancelled(self, groups: Iterable[InvoiceGroup]) -> None:
        """Put credits of cancellations to the open invoice that was billed in their place."""
        of_order: dict[str, list[InvoiceGroup]] = defaultdict(list)
        for group in groups:
            chain = self._order(group)
            if chain is not None and chain.mirrored.name in self._rebilled and group.rest > 0:
                of_order[chain.mirrored.name].append(group)
        for name, candidates in of_order.items():
            if len(candidates) == 1:
                candidates[0].cancelled += self._rebilled[name].credits
                candidates[0].used += self._rebilled[name].used

    def _set_money_apart(self, group: InvoiceGroup) -> None:
        """Money on account is a matter of its own where credits of cancellations suffice."""
        money = [item for item in group.members if is_on_account(item, self._rules)]
        if not group.cancelled or not money:
            return
        if group.rest - sum((item.amount.amount for item in money), Decimal(0)) <= 0:
            group.members = [item for item in group.members if item not in money]

    def _settled_anew(self, group: InvoiceGroup) -> Finding | None:
        """Say what is left when an invoice that was billed anew meets what was paid before."""
        if not group.cancelled or group.rest > 0:
            return None
        chain = self._order(group)
        assert chain is not None
        return self._left_over(self._rebilled[chain.mirrored.name], group)

    def _left_over(self, entry: PaidAndCancelled, group: InvoiceGroup | None = None) -> Finding:
        rest = -entry.amount if group is None else group.rest
        first = entry.credits[0]
        external = entry.chain.mirrored.order
        currency = first.amount.currency
        shown = ", ".join(display_number(document.number) for document in entry.cancelled)
        code, text = BreakCode.OVERPAID_AFTER_REBILL, "paid, cancelled and billed anew for less"
        break_on: date | None = None
        if not rest:
            code = BreakCode.CANCEL_NOT_CLEARED
            text = "paid, cancelled and billed anew, and the two stand open against each other"
        elif group is None and not entry.billed_anew:
            code, text = BreakCode.OVERPAYMENT, "paid and cancelled, not billed anew"
            break_on = entry.last_cancelled + timedelta(days=self._rules.billing_grace_days)
        lines = [*entry.credits, *(group.members if group else ())]
        owed = sum((item.amount.amount for item in group.members), Decimal(0)) if group else 0
        return Finding(
            code=code,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=scope_of(first),
            subject=entry.chain.mirrored.subject,
            keys={"channel": external.channel, "external_id": external.external_id},
            outside=Side(
                what=f"paid for cancelled invoice {shown}",
                amount=Money(amount=entry.amount, currency=currency),
            ),
            erp=Side(what="billed anew", amount=Money(amount=Decimal(owed), currency=currency)),
            difference=rest,
            since=entry.since,
            break_on=break_on,
            text=text,
            evidence=tuple(
                evidence_of("FI item", f"{item.key}/{item.line_item}", item, str(item.amount))
                for item in lines
            ),
            cause=self._causes.get(entry.chain.mirrored.name, ""),
            absorbable=bool(rest),
        )

    def _order(self, group: InvoiceGroup) -> OrderChain | None:
        for item in (group.invoice, *group.members):
            if item is not None and item.billing_document in self._order_of_billing:
                return self._order_of_billing[item.billing_document]
        return None

    def _short(self, group: InvoiceGroup) -> Finding | None:
        payments = group.payments(self._rules, self._clearings_of_money)
        rest = group.rest
        if not payments or rest <= 0:
            return None
        if len({item.amount.currency for item in group.members}) > 1:
            return None
        chain = self._order(group)
        paid_on = max(item.document_date for item in payments)
        first = group.invoice or group.members[0]
        code, text = BreakCode.UNDERPAYMENT, "paid in part"
        break_on: date | None = first.net_due_on + timedelta(days=1)
        if self._is_unearned(group, rest, paid_on):
            code, text = BreakCode.UNEARNED_DISCOUNT, "short by the discount, after its deadline"
            break_on = None
        elif chain is not None and self._is_paid_outside(chain):
            text, break_on = "the channel regards the order as paid", None
        billed = group.invoice.amount.amount if group.invoice else rest
        currency = first.amount.currency
        number = first.billing_document or group.key[1]
        return Finding(
            code=code,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=scope_of(first),
            subject=f"invoice {display_number(number)}",
            keys={"company_code": group.key[0], "invoice": number},
            outside=Side(what="payments", amount=Money(amount=billed - rest, currency=currency)),
            erp=Side(
                what=f"invoice {display_number(number)}",
                amount=Money(amount=billed, currency=currency),
            ),
            difference=rest,
            since=paid_on,
            break_on=break_on,
            text=text,
            evidence=tuple(
                evidence_of("FI item", f"{item.key}/{item.line_item}", item, str(item.amount))
                for item in group.members
            ),
            cause=self._causes.get(chain.mirrored.name, "") if chain else "",
            absorbable=True,
        )

    def _is_unearned(self, group: InvoiceGroup, rest: Decimal, paid_on: date) -> bool:
        invoice = group.invoice
        if invoice is None:
            return False
        net = self._net_of.get(invoice.billing_document)
        base = discount_base(invoice, net, self._rules.discount_base)
        return any(
            equals(rest, discount, invoice.amount.currency) and paid_on > deadline
            for discount, deadline in offered(invoice, base)
        )

    def _received(self, chain: OrderChain) -> Decimal:
        return received_until(chain, self._key_date, chain.mirrored.order.currency)

    def _is_paid_outside(self, chain: OrderChain) -> bool:
        gross = stated_gross(chain.mirrored)
        return gross is not None and 0 < gross <= self._received(chain)
