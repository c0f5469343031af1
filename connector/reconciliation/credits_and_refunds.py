"""
Credits that wait to be billed, refunds without a credit, and credits whose money never went back.

What is asked for in the ERP (returns order, credit memo request), what was billed for it, and what
the channel paid back are held against each other, order by order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Finding, Scope, Side, evidence_of
from connector.reconciliation.identities import ORDERS_TO_BILLING, PAYMENTS_TO_RECEIPTS
from connector.reconciliation.matching import BillingLine, Documents, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.order_findings import sales_order_side
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Money, display_number

ZERO = Decimal(0)


class CreditsAndRefunds:
    """Looks at the orders that were sold in the currency of their sales order."""

    def __init__(self, documents: Documents, accounts: Accounts, rules: ReconciliationRules):
        self._documents, self._accounts, self._rules = documents, accounts, rules
        self._key_date: date = documents.key_date

    def findings(self, chains: Sequence[OrderChain]) -> Iterator[Finding]:
        """Yield what waits or does not meet; credits without refund are found among payments."""
        for chain in chains:
            scope = self._accounts.scope_of(chain)
            order = chain.sales_order
            if order is None or not self._accounts.covers(scope.company_code):
                continue
            pending = ZERO
            for request, amount in self._waiting(chain, order):
                pending += amount
                yield self._pending(chain, scope, request, amount)
            if order.currency == scope.currency:
                yield from self._without_credit(chain, scope, pending)

    def _waiting(
        self, chain: OrderChain, order: PostedSalesDocument
    ) -> Iterator[tuple[PostedSalesDocument, Decimal]]:
        """Yield requests for a credit with what was not billed of them."""
        for request in self._documents.credit_requests(order.number):
            asked = sum(
                (
                    item.net_amount.amount + item.tax_amount.amount
                    for item in request.items
                    if not item.rejection_reason
                ),
                ZERO,
            )
            billed = -sum(
                (
                    line.gross
                    for line in chain.credited
                    if line.item.sales_document == request.number
                ),
                ZERO,
            )
            if asked > billed:
                yield request, asked - billed

    def _pending(
        self, chain: OrderChain, scope: Scope, request: PostedSalesDocument, amount: Decimal
    ) -> Finding:
        blocked = request.billing_block_reason
        text = "goods or money came back, and no credit memo was billed"
        if blocked:
            text = f"billing block {blocked} on the request for the credit"
        external = chain.mirrored.order
        return Finding(
            code=BreakCode.CREDIT_PENDING,
            identity=ORDERS_TO_BILLING,
            scope=scope.model_copy(update={"currency": request.currency}),
            subject=f"{chain.mirrored.subject}, request {display_number(request.number)}",
            keys={
                "channel": external.channel,
                "external_id": external.external_id,
                "request": request.number,
            },
            outside=Side(what=f"external order {external.order_name or external.external_id}"),
            erp=sales_order_side(request),
            difference=amount,
            since=request.document_date,
            break_on=request.document_date + timedelta(days=self._rules.credit_grace_days),
            text=text,
            evidence=(evidence_of("sales document", request.number, request),),
        )

    def _without_credit(
        self, chain: OrderChain, scope: Scope, pending: Decimal
    ) -> Iterator[Finding]:
        refunds = [
            refund
            for refund in chain.mirrored.refunds
            if refund.paid_on <= self._key_date and refund.amount.currency == scope.currency
        ]
        refunded = sum((refund.amount.amount for refund in refunds), ZERO)
        if not refunded:
            return
        billed = gross_of(chain.invoiced, scope.currency)
        covered = -gross_of(chain.credited, scope.currency) + pending
        covered += max(received_until(chain, self._key_date, scope.currency) - billed, ZERO)
        missing = refunded - covered
        if missing <= 0:
            return
        last = max(refund.paid_on for refund in refunds)
        external = chain.mirrored.order
        yield Finding(
            code=BreakCode.REFUND_WITHOUT_CREDIT,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=scope,
            subject=chain.mirrored.subject,
            keys={"channel": external.channel, "external_id": external.external_id},
            outside=Side(
                what=_refunds(refunds), amount=Money(amount=-refunded, currency=scope.currency)
            ),
            erp=Side(
                what="credit memos",
                amount=Money(amount=missing - refunded, currency=scope.currency),
            ),
            difference=missing,
            since=last,
            break_on=last + timedelta(days=self._rules.settlement_days),
            text="paid back outside, and no credit stands against it",
            evidence=(evidence_of("external order", chain.mirrored.name, external),),
            absorbable=True,
        )


def gross_of(lines: Sequence[BillingLine], currency: str) -> Decimal:
    """Add up billed lines of one currency; credits count negative."""
    return sum((line.gross for line in lines if line.document.currency == currency), ZERO)


def received_until(chain: OrderChain, key_date: date, currency: str) -> Decimal:
    """Return what the channel received for an order, without what it paid back."""
    return sum(
        (
            payment.amount.amount
            for payment in chain.mirrored.payments
            if payment.paid_on <= key_date and payment.amount.currency == currency
        ),
        ZERO,
    )


def refunded_until(chain: OrderChain, key_date: date, currency: str) -> Decimal:
    """Return what the channel paid back for an order."""
    return sum(
        (
            refund.amount.amount
            for refund in chain.mirrored.refunds
            if refund.paid_on <= key_date and refund.amount.currency == currency
        ),
        ZERO,
    )


def _refunds(refunds: Sequence[MirroredPayment]) -> str:
    return f"refund {', '.join(refund.payment_id for refund in refunds)}"
