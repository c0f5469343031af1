"""
Third comparison, the provider's side: what the lines of payouts belong to.

Each charge is the payment of a channel, each refund has a credit memo; fees are explained, or held
against what was agreed or posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import ExplainedReason, Finding, Scope, judge
from connector.reconciliation.identities import (
    PAYMENTS_TO_RECEIPTS,
    Comparison,
    Endings,
    IdentityTotals,
)
from connector.reconciliation.match_rules import MatchRule
from connector.reconciliation.matching import Match, OrderChain
from connector.reconciliation.mirror import MirroredPayment
from connector.reconciliation.movements import MoneyMovements
from connector.reconciliation.payments_and_receipts import RECEIVED
from connector.reconciliation.payout_findings import line_finding
from connector.reconciliation.payout_lines import LineMatch, PayoutLines, shown
from connector.reconciliation.payouts import company_code_of
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.values import Money
from connector.statements.model import Payout, PayoutLine, PayoutLineKind

FEES: Final = "fees of providers"


def fee_totals() -> IdentityTotals:
    """Return what fees add to the third identity, empty."""
    return IdentityTotals(PAYMENTS_TO_RECEIPTS, RECEIVED, (FEES,))


class PayoutContents:
    """
    Compares the lines of payouts.

    ``refunds`` are what providers paid back and the channel does not report, by order name.
    """

    def __init__(
        self,
        movements: MoneyMovements,
        accounts: Accounts,
        rules: ReconciliationRules,
        key_date: date,
        company_codes: Sequence[str],
    ) -> None:
        """*movements* knows the providers of the settings."""
        self._movements, self._accounts = movements, accounts
        self._rules, self._key_date = rules, key_date
        self._company_codes = company_codes
        self._receipts = fee_totals()
        self._endings = Endings()
        self._matches: list[Match] = []
        self._reported: dict[str, list[Money]] = {}
        #: The lines that pay out one payment of a channel, by order name and payment id.
        self._charges: dict[tuple[str, str], list[tuple[LineMatch, Scope]]] = defaultdict(list)
        self.refunds: dict[str, list[MirroredPayment]] = {}
        #: Payments that were taken back and have not come again, by order name and payment id.
        self.disputed: set[tuple[str, str]] = set()

    def run(self, payouts: Iterable[Payout], lines: PayoutLines) -> Comparison:
        """Compare the lines that *payouts* hold, in their order."""
        disputes: dict[tuple[str, ...], list[LineMatch]] = defaultdict(list)
        for payout in payouts:
            provider = self._movements.provider(payout.provider)
            code = company_code_of(provider, self._company_codes)
            if not self._accounts.covers(code):
                continue
            scope = Scope(company_code=code, currency=payout.amount.currency)
            for match in lines.match(payout, provider):
                self._line(match, scope)
                if match.line.kind is PayoutLineKind.DISPUTE:
                    disputes[payout.provider, *_charge_of(match.line)].append(match)
        for charges in self._charges.values():
            self._compare_charges(charges)
        for matches in disputes.values():
            self._dispute(matches)
        return Comparison(
            totals=(self._receipts,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

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

    def _note_match(self, match: LineMatch, rule: MatchRule, scope: Scope, erp: str) -> None:
        if self._accounts.lists(scope.company_code):
            self._matches.append(
                Match(
                    identity=PAYMENTS_TO_RECEIPTS,
                    rule=rule,
                    outside=f"{match.payout.name}, line {match.line.line_id}",
                    erp=erp,
                    amount=match.line.gross,
                )
            )

    def _charge(self, match: LineMatch, scope: Scope) -> None:
        line, chain = match.line, match.payment
        if chain is None or match.rule is None:
            text = "no channel knows the payment or its order"
            self._end(line_finding(BreakCode.PAYOUT_MISMATCH, match, scope, -line.gross, text=text))
            return
        amount = chain.payment.amount
        paid = f"payment {chain.payment.payment_id} of {chain.order.mirrored.name}"
        self._note_match(match, match.rule, scope, paid)
        if shown(line, amount.currency) is None:
            text = f"the channel took {amount}, the payout has {line.gross}"
            self._end(line_finding(BreakCode.CURRENCY_MISMATCH, match, scope, None, text=text))
        else:
            payment = chain.order.mirrored.name, chain.payment.payment_id
            self._charges[payment].append((match, scope))
        self._fee(match, scope)

    def _compare_charges(self, charges: Sequence[tuple[LineMatch, Scope]]) -> None:
        """Compare a payment with all lines that pay it out: parts add up, and doubles are seen."""
        match, scope = charges[-1]
        assert match.payment is not None
        amount = match.payment.payment.amount
        stated = [shown(each.line, amount.currency) for each, _ in charges]
        total = sum((each.amount for each in stated if each is not None), Decimal(0))
        if total == amount.amount:
            return
        said = Money(amount=total, currency=amount.currency)
        text = f"the channel took {amount}, the provider says {said}"
        if len(charges) > 1:
            text += f" in {len(charges)} lines"
        self._end(
            line_finding(
                BreakCode.PAYOUT_MISMATCH, match, _in(scope, amount), amount - said, text=text
            )
        )

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
            self._note_match(match, match.rule, scope, f"refund of {order.mirrored.name}")
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

    def _dispute(self, matches: Sequence[LineMatch]) -> None:
        """A charge that was taken back; a dispute that was won brings it back again."""
        first = matches[0]
        provider = self._movements.provider(first.payout.provider)
        currency = first.line.net.currency
        code = company_code_of(provider, self._company_codes)
        scope = Scope(company_code=code, currency=currency)
        gone = sum((match.line.net.amount for match in matches), Decimal(0))
        if not gone:
            return
        taken = sum((match.line.gross.amount for match in matches), Decimal(0))
        if taken < 0 and first.payment is not None:
            chain = first.payment
            self.disputed.add((chain.order.mirrored.name, chain.payment.payment_id))
        text = "the payment was taken back by the cardholder"
        if not taken:
            text = "the payment came back, and the provider kept a fee for the dispute"
        self._end(
            line_finding(
                BreakCode.CHARGEBACK,
                first,
                scope,
                Money(amount=-gone, currency=currency),
                text=text,
                keys={"charge": next(filter(None, _charge_of(first.line)))},
            )
        )

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


def _charge_of(line: PayoutLine) -> tuple[str, str, str]:
    """Return what a dispute is about: the charge, or else the order, or nothing but itself."""
    if line.charge_id:
        return line.charge_id, "", ""
    return ("", line.order_reference, "") if line.order_reference else ("", "", line.line_id)


def _in(scope: Scope, money: Money) -> Scope:
    return scope.model_copy(update={"currency": money.currency})
