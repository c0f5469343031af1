"""
Second comparison: billing documents against the customer lines that they posted in FI.

billed gross = FI posted + not transferred + explained + breaks, per company code, currency and
account. A document is matched by its billing number, which its FI line carries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from connector.reconciliation.accounts import Accounts
from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import (
    Break,
    Explained,
    ExplainedReason,
    Finding,
    Key,
    Pending,
    Scope,
    Side,
    evidence_of,
    judge,
    scope_for,
)
from connector.reconciliation.fi_leftovers import not_cleared
from connector.reconciliation.identities import (
    BILLING_TO_FI,
    Comparison,
    Endings,
    IdentityTotals,
)
from connector.reconciliation.matching import Documents, Match, MatchRule
from connector.reconciliation.orders_and_billing import is_scaled
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.compact import compact
from connector.sd_documents.payment import CustomerItem
from connector.sd_documents.status import AccountingTransferStatus
from connector.sd_documents.values import Money, display_number, total

BILLED: Final = "billed gross"
POSTED: Final = "FI posted"
NOT_TRANSFERRED: Final = "not transferred"
EXPLAINED: Final = "explained"
BREAKS: Final = "breaks"

#: What the transfer status says about a document that did not reach FI.
_REASONS: Final[dict[AccountingTransferStatus, str]] = {
    AccountingTransferStatus.ERROR: "error in the accounting interface",
    AccountingTransferStatus.BLOCKED: "blocked for transfer to accounting",
    AccountingTransferStatus.ACCOUNT_DETERMINATION_ERROR: "account determination failed",
    AccountingTransferStatus.PRICING_ERROR: "error in pricing",
    AccountingTransferStatus.EXPORT_ERROR: "export data incomplete",
    AccountingTransferStatus.INTERNAL_ERROR: "internal error in the accounting interface",
    AccountingTransferStatus.NO_AUTHORISATION: "no authorisation to post",
}


def billing_totals() -> IdentityTotals:
    """Return the second identity, empty."""
    return IdentityTotals(BILLING_TO_FI, BILLED, (POSTED, NOT_TRANSFERRED, EXPLAINED, BREAKS))


class BillingComparison:
    """Compares billing document after billing document."""

    def __init__(
        self,
        documents: Documents,
        accounts: Accounts,
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        self._documents, self._accounts = documents, accounts
        self._rules, self._key_date = rules, key_date
        self._totals = billing_totals()
        self._endings = Endings()
        self._matches: list[Match] = []

    def run(self) -> Comparison:
        """Compare all billing documents of the run's company codes."""
        for document in self._documents.billing_documents:
            if self._accounts.covers(document.company_code):
                self._compare(document)
        for finding in not_cleared(self._documents, self._accounts, self._key_date):
            self._end(finding)
        return Comparison(
            totals=(self._totals,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

    def _compare(self, document: BillingDocument) -> None:
        lines, rule = self._documents.fi_match(document)
        scope = self._scope(document, lines)
        billed = document.receivable_amount
        self._totals.add(scope, BILLED, billed.amount)
        if not lines:
            candidates = self._documents.fi_candidates(document)
            if candidates:
                self._ambiguous(document, scope, candidates, rule)
            else:
                self._not_posted(document, scope)
            return
        if any(line.amount.currency != document.currency for line in lines):
            self._other_currency(document, scope, lines)
            return
        posted = total((line.amount for line in lines), document.currency)
        self._totals.add(scope, POSTED, posted.amount, len(lines))
        self._matches.append(
            compact(
                Match(
                    identity=BILLING_TO_FI,
                    rule=rule,
                    outside=f"billing document {document.number}",
                    erp=f"FI document {lines[0].key}",
                    amount=posted,
                )
            )
        )
        if posted != billed:
            scaled = is_scaled(billed.amount, posted.amount)
            self._end(
                self._finding(
                    BreakCode.CURRENCY_SCALE if scaled else BreakCode.BILLING_FI_DIFF,
                    document,
                    scope,
                    posted - billed,
                    "the FI line is not the gross amount of the billing document",
                    lines=lines,
                    absorbable=not scaled,
                )
            )

    def _not_posted(self, document: BillingDocument, scope: Scope) -> None:
        billed = document.receivable_amount
        if not billed:
            return
        status = document.accounting_transfer_status
        if status is AccountingTransferStatus.NOT_RELEVANT:
            self._explain(document, scope, ExplainedReason.NOT_RELEVANT_TO_FI)
            return
        # Only an error status is final; anything else may simply not have come through yet.
        waits = None if status in _REASONS else self._rules.transfer_grace_days
        reason = _REASONS.get(status, "no FI line until the key date")
        self._end(
            self._finding(
                BreakCode.BILLING_NOT_POSTED,
                document,
                scope,
                -billed,
                reason,
                break_on=None if waits is None else document.billing_date + timedelta(days=waits),
            )
        )

    def _ambiguous(
        self,
        document: BillingDocument,
        scope: Scope,
        candidates: Sequence[tuple[CustomerItem, ...]],
        rule: MatchRule,
    ) -> None:
        shown = ", ".join(str(lines[0].key) for lines in candidates)
        finding = self._finding(
            BreakCode.AMBIGUOUS,
            document,
            scope,
            -document.receivable_amount,
            f"{shown} all fit by {rule.value}",
            lines=tuple(line for lines in candidates for line in lines),
        )
        self._end(replace(finding, erp=Side(what=f"FI documents {shown}")))

    def _other_currency(
        self, document: BillingDocument, scope: Scope, lines: tuple[CustomerItem, ...]
    ) -> None:
        currencies = ", ".join(sorted({line.amount.currency for line in lines}))
        self._end(
            self._finding(
                BreakCode.CURRENCY_MISMATCH,
                document,
                scope,
                -document.receivable_amount,
                f"billed in {document.currency}, posted in {currencies}",
                lines=lines,
            )
        )

    def _finding(
        self,
        code: BreakCode,
        document: BillingDocument,
        scope: Scope,
        difference: Money,
        text: str,
        *,
        lines: tuple[CustomerItem, ...] = (),
        break_on: date | None = None,
        absorbable: bool = False,
    ) -> Finding:
        posted = total(
            (line.amount for line in lines if line.amount.currency == document.currency),
            document.currency,
        )
        return Finding(
            code=code,
            identity=BILLING_TO_FI,
            scope=scope,
            subject=f"billing document {display_number(document.number)}",
            keys={"billing_document": document.number},
            outside=Side(
                what=f"billing document {display_number(document.number)}",
                amount=document.receivable_amount,
            ),
            erp=Side(
                what=f"FI document {lines[0].key}" if lines else "no FI document",
                amount=posted if lines else None,
            ),
            difference=difference.amount,
            effect=-difference.amount,
            since=document.billing_date,
            break_on=break_on,
            text=text,
            evidence=(
                evidence_of("billing document", document.number, document),
                *(evidence_of("FI item", f"{line.key}/{line.line_item}", line) for line in lines),
            ),
            absorbable=absorbable,
        )

    def _explain(self, document: BillingDocument, scope: Scope, reason: ExplainedReason) -> None:
        self._add(
            Explained(
                reason=reason,
                identity=BILLING_TO_FI,
                scope=scope,
                subject=f"billing document {display_number(document.number)}",
                keys=(Key(name="billing_document", value=document.number),),
                amount=document.receivable_amount,
                effect=document.receivable_amount,
                text=f"transfer status {document.accounting_transfer_status.value}",
            )
        )

    def _scope(self, document: BillingDocument, lines: tuple[CustomerItem, ...]) -> Scope:
        accounts = {line.reconciliation_account for line in lines}
        account = (
            next(iter(accounts))
            if len(accounts) == 1
            else self._accounts.default_account(document.company_code, document.currency)
        )
        return scope_for(document.company_code, document.currency, account)

    def _end(self, finding: Finding) -> None:
        self._add(judge(finding, self._rules, self._key_date))

    def _add(self, ending: Explained | Pending | Break) -> None:
        self._endings.add(ending)
        _count(self._totals, ending)


def _count(totals: IdentityTotals, ending: Explained | Pending | Break) -> None:
    label = EXPLAINED
    if isinstance(ending, Pending) or (
        isinstance(ending, Break) and ending.code is BreakCode.BILLING_NOT_POSTED
    ):
        label = NOT_TRANSFERRED
    elif isinstance(ending, Break):
        label = BREAKS
    if ending.effect is not None:
        totals.add(ending.scope, label, ending.effect.amount)


def add_orphans(
    totals: IdentityTotals,
    orphans: Iterable[tuple[CustomerItem, Finding]],
    rules: ReconciliationRules,
    key_date: date,
) -> Iterator[Explained | Pending | Break]:
    """Add *orphans*, FI items that nothing leads to, to *totals*, and yield how they end."""
    for item, finding in orphans:
        totals.add(finding.scope, POSTED, item.amount.amount)
        ending = judge(finding, rules, key_date)
        _count(totals, ending)
        yield ending
