"""
Invoices paid in part, orders paid too much, and money that belongs to nothing yet.

What belongs to an invoice is found by reference: partial payments and residual items name it, and
money on account belongs to the invoice of the order it was paid for. "Cleared" is not "paid": a
residual item keeps the rest of a cleared invoice open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.ageing import is_on_account
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.cash_discount import discount_base, equals, offered
from connector.reconciliation.differences import Finding, Scope, Side, evidence_of
from connector.reconciliation.expectation import stated_gross
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.items_and_ledger import scope_of
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.receipts import PaymentChain
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money, display_number, pad_number

InvoiceKey = tuple[str, str]
LineKey = tuple[str, str, int, int]


@dataclass(slots=True)
class InvoiceGroup:
    """
    An invoice with the open items that belong to it.

    ``invoice`` is the invoice's own line, open or cleared; it is empty where it is not known.
    """

    key: InvoiceKey
    invoice: CustomerItem | None = None
    members: list[CustomerItem] = field(default_factory=list)

    @property
    def rest(self) -> Decimal:
        """What is still owed."""
        return sum((item.amount.amount for item in self.members), Decimal(0))

    def payments(self, rules: ReconciliationRules) -> list[CustomerItem]:
        """Return partial payments, money on account, and residual items left by a payment."""
        return [
            item
            for item in self.members
            if item.document_type in rules.payment_document_types
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
    ) -> None:
        """
        *items* are those open on the key date, *causes* ids of differences by order name.

        *spoken_of* are lines that another comparison has explained already.
        """
        self._documents, self._items, self._payments = documents, items, payments
        self._orders, self._rules, self._key_date = orders, rules, key_date
        self._causes = causes
        self._order_of_billing = {
            number: chain for chain in orders for number in chain.billing_documents
        }
        self._net_of = {
            document.number: document.net_amount.amount for document in documents.billing_documents
        }
        self._paid_for: dict[LineKey, PaymentChain] = {
            item_key(line): payment
            for payment in payments
            if payment.receipt is not None
            for line in payment.receipt.on_account_lines
        }
        #: Lines that another finding already speaks of.
        self._spoken_of: set[LineKey] = {
            item_key(line)
            for payment in payments
            for receipt in payment.further_receipts
            for line in receipt.lines
        }
        self._spoken_of |= set(spoken_of)

    def findings(self) -> list[Finding]:
        """Return underpayments, unearned discounts, overpayments and unapplied cash."""
        found: list[Finding] = []
        for group in self._groups():
            finding = self._short(group)
            if finding is not None:
                self._spoken_of.update(item_key(item) for item in group.members)
                found.append(finding)
        for chain in self._orders:
            finding = self._overpaid(chain)
            if finding is not None:
                found.append(finding)
        found += [
            self._unapplied(item)
            for item in self._items
            if is_on_account(item, self._rules) and item_key(item) not in self._spoken_of
        ]
        return found

    def _groups(self) -> list[InvoiceGroup]:
        groups: dict[InvoiceKey, InvoiceGroup] = {}
        waiting: list[CustomerItem] = []
        for item in self._items:
            if is_on_account(item, self._rules):
                waiting.append(item)
                continue
            number = item.invoice_reference or item.key.accounting_document
            key = item.key.company_code, pad_number(number)
            groups.setdefault(key, InvoiceGroup(key)).members.append(item)
        for item in self._documents.extract.items:
            key = item.key.company_code, item.key.accounting_document
            if key in groups and item.amount.amount > 0 and not item.invoice_reference:
                groups[key].invoice = item
        self._attach(waiting, groups.values())
        return [groups[key] for key in sorted(groups)]

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

    def _order(self, group: InvoiceGroup) -> OrderChain | None:
        for item in (group.invoice, *group.members):
            if item is not None and item.billing_document in self._order_of_billing:
                return self._order_of_billing[item.billing_document]
        return None

    def _short(self, group: InvoiceGroup) -> Finding | None:
        payments = group.payments(self._rules)
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
        currency = chain.mirrored.order.currency
        return sum(
            (
                payment.amount.amount
                for payment in chain.mirrored.payments
                if payment.paid_on <= self._key_date and payment.amount.currency == currency
            ),
            Decimal(0),
        )

    def _is_paid_outside(self, chain: OrderChain) -> bool:
        gross = stated_gross(chain.mirrored)
        return gross is not None and 0 < gross <= self._received(chain)

    def _overpaid(self, chain: OrderChain) -> Finding | None:
        """More was received than billed, and the whole order is billed."""
        order = chain.sales_order
        if order is None or not chain.invoiced or order.currency != chain.mirrored.order.currency:
            return None
        lines = [line for line in chain.billing_lines if line.document.currency == order.currency]
        invoiced = sum((line.gross for line in chain.invoiced), Decimal(0))
        billed = sum((line.gross for line in lines), Decimal(0))
        received = self._received(chain)
        if invoiced < order.total_amount.amount or received <= billed:
            return None
        mine = {
            key
            for key, payment in self._paid_for.items()
            if payment.order.mirrored.name == chain.mirrored.name
        }
        self._spoken_of |= mine
        posted = [
            line for billed in chain.invoiced for line in self._documents.fi_lines(billed.document)
        ]
        account = posted[0].reconciliation_account if posted else ""
        external = chain.mirrored.order
        return Finding(
            code=BreakCode.OVERPAYMENT,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=Scope(
                company_code=chain.invoiced[0].document.company_code,
                currency=order.currency,
                reconciliation_account=account,
            ),
            subject=chain.mirrored.subject,
            keys={"channel": external.channel, "external_id": external.external_id},
            outside=Side(
                what=f"payments for {external.order_name or external.external_id}",
                amount=Money(amount=received, currency=order.currency),
            ),
            erp=Side(what="billed", amount=Money(amount=billed, currency=order.currency)),
            difference=billed - received,
            since=max(payment.paid_on for payment in chain.mirrored.payments),
            text="received more than was billed, and nothing is left to bill",
            evidence=(evidence_of("external order", chain.mirrored.name, external),),
            cause=self._causes.get(chain.mirrored.name, ""),
            absorbable=True,
        )

    def _unapplied(self, item: CustomerItem) -> Finding:
        payment = self._paid_for.get(item_key(item))
        break_on = item.posting_date + timedelta(days=self._rules.unapplied_days)
        text, keys = "on account, without any invoice", {}
        if payment is not None:
            external = payment.order.mirrored.order
            keys = {"channel": external.channel, "external_id": external.external_id}
            if not payment.order.invoiced:
                text = "paid in advance: the order was not billed yet"
                break_on = item.posting_date + timedelta(days=self._rules.prepayment_days)
            else:
                text = "not cleared against the invoice of its order yet"
        company_code, document, year, line = item_key(item)
        return Finding(
            code=BreakCode.UNAPPLIED_CASH,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=scope_of(item),
            subject=f"FI document {display_number(document)}",
            keys={
                **keys,
                "company_code": company_code,
                "document": f"{document}/{year}",
                "line_item": str(line),
            },
            outside=Side(what="no invoice"),
            erp=Side(what=f"FI document {item.key}", amount=item.amount),
            difference=item.amount.amount,
            since=item.posting_date,
            break_on=break_on,
            text=text,
            evidence=(evidence_of("FI item", f"{item.key}/{item.line_item}", item),),
        )
