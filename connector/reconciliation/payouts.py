"""
Third comparison, the provider's side: what payouts consist of, and whether they reached the bank.

A payout is its charges less refunds, fees, disputes and what is held back; what its lines do not
explain is a difference. Each charge is the payment of a channel, each refund has a credit memo.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import (
    ExplainedReason,
    Finding,
    Scope,
    judge,
)
from connector.reconciliation.identities import (
    PAYMENTS_TO_RECEIPTS,
    Comparison,
    Endings,
    IdentityTotals,
)
from connector.reconciliation.matching import Match, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.payments_and_receipts import RECEIVED
from connector.reconciliation.payout_bank import PayoutsInBank, is_due
from connector.reconciliation.payout_findings import line_finding, payout_finding
from connector.reconciliation.payout_lines import LineMatch, PayoutLines, shown
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.values import Money
from connector.statements.model import Payout, PayoutLine, PayoutLineKind

PAID_OUT: Final = "paid out"
PAYOUTS_TO_LINES: Final = "Payouts to their lines"
FEES: Final = "fees of providers"
UNEXPLAINED: Final = "not explained by lines"

_TERMS: Final = {
    PayoutLineKind.CHARGE: "charges",
    PayoutLineKind.REFUND: "refunds",
    PayoutLineKind.DISPUTE: "disputes",
    PayoutLineKind.FEE: "fees",
    PayoutLineKind.ADJUSTMENT: "adjustments",
    PayoutLineKind.RESERVE: "held back",
    PayoutLineKind.OTHER: "other",
}


class PayoutComparison:
    """
    Compares payout after payout.

    ``refunds`` are what providers paid back and the channel does not report, by order name.
    """

    def __init__(
        self,
        movements: MoneyMovements,
        in_bank: PayoutsInBank,
        accounts: Accounts,
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        self._movements, self._in_bank = movements, in_bank
        self._accounts, self._rules, self._key_date = accounts, rules, key_date
        right = (*dict.fromkeys(_TERMS.values()), UNEXPLAINED)
        self._totals = IdentityTotals(PAYMENTS_TO_RECEIPTS, PAID_OUT, right, PAYOUTS_TO_LINES)
        self._receipts = IdentityTotals(PAYMENTS_TO_RECEIPTS, RECEIVED, (FEES,))
        self._endings = Endings()
        self._matches: list[Match] = []
        self._reported: dict[str, list[Money]] = {}
        self.refunds: dict[str, list[MirroredPayment]] = {}

    def run(self, lines: PayoutLines, company_code: str) -> Comparison:
        """Compare all payouts; those of an unknown provider belong to *company_code*."""
        disputes: dict[tuple[str, str], list[LineMatch]] = defaultdict(list)
        for payout in self._movements.payouts:
            provider = self._movements.provider(payout.provider)
            code = provider.company_code or company_code
            if not self._accounts.covers(code):
                continue
            scope = Scope(company_code=code, currency=payout.amount.currency)
            self._payout(payout, scope)
            for match in lines.match(payout, provider):
                self._line(match, scope)
                if match.line.kind is PayoutLineKind.DISPUTE:
                    disputes[payout.provider, match.line.charge_id].append(match)
        for matches in disputes.values():
            self._dispute(matches, company_code)
        return Comparison(
            identities=(*self._totals.close(), *self._receipts.close()),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

    # -- the payout as a whole -------------------------------------------------------------------

    def _payout(self, payout: Payout, scope: Scope) -> None:
        # Totals of payouts stand apart from those of receipts: in the scope of the provider.
        of_provider = scope.model_copy(update={"reconciliation_account": payout.provider})
        self._totals.add(of_provider, PAID_OUT, payout.amount.amount)
        for line in payout.lines:
            self._totals.add(of_provider, _TERMS[line.kind], line.gross.amount)
            if line.fee:
                self._totals.add(of_provider, _TERMS[PayoutLineKind.FEE], -line.fee.amount)
        rest = payout.amount.amount - payout.of_lines.amount
        if rest:
            self._totals.add(of_provider, UNEXPLAINED, rest)
        if not payout.lines or not payout.is_decomposed:
            if is_due(payout):
                self._undecomposed(payout, scope)
        elif rest:
            self._end(
                payout_finding(
                    BreakCode.PAYOUT_MISMATCH,
                    payout,
                    scope,
                    rest,
                    text=f"its lines add up to {payout.of_lines}",
                )
            )
        if is_due(payout):
            self._reached(payout, scope)

    def _undecomposed(self, payout: Payout, scope: Scope) -> None:
        text = (
            "a manual payout: the provider does not say what is in it"
            if not payout.is_decomposed
            else "its transactions were not delivered"
        )
        self._end(
            payout_finding(
                BreakCode.PAYOUT_UNDECOMPOSED, payout, scope, payout.amount.amount, text=text
            )
        )

    def _reached(self, payout: Payout, scope: Scope) -> None:
        key = payout.provider, payout.payout_id
        found = self._in_bank.lines.get(key)
        if found is not None:
            line, rule = found
            self._matches.append(
                Match(
                    identity=PAYMENTS_TO_RECEIPTS,
                    rule=rule,
                    outside=payout.name,
                    erp=f"bank line {line.key}",
                    amount=payout.amount,
                )
            )
            if line.amount != payout.amount:
                same = line.amount.currency == payout.amount.currency
                difference = line.amount.amount - payout.amount.amount if same else None
                self._end(
                    payout_finding(
                        BreakCode.PAYOUT_MISMATCH,
                        payout,
                        scope,
                        difference,
                        text=f"bank line {line.bank_reference} says {line.amount}",
                        keys={"bank_reference": line.bank_reference},
                    )
                )
            return
        if key in self._in_bank.ambiguous:
            named = ", ".join(line.bank_reference for line in self._in_bank.ambiguous[key])
            text = f"bank lines {named} come into question, or are claimed by another payout"
            self._end(
                payout_finding(BreakCode.AMBIGUOUS, payout, scope, payout.amount.amount, text=text)
            )
        elif self._movements.statements or self._movements.accounts:
            self._end(
                payout_finding(
                    BreakCode.PAYOUT_MISMATCH,
                    payout,
                    scope,
                    -payout.amount.amount,
                    text="no bank line for it",
                    keys={"bank_reference": ""},
                    break_on=payout.paid_on + timedelta(days=self._rules.payout_days),
                )
            )

    # -- its lines -------------------------------------------------------------------------------

    def _line(self, match: LineMatch, scope: Scope) -> None:
        line = match.line
        if match.candidates > 1 and match.order is None:
            text = f"{match.candidates} payments or orders carry its charge or order number"
            self._end(line_finding(BreakCode.AMBIGUOUS, match, scope, line.gross, text=text))
        elif line.kind is PayoutLineKind.CHARGE:
            self._charge(match, scope)
        elif line.kind is PayoutLineKind.REFUND:
            self._refund(match, scope)
        elif line.kind is PayoutLineKind.FEE:
            self._explained(match, scope, ExplainedReason.PROVIDER_FEE, -line.net)
        elif line.kind is PayoutLineKind.RESERVE:
            self._explained(match, scope, ExplainedReason.HELD_BY_PROVIDER, line.net)
        elif line.kind is not PayoutLineKind.DISPUTE:
            text = f"{line.text or line.kind.value}: belongs to no payment"
            self._end(line_finding(BreakCode.FEE_UNEXPLAINED, match, scope, -line.net, text=text))

    def _charge(self, match: LineMatch, scope: Scope) -> None:
        line, chain = match.line, match.payment
        if chain is None or match.rule is None:
            text = "no channel knows the payment or its order"
            self._end(line_finding(BreakCode.PAYOUT_MISMATCH, match, scope, -line.gross, text=text))
            return
        amount = chain.payment.amount
        self._matches.append(
            Match(
                identity=PAYMENTS_TO_RECEIPTS,
                rule=match.rule,
                outside=f"{match.payout.name}, line {line.line_id}",
                erp=f"payment {chain.payment.payment_id} of {chain.order.mirrored.name}",
                amount=line.gross,
            )
        )
        stated = shown(line, amount.currency)
        if stated is None:
            text = f"the channel took {amount}, the payout has {line.gross}"
            self._end(line_finding(BreakCode.CURRENCY_MISMATCH, match, scope, None, text=text))
        elif stated != amount:
            difference = amount - stated
            text = f"the channel took {amount}, the provider says {stated}"
            self._end(
                line_finding(
                    BreakCode.PAYOUT_MISMATCH, match, _in(scope, amount), difference, text=text
                )
            )
        self._fee(match, scope)

    def _fee(self, match: LineMatch, scope: Scope) -> None:
        """Compare the fee with what was posted, and with the agreed rate where there is one."""
        line, chain = match.line, match.payment
        if chain is None:
            return
        posted = chain.payment.bank_charges
        agreed = self._rules.agreed_fee(match.payout.provider, line.gross)
        expected, what = (posted, "posted with the receipt") if posted is not None else (
            agreed, "agreed"
        )  # fmt: skip
        if expected is not None and expected.currency == line.fee.currency:
            difference = expected - line.fee
            if difference:
                text = f"the provider kept {line.fee}, {expected} is {what}"
                self._end(
                    line_finding(
                        BreakCode.FEE_UNEXPLAINED, match, scope, difference, text=text,
                        absorbable=True,
                    )
                )  # fmt: skip
        if line.fee and line.fee.currency == chain.payment.amount.currency:
            self._net(match, scope, line.fee)
        if line.fee:
            self._explained(match, scope, ExplainedReason.PROVIDER_FEE, line.fee)

    def _net(self, match: LineMatch, scope: Scope, fee: Money) -> None:
        """Of this payment net money was received; the fee is what was applied beyond it."""
        if match.payment is None:
            return
        receipt = match.payment.receipt
        accounts = {line.reconciliation_account for line in receipt.lines} if receipt else set()
        account = (
            next(iter(accounts))
            if len(accounts) == 1
            else self._accounts.default_account(scope.company_code, scope.currency)
        )
        code = receipt.key[0] if receipt else scope.company_code
        of_receipt = Scope(company_code=code, currency=fee.currency, reconciliation_account=account)
        self._receipts.add(of_receipt, RECEIVED, -fee.amount, count=0)
        self._receipts.add(of_receipt, FEES, -fee.amount)

    def _refund(self, match: LineMatch, scope: Scope) -> None:
        line, order = match.line, match.order
        if order is None:
            text = "paid back, and no channel knows the order"
            self._end(
                line_finding(BreakCode.REFUND_WITHOUT_CREDIT, match, scope, -line.gross, text=text)
            )
            return
        if match.rule is not None:
            self._matches.append(
                Match(
                    identity=PAYMENTS_TO_RECEIPTS,
                    rule=match.rule,
                    outside=f"{match.payout.name}, line {line.line_id}",
                    erp=f"refund of {order.mirrored.name}",
                    amount=line.gross,
                )
            )
        if match.refund is None:
            self._unreported(line, order)

    def _unreported(self, line: PayoutLine, order: OrderChain) -> None:
        """Note a refund that the channel does not report, for whoever judges refunds."""
        name = order.mirrored.name
        reported = self._reported.setdefault(
            name, [refund.amount for refund in order.mirrored.refunds]
        )
        money = shown(line, order.mirrored.order.currency) or line.gross
        if -money in reported:
            reported.remove(-money)
            return
        refund = MirroredPayment(
            payment_id=line.line_id, gateway="", amount=-money, paid_on=line.happened_on
        )
        self.refunds.setdefault(name, []).append(refund)

    def _dispute(self, matches: Sequence[LineMatch], company_code: str) -> None:
        """A charge that was taken back; a dispute that was won brings it back again."""
        first = matches[0]
        provider = self._movements.provider(first.payout.provider)
        currency = first.line.net.currency
        scope = Scope(company_code=provider.company_code or company_code, currency=currency)
        gone = sum((match.line.net.amount for match in matches), Decimal(0))
        if not gone:
            return
        self._end(
            line_finding(
                BreakCode.CHARGEBACK,
                first,
                scope,
                Money(amount=-gone, currency=currency),
                text="the payment was taken back by the cardholder",
                keys={"charge": first.line.charge_id or first.line.line_id},
            )
        )

    # -- findings --------------------------------------------------------------------------------

    def _explained(
        self, match: LineMatch, scope: Scope, reason: ExplainedReason, amount: Money
    ) -> None:
        self._end(
            line_finding(
                BreakCode.FEE_UNEXPLAINED,
                match,
                scope,
                amount,
                text=match.line.text or match.line.kind.value,
                explained_by=reason,
            )
        )

    def _end(self, finding: Finding) -> None:
        self._endings.add(judge(finding, self._rules, self._key_date))


def _in(scope: Scope, money: Money) -> Scope:
    return scope.model_copy(update={"currency": money.currency})
