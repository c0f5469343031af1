"""Which FI receipt belongs to which payment of a channel, as of the key date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.reconciliation.extract import item_key
from connector.reconciliation.matching import MatchRule, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import CustomerItem

DocumentKey = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    The customer lines of one FI document, all in one currency.

    ``settled`` is what the customer was credited with, ``on_account_lines`` the lines of it that
    were open on the key date and belonged to no invoice.
    """

    key: DocumentKey
    lines: tuple[CustomerItem, ...]
    key_date: date

    @property
    def settled(self) -> Decimal:
        return -sum((line.amount.amount for line in self.lines), Decimal(0))

    @property
    def on_account_lines(self) -> tuple[CustomerItem, ...]:
        return tuple(
            line
            for line in self.lines
            if line.amount.amount < 0
            and not line.invoice_reference
            and line.is_open_on(self.key_date)
        )

    @property
    def currency(self) -> str:
        return self.lines[0].amount.currency

    @property
    def posted_on(self) -> date:
        return self.lines[0].posting_date

    def __str__(self) -> str:
        return "/".join(str(part) for part in self.key)


@dataclass(frozen=True, slots=True)
class PaymentChain:
    """
    One payment of a channel with its order and its receipt, if FI has one.

    ``further_receipts`` carry the same reference and should not exist. ``within`` is a receipt of
    several orders that paid the order's invoices, such as that of a provider's payout.
    """

    payment: MirroredPayment
    order: OrderChain
    receipt: Receipt | None
    rule: MatchRule
    further_receipts: tuple[Receipt, ...] = ()
    within: Receipt | None = None


class Receipts:
    """All FI documents with customer lines, by key and by the reference they carry."""

    def __init__(
        self, items: Iterable[CustomerItem], rules: ReconciliationRules, key_date: date
    ) -> None:
        lines: dict[DocumentKey, list[CustomerItem]] = defaultdict(list)
        for item in items:
            if item.posting_date <= key_date:
                lines[item_key(item)[:3]].append(item)
        self._receipts = {
            key: Receipt(key, tuple(sorted(of_key, key=item_key)), key_date)
            for key, of_key in lines.items()
        }
        self._payment_types = rules.payment_document_types
        self._outgoing_types = rules.outgoing_payment_document_types
        self._company_codes = sorted({key[0] for key in self._receipts})
        self._by_reference: dict[tuple[str, str], list[DocumentKey]] = defaultdict(list)
        for key, receipt in sorted(self._receipts.items()):
            references = {
                line.reference
                for line in receipt.lines
                if line.reference and line.document_type in rules.payment_document_types
            }
            for reference in references:
                self._by_reference[key[0], reference].append(key)

    def posted(self) -> tuple[Receipt, ...]:
        """Return all FI documents that are payments by their type, outgoing ones too, by key."""
        return tuple(
            receipt for _, receipt in sorted(self._receipts.items()) if self._is_payment(receipt)
        )

    def _is_payment(self, receipt: Receipt) -> bool:
        types = {line.document_type for line in receipt.lines}
        if types & self._payment_types:
            return True
        return bool(types & self._outgoing_types) and receipt.settled < 0

    def of(self, payment: MirroredPayment) -> tuple[tuple[Receipt, ...], MatchRule]:
        """Return the receipts of *payment*, the linked one first, and the rule that found them."""
        found: list[DocumentKey] = []
        rule = MatchRule.PAYMENT_REFERENCE
        linked = payment.accounting_document
        if linked is not None:
            key = linked.company_code, linked.accounting_document, linked.fiscal_year
            if key in self._receipts:
                found.append(key)
                rule = MatchRule.LINK_TABLE
        if payment.reference:
            codes = [payment.company_code] if payment.company_code else self._company_codes
            for company_code in codes:
                keys = self._by_reference.get((company_code, payment.reference), [])
                found += [key for key in keys if key not in found]
        return tuple(self._receipts[key] for key in found), rule


def match_payments(
    chains: Sequence[OrderChain], receipts: Receipts, key_date: date
) -> tuple[PaymentChain, ...]:
    """
    Find the receipts of all payments that were received until *key_date*.

    Payments of an order that was cancelled before it had a sales order never reach the ERP.
    """
    matched = []
    for chain in chains:
        cancelled = chain.mirrored.cancelled_on
        if cancelled is not None and cancelled <= key_date and chain.sales_order is None:
            continue
        for payment in chain.mirrored.payments:
            if payment.paid_on <= key_date:
                found, rule = receipts.of(payment)
                matched.append(
                    PaymentChain(
                        payment=payment,
                        order=chain,
                        receipt=found[0] if found else None,
                        rule=rule,
                        further_receipts=found[1:],
                    )
                )
    return tuple(matched)
