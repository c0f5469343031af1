"""
Third comparison: what the channels received against what FI has receipts for.

received = applied + discount and differences + unapplied + not yet posted, per company code,
currency and account. Applied is what receipts settled, discount included, hence discount counts
negative.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.cash_discount import (
    discount_base,
    equals,
    explained_discount,
    granted,
    offered,
    offered_together,
)
from connector.reconciliation.differences import (
    Evidence,
    Finding,
    Key,
    Scope,
    Side,
    evidence_of,
    judge,
    scope_for,
)
from connector.reconciliation.extract import item_key
from connector.reconciliation.identities import (
    PAYMENTS_TO_RECEIPTS,
    Comparison,
    Endings,
    IdentityTotals,
)
from connector.reconciliation.matching import Documents, Match
from connector.reconciliation.orders_and_billing import is_scaled
from connector.reconciliation.receipt_effect import LineKey, ReceiptEffects
from connector.reconciliation.receipts import PaymentChain, Receipt
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.compact import compact
from connector.sd_documents.currency import quantum
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.values import Money, display_number

RECEIVED: Final = "received"
APPLIED: Final = "applied"
DIFFERENCES: Final = "discount and differences"
UNAPPLIED: Final = "unapplied"
NOT_POSTED: Final = "not yet posted"


def payment_totals() -> IdentityTotals:
    """Return the third identity, empty."""
    return IdentityTotals(
        PAYMENTS_TO_RECEIPTS, RECEIVED, (APPLIED, DIFFERENCES, UNAPPLIED, NOT_POSTED)
    )


class PaymentComparison:
    """Compares payment after payment."""

    def __init__(
        self,
        documents: Documents,
        accounts: Accounts,
        rules: ReconciliationRules,
        key_date: date,
        causes: Mapping[str, str],
        *,
        disputed: Collection[tuple[str, str]] = (),
    ) -> None:
        """
        *causes* holds the id of the difference of the first comparison by order name.

        *disputed* payments, by order name and id, were taken back: nobody waits for their receipt.
        """
        self._documents, self._accounts, self._causes = documents, accounts, causes
        self._rules, self._key_date = rules, key_date
        self._disputed = disputed
        self._totals = payment_totals()
        self._endings = Endings()
        self._matches: list[Match] = []
        self._net_of = documents.net_amounts
        self._effects = ReceiptEffects(documents.extract.items, self._net_of, rules, key_date)
        #: Lines of doubled receipts, and of what is left of them.
        self.spoken_of: set[LineKey] = set()
        #: What orders were paid too much and the ERP took as income, by order name; a discount
        #: that was earned counts negative: it settled what nobody received.
        self.kept: dict[str, Decimal] = defaultdict(Decimal)

    def run(self, chains: Iterable[PaymentChain]) -> Comparison:
        """Compare *chains*; payments of other company codes are left out."""
        for chain in chains:
            scope = self._scope(chain)
            if self._accounts.covers(scope.company_code):
                self._compare(chain, scope)
        return Comparison(
            totals=(self._totals,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

    def _compare(self, chain: PaymentChain, scope: Scope) -> None:
        received, receipt = chain.payment.amount.amount, chain.receipt
        self._totals.add(scope, RECEIVED, received)
        for further in chain.further_receipts:
            self._look_at_double(chain, scope, further)
        if receipt is None and chain.within is not None:
            self._totals.add(scope, APPLIED, received)
            self._note_match(chain, scope, chain.within)
            return
        if receipt is None:
            self._totals.add(scope, NOT_POSTED, received)
            if (chain.order.mirrored.name, chain.payment.payment_id) not in self._disputed:
                self._end(self._missing(chain, scope))
            return
        if receipt.currency != scope.currency:
            self._totals.add(scope, NOT_POSTED, received)
            self.spoken_of.update(item_key(line) for line in receipt.on_account_lines)
            self._end(
                self._finding(
                    BreakCode.CURRENCY_MISMATCH,
                    chain,
                    scope,
                    received,
                    f"received in {scope.currency}, posted in {receipt.currency}",
                    receipt=receipt,
                )
            )
            return
        on_account = self._effects.unapplied(receipt)
        self._totals.add(scope, APPLIED, receipt.settled - on_account)
        if on_account:
            self._totals.add(scope, UNAPPLIED, on_account)
        self._note_match(chain, scope, receipt)
        self._look_at_use(chain, scope, receipt)
        difference = receipt.settled - received
        if difference:
            self._totals.add(scope, DIFFERENCES, -difference)
            self._differs(chain, scope, receipt, difference)

    def _note_match(self, chain: PaymentChain, scope: Scope, receipt: Receipt) -> None:
        if not self._accounts.lists(scope.company_code):
            return
        self._matches.append(
            compact(
                Match(
                    identity=PAYMENTS_TO_RECEIPTS,
                    rule=chain.rule,
                    outside=f"payment {chain.payment.payment_id} of {chain.order.mirrored.name}",
                    erp=f"FI document {receipt}",
                    amount=chain.payment.amount,
                )
            )
        )

    def _differs(
        self, chain: PaymentChain, scope: Scope, receipt: Receipt, difference: Decimal
    ) -> None:
        cleared = self._effects.paid(receipt)
        paid_on = min(chain.payment.paid_on, receipt.posted_on)
        bases = [(item, self._base(item)) for item in cleared]
        earned = sum((granted(item, base, paid_on) for item, base in bases), Decimal(0))
        slack = quantum(scope.currency) * len(cleared)
        if earned and 0 < difference <= earned + slack:
            self._discount(chain, scope, difference, paid_on)
            return
        offers = offered_together(offered(item, base) for item, base in bases)
        is_discount = any(equals(difference, each, scope.currency) for each in offers)
        if is_discount and earned:
            self._discount(chain, scope, earned, paid_on)
            difference -= earned
        code, text = BreakCode.UNDERPAYMENT, "the receipt settles more than was received"
        if is_discount:
            code, text = BreakCode.UNEARNED_DISCOUNT, "cash discount granted after its deadline"
        elif is_scaled(chain.payment.amount.amount, receipt.settled):
            code, text = BreakCode.CURRENCY_SCALE, "the receipt is shifted by decimals"
        elif difference < 0 and receipt.settled == self._owed(receipt):
            code, text = BreakCode.OVERPAYMENT, "more than was owed, and the ERP kept it as income"
            self.kept[chain.order.mirrored.name] -= difference
        elif difference < 0:
            code, text = BreakCode.MISSING_PAYMENT, "the receipt is lower than what was received"
        amount = difference if code is BreakCode.OVERPAYMENT else abs(difference)
        self._end(self._finding(code, chain, scope, amount, text, receipt=receipt, absorbable=True))

    def _discount(self, chain: PaymentChain, scope: Scope, amount: Decimal, paid_on: date) -> None:
        self.kept[chain.order.mirrored.name] -= amount
        self._endings.add(explained_discount(scope, _subject(chain), _keys(chain), amount, paid_on))

    def _owed(self, receipt: Receipt) -> Decimal:
        """What the items that *receipt* paid came to."""
        paid = self._effects.paid(receipt)
        return sum((item.amount.amount for item in paid), Decimal(0))

    def _base(self, item: CustomerItem) -> Decimal:
        net = self._net_of.get(item.billing_document)
        return discount_base(item, net, self._rules.discount_base)

    def _look_at_double(self, chain: PaymentChain, scope: Scope, receipt: Receipt) -> None:
        """Follow a second receipt: what of it paid for something else is no double any more."""
        unused, lines = self._effects.unused(receipt)
        self.spoken_of |= lines
        on_account = any(
            line.amount.amount < 0
            and not line.invoice_reference
            and not self._effects.cleared(receipt)
            for line in receipt.lines
        )
        left = unused if on_account else receipt.settled
        if left:
            self._end(self._doubled(chain, scope, receipt, left))

    def _look_at_use(self, chain: PaymentChain, scope: Scope, receipt: Receipt) -> None:
        """Find money that settled the invoice of another order while its own stands open."""
        cleared = self._effects.cleared(receipt)
        own = set(chain.order.billing_documents)
        others = sorted({item.billing_document for item in cleared if item.billing_document})
        if not others or own & set(others):
            return
        invoices = {line.document.number: line.document for line in chain.order.invoiced}
        waiting = [
            item
            for billed in invoices.values()
            for item in self._documents.fi_lines(billed)
            if item.is_open_on(self._key_date) and item.amount.amount > 0
        ]
        if waiting:
            shown = ", ".join(display_number(number) for number in others)
            self._end(
                self._finding(
                    BreakCode.MISAPPLIED,
                    chain,
                    scope,
                    receipt.settled,
                    f"settled invoice {shown}, and that of its own order stands open",
                    receipt=receipt,
                )
            )

    def _doubled(
        self, chain: PaymentChain, scope: Scope, receipt: Receipt, left: Decimal
    ) -> Finding:
        return self._finding(
            BreakCode.DUPLICATE_PAYMENT,
            chain,
            scope,
            -left,
            "a further receipt carries the same payment reference",
            receipt=receipt,
            further_keys={"receipt": str(receipt)},
        )

    def _missing(self, chain: PaymentChain, scope: Scope) -> Finding:
        payment, mirrored = chain.payment, chain.order.mirrored
        start = max(payment.paid_on, mirrored.received_on)
        billed = [line.document.billing_date for line in chain.order.invoiced]
        days, text = self._rules.prepayment_days, "paid in advance: nothing was billed yet"
        if chain.order.sales_order is None:
            text = "its order is not in the ERP"
        if billed:
            start = max(start, min(billed))
            days, text = self._rules.settlement_days, "no receipt in FI"
        return self._finding(
            BreakCode.MISSING_PAYMENT,
            chain,
            scope,
            payment.amount.amount,
            text,
            receipt=None,
            break_on=start + timedelta(days=days),
            cause=self._causes.get(mirrored.name, "") if chain.order.sales_order is None else "",
        )

    def _finding(
        self,
        code: BreakCode,
        chain: PaymentChain,
        scope: Scope,
        difference: Decimal,
        text: str,
        *,
        receipt: Receipt | None,
        break_on: date | None = None,
        cause: str = "",
        absorbable: bool = False,
        further_keys: Mapping[str, str] | None = None,
    ) -> Finding:
        payment = chain.payment
        settled = (
            Money(amount=receipt.settled, currency=receipt.currency)
            if receipt is not None
            else None
        )
        return Finding(
            code=code,
            identity=PAYMENTS_TO_RECEIPTS,
            scope=scope,
            subject=_subject(chain),
            keys={**{key.name: key.value for key in _keys(chain)}, **(further_keys or {})},
            outside=Side(what=f"payment {payment.payment_id}", amount=payment.amount),
            erp=Side(what=f"FI document {receipt}" if receipt else "no receipt", amount=settled),
            difference=difference,
            since=payment.paid_on,
            break_on=break_on,
            text=text,
            evidence=_evidence(chain, receipt),
            cause=cause,
            absorbable=absorbable,
        )

    def _scope(self, chain: PaymentChain) -> Scope:
        currency = chain.payment.amount.currency
        of_order = self._accounts.scope_of(chain.order)
        company_code = chain.payment.company_code or of_order.company_code
        place = self._accounts.default_account(company_code, currency), ""
        if chain.receipt is not None:
            lines = chain.receipt.lines
            places = {(each.reconciliation_account, each.special_gl_indicator) for each in lines}
            place = next(iter(places)) if len(places) == 1 else place
        return scope_for(company_code, currency, *place)

    def _end(self, finding: Finding) -> None:
        self._endings.add(judge(finding, self._rules, self._key_date))


def _subject(chain: PaymentChain) -> str:
    return f"{chain.order.mirrored.subject}, payment {chain.payment.payment_id}"


def _keys(chain: PaymentChain) -> tuple[Key, ...]:
    order = chain.order.mirrored.order
    return (
        Key(name="channel", value=order.channel),
        Key(name="external_id", value=order.external_id),
        Key(name="payment_id", value=chain.payment.payment_id),
    )


def _evidence(chain: PaymentChain, receipt: Receipt | None) -> tuple[Evidence, ...]:
    mirrored = chain.order.mirrored
    lines = receipt.lines if receipt is not None else ()
    return (
        evidence_of("external order", mirrored.name, mirrored.order),
        *(evidence_of("FI item", f"{line.key}/{line.line_item}", line) for line in lines),
    )
