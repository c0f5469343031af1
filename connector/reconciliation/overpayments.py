"""Orders for which more was received than billed: by mistake, after a credit, or billed anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.credits_and_refunds import gross_of, received_until, refunded_until
from connector.reconciliation.differences import Finding, Scope, Side, evidence_of
from connector.reconciliation.identities import PAYMENTS_TO_RECEIPTS
from connector.reconciliation.matching import Documents, OrderChain
from connector.reconciliation.rebilling import Rests, was_paid_before_cancelled
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Money


class Overpayments:
    """Holds what the channel received for an order against what was billed for it."""

    def __init__(
        self,
        documents: Documents,
        rules: ReconciliationRules,
        causes: Mapping[str, str],
        kept: Mapping[str, Decimal],
        rests: Rests,
    ) -> None:
        """
        *causes* holds the id of the difference of the first comparison by order name.

        *kept* is what the comparison of payments has reported as paid too much already, less the
        discounts that it has granted.
        """
        self._documents, self._rules, self._causes = documents, rules, causes
        self._kept, self._rests = kept, rests
        self._key_date = documents.key_date

    def of(self, chain: OrderChain, on_account: Decimal | None = None) -> list[Finding]:
        """
        More was received than billed, and the whole order is billed.

        *on_account* is filled where invoices were cancelled after they had been paid: what they
        came to is told as such, and no more than the money on account is told here.
        """
        order = chain.sales_order
        if order is None or not chain.invoiced or order.currency != chain.mirrored.order.currency:
            return []
        currency = order.currency
        credited = -gross_of(chain.credited, currency)
        used = self._used(chain, credited)
        billed = gross_of(chain.billing_lines, currency)
        refunded = refunded_until(chain, self._key_date, currency)
        received = received_until(chain, self._key_date, currency)
        if received <= 0:
            return []  # an order whose invoice is below zero was not paid too much
        excess = received - refunded - billed
        excess -= self._kept.get(chain.mirrored.name, Decimal(0)) + used
        if on_account is not None:
            excess = min(excess, on_account)
        rebilled = on_account is None and was_paid_before_cancelled(chain, self._documents)
        if excess <= 0 or (_is_left_to_bill(chain, order) and not rebilled):
            return []
        unrefunded = min(excess, max(credited - refunded - used, Decimal(0)))
        found = []
        if unrefunded:
            last = max(line.document.billing_date for line in chain.credited)
            found.append(
                self._too_much(
                    chain,
                    BreakCode.CREDIT_WITHOUT_REFUND,
                    unrefunded,
                    "credited after it was paid, and not paid back",
                    since=last,
                    break_on=last + timedelta(days=self._rules.refund_days),
                )
            )
        if excess > unrefunded:
            code, text = BreakCode.OVERPAYMENT, "more than was billed, and nothing is left to bill"
            if rebilled:
                code = BreakCode.OVERPAID_AFTER_REBILL
                text = "paid, cancelled and billed anew for less"
            since = max(payment.paid_on for payment in chain.mirrored.payments)
            found.append(self._too_much(chain, code, excess - unrefunded, text, since=since))
        return found

    def _used(self, chain: OrderChain, credited: Decimal) -> Decimal:
        """Return what of an order's credit memos was cleared with something else in FI."""
        documents = {line.document.number: line.document for line in chain.credited}
        lines = [line for each in documents.values() for line in self._documents.fi_lines(each)]
        if not any(not line.is_open_on(self._key_date) for line in lines):
            return Decimal(0)
        left = [line for line in lines if line.is_open_on(self._key_date)]
        left += [rest for line in lines if line not in left for rest in self._rests.of(line)]
        open_credit = -sum((line.amount.amount for line in left), Decimal(0))
        return max(credited - open_credit, Decimal(0))

    def _too_much(
        self,
        chain: OrderChain,
        code: BreakCode,
        amount: Decimal,
        text: str,
        *,
        since: date,
        break_on: date | None = None,
    ) -> Finding:
        document = chain.invoiced[0].document
        posted = [
            line for billed in chain.invoiced for line in self._documents.fi_lines(billed.document)
        ]
        external, currency = chain.mirrored.order, document.currency
        return Finding(
            code=code,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=Scope(
                company_code=document.company_code,
                currency=currency,
                reconciliation_account=posted[0].reconciliation_account if posted else "",
            ),
            subject=chain.mirrored.subject,
            keys={"channel": external.channel, "external_id": external.external_id},
            outside=Side(
                what=f"payments for {external.order_name or external.external_id}",
                amount=Money(
                    amount=received_until(chain, self._key_date, currency)
                    - refunded_until(chain, self._key_date, currency),
                    currency=currency,
                ),
            ),
            erp=Side(
                what="billed",
                amount=Money(amount=gross_of(chain.billing_lines, currency), currency=currency),
            ),
            difference=-amount,
            since=since,
            break_on=break_on,
            text=text,
            evidence=(evidence_of("external order", chain.mirrored.name, external),),
            cause=self._causes.get(chain.mirrored.name, ""),
            absorbable=True,
        )


def _is_left_to_bill(chain: OrderChain, order: PostedSalesDocument) -> bool:
    """Tell whether something of *order* may still be billed; what was rejected never is."""
    live = {item.item_number for item in order.items if not item.rejection_reason}
    ordered = sum(
        (
            item.net_amount.amount + item.tax_amount.amount
            for item in order.items
            if item.item_number in live
        ),
        Decimal(0),
    )
    invoiced = sum(
        (line.gross for line in chain.invoiced if line.item.sales_document_item in live),
        Decimal(0),
    )
    return invoiced < ordered
