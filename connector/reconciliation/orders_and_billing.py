"""
First comparison: what was sold outside against what was billed.

external orders = billed + not yet billed + explained + breaks, per company code, currency and
account. Billed is net of cancellations and credit memos.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
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
)
from connector.reconciliation.exact_orders import agreed_gross
from connector.reconciliation.expectation import expect, stated_gross
from connector.reconciliation.identities import (
    ORDERS_TO_BILLING,
    Comparison,
    Endings,
    IdentityTotals,
)
from connector.reconciliation.link_gaps import link_gaps
from connector.reconciliation.matching import BillingLine, Documents, Match, MatchRule, OrderChain
from connector.reconciliation.order_findings import (
    findings_of_gaps,
    order_evidence,
    order_side,
    sales_order_side,
)
from connector.reconciliation.order_gaps import (
    OrderGaps,
    compare_with_billing,
    compare_with_order,
)
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.whole_orders import about_order, incomplete, order_keys, scaled
from connector.sd_documents.compact import compact
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Money, display_number

EXTERNAL: Final = "external orders"
BILLED: Final = "billed"
NOT_YET_BILLED: Final = "not yet billed"
EXPLAINED: Final = "explained"
BREAKS: Final = "breaks"

#: How far an amount is off when somebody forgot the currency's decimals.
_SCALES: Final = frozenset({Decimal(10), Decimal(100), Decimal("0.1"), Decimal("0.01")})


def is_scaled(outside: Decimal, erp: Decimal) -> bool:
    """Tell whether one amount is exactly 10 or 100 times the other."""
    return bool(outside) and bool(erp) and any(outside * scale == erp for scale in _SCALES)


def order_totals() -> IdentityTotals:
    """Return the first identity, empty."""
    return IdentityTotals(ORDERS_TO_BILLING, EXTERNAL, (BILLED, NOT_YET_BILLED, EXPLAINED, BREAKS))


class OrderComparison:
    """Compares order after order and keeps the totals."""

    def __init__(
        self,
        documents: Documents,
        accounts: Accounts,
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        self._documents, self._accounts = documents, accounts
        self._rules, self._key_date = rules, key_date
        self._totals = order_totals()
        self._endings = Endings()
        self._matches: list[Match] = []

    def run(self, chains: Iterable[OrderChain]) -> Comparison:
        """Compare *chains*; orders of other company codes are left out."""
        for chain in chains:
            scope = self._accounts.scope_of(chain)
            if self._accounts.covers(scope.company_code):
                self._compare(chain, scope)
        for head in self._documents.extract.orphans:
            order = self._documents.order(head.number)
            if order is not None:
                self._orphan(order)
        return Comparison(
            totals=(self._totals,),
            matches=tuple(self._matches),
            explained=tuple(self._endings.explained),
            pending=tuple(self._endings.pending),
            breaks=tuple(self._endings.breaks),
        )

    def _compare(self, chain: OrderChain, scope: Scope) -> None:
        order = chain.sales_order
        cancelled = self._was_cancelled(chain)
        if order is None:
            if chain.candidates:
                self._ambiguous(chain, scope)
            elif not cancelled:
                self._missing_order(chain, scope)
            return
        if self._accounts.lists(scope.company_code):
            self._note_matches(chain, order)
        self._count_billed(chain, scope)
        self._further_orders(chain, scope)
        for finding in link_gaps(chain, scope, self._documents, self._key_date):
            self._end(finding)
        if order.currency != scope.currency:
            self._other_currency(chain, scope, order)
        elif cancelled:
            self._totals.add(scope, EXTERNAL, Decimal(0))
            self._cancelled_outside(chain, scope, order)
        else:
            self._compare_amounts(chain, scope, order)

    def _was_cancelled(self, chain: OrderChain) -> bool:
        day = chain.mirrored.cancelled_on
        return day is not None and day <= self._key_date

    def _compare_amounts(self, chain: OrderChain, scope: Scope, order: PostedSalesDocument) -> None:
        agreed = agreed_gross(chain, order)
        if agreed is not None:
            self._totals.add(scope, EXTERNAL, agreed)
            return
        expectation = expect(chain.mirrored, order)
        gross = expectation.gross if expectation else order.total_amount.amount
        self._totals.add(scope, EXTERNAL, gross)
        if order.is_incomplete and not chain.invoiced:
            self._end(incomplete(chain, scope, order, gross, self._rules.block_grace_days))
            return
        gaps = OrderGaps(currency=scope.currency)
        if expectation is not None:
            compare_with_order(gaps, expectation, order)
            if not gaps.ordered and is_scaled(gross, order.total_amount.amount):
                self._end(scaled(chain, scope, order, gross))
                gaps = OrderGaps(currency=scope.currency)
        issued = {item: quantity for item, quantity, _ in chain.issued}
        compare_with_billing(gaps, order, chain.invoiced, issued)
        gaps.settle()
        for finding in findings_of_gaps(
            chain, scope, order, gaps, self._rules, key_date=self._key_date, expectation=expectation
        ):
            self._end(finding)

    def _missing_order(self, chain: OrderChain, scope: Scope) -> None:
        mirrored = chain.mirrored
        gross = stated_gross(mirrored)
        self._totals.add(scope, EXTERNAL, gross or Decimal(0))
        since = max(mirrored.ordered_on, mirrored.received_on)
        gone = [
            number
            for number in mirrored.sales_documents
            if number in self._documents.extract.unknown_numbers
        ]
        text = mirrored.hold or "no sales order was created yet"
        if gone:
            text = f"sales document {', '.join(gone)} does not exist in the ERP any more"
        self._end(
            Finding(
                code=BreakCode.MISSING_ORDER,
                identity=ORDERS_TO_BILLING,
                scope=scope,
                subject=chain.mirrored.subject,
                keys=order_keys(chain),
                outside=order_side(chain, gross),
                erp=Side(what="no sales order"),
                difference=None if gross is None else -gross,
                effect=gross or Decimal(0),
                since=since,
                break_on=since + timedelta(days=self._rules.order_grace_days),
                text=text,
                evidence=order_evidence(chain),
            )
        )

    def _ambiguous(self, chain: OrderChain, scope: Scope) -> None:
        """Several sales orders carry the reference, and nothing says which one is meant."""
        gross = stated_gross(chain.mirrored) or Decimal(0)
        self._totals.add(scope, EXTERNAL, gross)
        numbers = [order.number for order in chain.candidates]
        lines = [line for number in numbers for line in self._documents.lines_of(number)]
        billed = Decimal(0)
        for line in lines:
            if line.document.currency == scope.currency:
                billed += line.gross
                self._totals.add(scope, BILLED, line.gross)
        total = sum((order.total_amount.amount for order in chain.candidates), Decimal(0))
        shown = ", ".join(display_number(number) for number in numbers)
        self._end(
            Finding(
                code=BreakCode.AMBIGUOUS,
                identity=ORDERS_TO_BILLING,
                scope=scope,
                subject=chain.mirrored.subject,
                keys=order_keys(chain),
                outside=order_side(chain, gross),
                erp=Side(what=f"sales orders {shown}"),
                difference=total - gross,
                effect=gross - billed,
                since=min(order.document_date for order in chain.candidates),
                text=f"{shown} all carry {chain.mirrored.reference}, and no link says which it is",
                evidence=tuple(
                    evidence_of("sales order", order.number, order) for order in chain.candidates
                ),
            )
        )

    def _orphan(self, order: PostedSalesDocument) -> None:
        """A sales order that looks like ours, and no external order has its reference."""
        lines = self._documents.lines_of(order.number)
        scope = self._accounts.scope_of_order(order, lines)
        if not self._accounts.covers(scope.company_code):
            return
        billed = Decimal(0)
        for line in lines:
            if line.document.currency == scope.currency:
                billed += line.gross
                self._totals.add(scope, BILLED, line.gross)
        self._end(
            Finding(
                code=BreakCode.ORPHAN_SAP_ORDER,
                identity=ORDERS_TO_BILLING,
                scope=scope,
                subject=f"sales order {display_number(order.number)}",
                keys={"sales_order": order.number},
                outside=Side(what="no external order"),
                erp=sales_order_side(order),
                difference=order.total_amount.amount,
                effect=-billed,
                since=order.document_date,
                text=f"its reference {order.purchase_order_by_customer} is no external order's",
                evidence=(evidence_of("sales order", order.number, order),),
            )
        )

    def _further_orders(self, chain: OrderChain, scope: Scope) -> None:
        for order in chain.further_orders:
            lines = self._documents.lines_of(order.number)
            billed = sum((line.gross for line in lines), Decimal(0))
            self._totals.add(scope, BILLED, billed, len(lines))
            self._end(
                about_order(
                    BreakCode.DUPLICATE_ORDER,
                    chain,
                    scope,
                    order,
                    stated_gross(chain.mirrored),
                    difference=order.total_amount.amount,
                    effect=-billed,
                    text=f"carries {chain.mirrored.reference} as "
                    f"{chain.sales_order.number if chain.sales_order else 'another'} does",
                )
            )

    def _other_currency(self, chain: OrderChain, scope: Scope, order: PostedSalesDocument) -> None:
        gross = stated_gross(chain.mirrored) or Decimal(0)
        self._totals.add(scope, EXTERNAL, gross)
        self._end(
            about_order(
                BreakCode.CURRENCY_MISMATCH,
                chain,
                scope,
                order,
                gross,
                difference=-gross,
                effect=gross,
                text=f"sold in {scope.currency}, the sales order is in {order.currency}",
            )
        )

    def _cancelled_outside(
        self, chain: OrderChain, scope: Scope, order: PostedSalesDocument
    ) -> None:
        billed = sum((line.gross for line in chain.invoiced), Decimal(0))
        live = sum(
            (
                i.net_amount.amount + i.tax_amount.amount
                for i in order.items
                if not i.rejection_reason
            ),
            Decimal(0),
        )
        if not billed and not live:
            return
        self._end(
            about_order(
                BreakCode.QTY_DIFF,
                chain,
                scope,
                order,
                Decimal(0),
                difference=max(live, billed),
                effect=-billed,
                since=chain.mirrored.cancelled_on,
                text="cancelled outside, but its sales order is not rejected",
            )
        )

    def _count_billed(self, chain: OrderChain, scope: Scope) -> None:
        for line in chain.billing_lines:
            of_line = scope
            if line.document.currency != scope.currency:
                of_line = scope.model_copy(update={"currency": line.document.currency})
            self._totals.add(of_line, BILLED, line.gross)
            if line.document.currency != scope.currency:
                self._explain(
                    ExplainedReason.OTHER_CURRENCY, of_line, line, f"sold in {scope.currency}"
                )
            elif line in chain.credited:
                self._explain(ExplainedReason.CREDIT_MEMO, of_line, line, "credited")
            elif line in chain.debited:
                self._explain(ExplainedReason.DEBIT_MEMO, of_line, line, "charged in addition")

    def _explain(self, reason: ExplainedReason, scope: Scope, line: BillingLine, text: str) -> None:
        self._add(
            Explained(
                reason=reason,
                identity=ORDERS_TO_BILLING,
                scope=scope,
                subject=f"billing document {display_number(line.document.number)}",
                keys=(
                    Key(name="billing_document", value=line.document.number),
                    Key(name="item", value=str(line.item.item_number)),
                ),
                amount=Money(amount=line.gross, currency=scope.currency),
                effect=Money(amount=-line.gross, currency=scope.currency),
                text=text,
            )
        )

    def _note_matches(self, chain: OrderChain, order: PostedSalesDocument) -> None:
        self._matches.append(
            compact(
                Match(
                    identity=ORDERS_TO_BILLING,
                    rule=chain.rule,
                    outside=chain.mirrored.name,
                    erp=f"sales order {order.number}",
                    amount=order.total_amount,
                )
            )
        )
        for number in chain.billing_documents:
            lines = [line for line in chain.billing_lines if line.document.number == number]
            currency = lines[0].document.currency
            gross = sum((line.gross for line in lines), Decimal(0))
            self._matches.append(
                compact(
                    Match(
                        identity=ORDERS_TO_BILLING,
                        rule=MatchRule.DOCUMENT_FLOW,
                        outside=chain.mirrored.name,
                        erp=f"billing document {number}",
                        amount=Money(amount=gross, currency=currency),
                    )
                )
            )

    def _end(self, finding: Finding) -> None:
        self._add(judge(finding, self._rules, self._key_date))

    def _add(self, ending: Explained | Pending | Break) -> None:
        self._endings.add(ending)
        if ending.effect is None:
            return
        label = EXPLAINED
        if isinstance(ending, Pending):
            label = NOT_YET_BILLED
        elif isinstance(ending, Break):
            label = BREAKS
        self._totals.add(ending.scope, label, ending.effect.amount)
