"""
Third comparison, the provider's side: what payouts come to, and whether they reached the bank.

A payout is its charges less refunds, fees, disputes and what is held back; what its lines do not
explain is a difference. What the lines belong to is the business of `payout_contents`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import (
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
from connector.reconciliation.matching import Match
from connector.reconciliation.movements import MoneyMovements, Provider
from connector.reconciliation.payout_bank import PayoutsInBank, is_due
from connector.reconciliation.payout_findings import payout_finding
from connector.reconciliation.rules import ReconciliationRules
from connector.statements.model import Payout, PayoutLineKind

PAID_OUT: Final = "paid out"
PAYOUTS_TO_LINES: Final = "Payouts to their lines"
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


def company_code_of(provider: Provider, company_codes: Sequence[str]) -> str:
    """Return whom *provider* pays; unless told otherwise the run's only company code."""
    return provider.company_code or (company_codes[0] if len(company_codes) == 1 else "")


def payout_totals() -> IdentityTotals:
    """Return the equation of payouts and their lines, empty."""
    right = (*dict.fromkeys(_TERMS.values()), UNEXPLAINED)
    return IdentityTotals(PAYMENTS_TO_RECEIPTS, PAID_OUT, right, PAYOUTS_TO_LINES)


class PayoutComparison:
    """Compares payout after payout, each as a whole."""

    def __init__(
        self,
        movements: MoneyMovements,
        in_bank: PayoutsInBank,
        company_codes: Sequence[str],
        rules: ReconciliationRules,
        key_date: date,
        *,
        restricted: bool = False,
    ) -> None:
        """A *restricted* run leaves out what belongs to no company code yet, too."""
        self._movements, self._in_bank = movements, in_bank
        self._company_codes, self._restricted = company_codes, restricted
        self._rules, self._key_date = rules, key_date
        self._totals = payout_totals()
        self._endings = Endings()
        self._matches: list[Match] = []

    def run(self, payouts: Iterable[Payout]) -> Comparison:
        """Compare *payouts*, those of other company codes left out."""
        for payout in payouts:
            code = company_code_of(self._movements.provider(payout.provider), self._company_codes)
            if code in self._company_codes or not (code or self._restricted):
                self._payout(payout, Scope(company_code=code, currency=payout.amount.currency))
        return Comparison(
            totals=(self._totals,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

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

    def _end(self, finding: Finding) -> None:
        self._endings.add(judge(finding, self._rules, self._key_date))
