"""Puts the gaps of an order into words: which code, since when, and until when it may wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.reconciliation.breaks import BreakCode, Severity
from connector.reconciliation.condition_groups import by_group
from connector.reconciliation.delivered import delivered_items, not_left
from connector.reconciliation.differences import (
    Evidence,
    ExplainedReason,
    Finding,
    Scope,
    Side,
    evidence_of,
)
from connector.reconciliation.expectation import Expectation
from connector.reconciliation.identities import ORDERS_TO_BILLING
from connector.reconciliation.matching import OrderChain
from connector.reconciliation.milestones import milestone_findings
from connector.reconciliation.order_gaps import OrderGaps, QuantityGap, Remainder, ValueGap
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.currency import round_amount
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.status import CreditStatus, Status
from connector.sd_documents.values import DocumentCategory, Money, Quantity, display_number

_GROUPS: Final = {
    BreakCode.PRICE_DIFF: "net amount differs",
    BreakCode.DISCOUNT_DIFF: "the discount differs",
    BreakCode.FREIGHT_DIFF: "the freight differs",
}


def order_side(chain: OrderChain, gross: Decimal | None, quantity: Quantity | None = None) -> Side:
    """Describe the external order."""
    order = chain.mirrored.order
    amount = None if gross is None else Money(amount=gross, currency=order.currency)
    return Side(
        what=f"external order {order.order_name or order.external_id}",
        amount=amount,
        quantity=quantity,
    )


def order_evidence(
    chain: OrderChain, order: PostedSalesDocument | None = None
) -> tuple[Evidence, ...]:
    """Return the external order as read, and the sales order where there is one."""
    found = [evidence_of("external order", chain.mirrored.name, chain.mirrored.order)]
    if order is not None:
        found.append(evidence_of("sales order", order.number, order))
    return tuple(found)


def sales_order_side(order: PostedSalesDocument, quantity: Quantity | None = None) -> Side:
    """Describe the sales order."""
    return Side(
        what=f"sales order {display_number(order.number)}",
        amount=order.total_amount,
        quantity=quantity,
    )


def findings_of_gaps(
    chain: OrderChain,
    scope: Scope,
    order: PostedSalesDocument,
    gaps: OrderGaps,
    rules: ReconciliationRules,
    *,
    key_date: date,
    expectation: Expectation | None = None,
) -> Iterator[Finding]:
    """Yield one finding per gap; their effects add up to what the identity has to explain."""
    words = _Words(chain, scope, order, rules, key_date)
    for gap in gaps.ordered:
        yield words.ordered(gap)
    for gap in gaps.billed:
        yield words.over_delivered(gap)
    for each in by_group(gaps, expectation, order, rules):
        yield words.value(each.code, each.part, each.gap, _GROUPS[each.code])
    for code in sorted(gaps.tax):
        yield words.tax(gaps, code)
    for remainder in gaps.remainders:
        yield from words.remainder(remainder)


class _Words:
    """What all findings of one order have in common."""

    def __init__(
        self,
        chain: OrderChain,
        scope: Scope,
        order: PostedSalesDocument,
        rules: ReconciliationRules,
        key_date: date,
    ) -> None:
        self._chain, self._scope, self._order, self._rules = chain, scope, order, rules
        self._key_date = key_date
        external = chain.mirrored.order
        self._keys = {"channel": external.channel, "external_id": external.external_id}
        self._issued = {item: (quantity, last) for item, quantity, last in chain.issued}
        dates = [line.document.billing_date for line in chain.invoiced]
        self._since = min(dates, default=order.document_date)

    def ordered(self, gap: QuantityGap) -> Finding:
        """The sales order itself asks for another quantity."""
        text = "ordered in another quantity"
        since = self._order.document_date
        return self._quantity(BreakCode.QTY_DIFF, gap, since, text, ordered=True)

    def over_delivered(self, gap: QuantityGap) -> Finding:
        """More was billed than the sales order asks for."""
        within = self._may_exceed(gap)
        return self._quantity(
            BreakCode.QTY_OVER_DELIVERED,
            gap,
            self._since,
            f"billed {gap.erp.normalize():f} instead of {gap.outside.normalize():f} {gap.unit}",
            Severity.INFO if within else None,
        )

    def _may_exceed(self, gap: QuantityGap) -> bool:
        """Whether the order's item, or what was agreed for all, allows that much more."""
        agreed = [self._rules.over_delivery_percent]
        for item in delivered_items(self._chain, self._order.number, gap.item_number):
            if item.unlimited_over_delivery:
                return True
            agreed.append(item.over_delivery_percent)
        return gap.erp - gap.outside <= gap.outside * max(agreed) / 100

    def tax(self, gaps: OrderGaps, code: str) -> Finding:
        """Another tax on what agrees otherwise."""
        gap = gaps.tax[code]
        part = f"tax code {code}" if code else "tax"
        if gaps.is_inside_price(code):
            return self.value(
                BreakCode.TAX_ROUNDING,
                part,
                gap,
                "same gross, its tax is rounded otherwise",
                ExplainedReason.TAX_INSIDE_PRICE,
            )
        if abs(gap.gross) <= gaps.rounding_limit(code):
            text = "the tax is rounded otherwise"
            return self.value(BreakCode.TAX_ROUNDING, part, gap, text)
        text = "another tax code or rate"
        return self.value(BreakCode.TAX_CODE_DIFF, part, gap, text)

    def value(
        self,
        code: BreakCode,
        part: str,
        gap: ValueGap,
        text: str,
        explained_by: ExplainedReason | None = None,
    ) -> Finding:
        """Another amount for the same quantity."""
        return Finding(
            code=code,
            identity=ORDERS_TO_BILLING,
            scope=self._scope,
            subject=f"{self._chain.mirrored.subject}, {part}",
            keys={**self._keys, "part": part},
            outside=self._outside(),
            erp=sales_order_side(self._order),
            difference=gap.gross,
            net=gap.net,
            tax=gap.tax,
            effect=-gap.gross,
            since=self._since,
            text=text,
            evidence=self._evidence(),
            absorbable=True,
            explained_by=explained_by,
        )

    def remainder(self, rest: Remainder) -> Iterator[Finding]:
        """What was not billed: issued and waiting for billing, delivered only, or neither."""
        if rest.item.billing_plan and not rest.item.rejection_reason:
            yield from milestone_findings(rest, self._rules, self._open)
            return
        order_related = rest.item.delivery_status is Status.NOT_RELEVANT
        billable = rest.quantity if order_related else rest.issued_quantity
        currency = self._scope.currency
        net = round_amount(rest.net * billable / rest.quantity, currency)
        tax = round_amount(rest.tax * billable / rest.quantity, currency)
        if billable and (net or tax):
            yield self._unbilled(rest, billable, net, tax)
        left, left_net, left_tax = rest.quantity - billable, rest.net - net, rest.tax - tax
        if not left or not (left_net or left_tax):
            return
        place = self._order.number, rest.item.item_number
        waiting, planned_on = not_left(self._chain, *place, self._key_date)
        waiting = min(waiting, left)
        if waiting and planned_on is not None and not rest.item.rejection_reason:
            net = round_amount(left_net * waiting / left, currency)
            tax = round_amount(left_tax * waiting / left, currency)
            yield self._not_left_finding(rest, waiting, net=net, tax=tax, planned_on=planned_on)
            left, left_net, left_tax = left - waiting, left_net - net, left_tax - tax
        if left and (left_net or left_tax):
            yield self._not_issued(rest, left, left_net, left_tax)

    def _not_left_finding(
        self, rest: Remainder, quantity: Decimal, *, net: Decimal, tax: Decimal, planned_on: date
    ) -> Finding:
        return self._open(
            rest,
            BreakCode.GI_MISSING,
            quantity,
            net=net,
            tax=tax,
            since=planned_on,
            break_on=planned_on + timedelta(days=self._rules.delivery_grace_days),
            text=f"{rest.shown(quantity)} delivered, goods issue not posted",
        )

    def _unbilled(self, rest: Remainder, quantity: Decimal, net: Decimal, tax: Decimal) -> Finding:
        _, since = self._issued.get(rest.item.item_number, (Decimal(0), self._due(rest)))
        # What was billed and cancelled waits anew: since the cancellation.
        since = max([since, *self._cancelled_on(rest.item.item_number)])
        code, days = BreakCode.MISSING_BILLING, self._rules.billing_grace_days
        text = f"{rest.shown(quantity)} issued and not billed"
        if rest.item.delivery_status is Status.NOT_RELEVANT:
            text = f"{rest.shown(quantity)} to be billed without delivery"
        if self._order.billing_block_reason:
            code, days = BreakCode.ORDER_BLOCKED, self._rules.block_grace_days
            text = f"billing block {self._order.billing_block_reason}"
        return self._open(
            rest,
            code,
            quantity,
            net=net,
            tax=tax,
            since=since,
            break_on=since + timedelta(days=days),
            text=text,
        )

    def _cancelled_on(self, item_number: int) -> list[date]:
        """Return the days on which invoices of an item were cancelled."""
        return [
            line.document.billing_date
            for line in self._chain.invoiced
            if line.document.category is DocumentCategory.INVOICE_CANCELLATION
            and line.item.sales_document_item == item_number
        ]

    def _not_issued(
        self, rest: Remainder, quantity: Decimal, net: Decimal, tax: Decimal
    ) -> Finding:
        since = self._order.document_date
        blocked = self._block()
        break_on: date | None
        if rest.item.rejection_reason:
            code, break_on = BreakCode.QTY_UNDER_DELIVERED, None
            text = f"{rest.shown(quantity)} rejected with reason {rest.item.rejection_reason}"
        elif self._order.is_incomplete:
            code, text = BreakCode.ORDER_INCOMPLETE, "mandatory data is missing in the sales order"
            break_on = since + timedelta(days=self._rules.block_grace_days)
        elif blocked:
            code, text = BreakCode.ORDER_BLOCKED, blocked
            break_on = since + timedelta(days=self._rules.block_grace_days)
        else:
            code = BreakCode.QTY_UNDER_DELIVERED
            break_on = self._due(rest) + timedelta(days=self._rules.delivery_grace_days)
            text = f"{rest.shown(quantity)} not issued yet"
        return self._open(
            rest, code, quantity, net=net, tax=tax, since=since, break_on=break_on, text=text
        )

    def _block(self) -> str:
        if self._order.delivery_block_reason:
            return f"delivery block {self._order.delivery_block_reason}"
        if self._order.credit_status in (CreditStatus.NOT_OK, CreditStatus.PARTIALLY_RELEASED):
            return "blocked by the credit check"
        return ""

    def _due(self, rest: Remainder) -> date:
        """The last day on which a part of the item is wanted or promised."""
        days = [line.requested_delivery_date for line in rest.item.schedule_lines]
        days += [self._order.requested_delivery_date or self._order.document_date]
        return max([*days, self._order.document_date])

    def _open(
        self,
        rest: Remainder,
        code: BreakCode,
        quantity: Decimal,
        *,
        net: Decimal,
        tax: Decimal,
        since: date,
        break_on: date | None,
        text: str,
    ) -> Finding:
        unit = rest.item.requested_quantity.unit
        billed = rest.item.requested_quantity.value - rest.quantity
        return Finding(
            code=code,
            identity=ORDERS_TO_BILLING,
            scope=self._scope,
            subject=f"{self._chain.mirrored.subject}, item {rest.item.item_number}",
            keys={**self._keys, "item": str(rest.item.item_number)},
            outside=self._outside(rest.item.requested_quantity),
            erp=self._billed(Quantity(value=billed, unit=unit)),
            difference=-(net + tax),
            net=-net,
            tax=-tax,
            quantity_difference=-quantity,
            unit=unit,
            effect=net + tax,
            since=since,
            break_on=break_on,
            text=text,
            evidence=self._evidence(),
        )

    def _quantity(
        self,
        code: BreakCode,
        gap: QuantityGap,
        since: date,
        text: str,
        severity: Severity | None = None,
        *,
        ordered: bool = False,
    ) -> Finding:
        quantity = Quantity(value=gap.erp, unit=gap.unit)
        return Finding(
            code=code,
            identity=ORDERS_TO_BILLING,
            scope=self._scope,
            subject=f"{self._chain.mirrored.subject}, item {gap.item_number}",
            keys={**self._keys, "item": str(gap.item_number)},
            outside=self._outside(Quantity(value=gap.outside, unit=gap.unit)),
            erp=(sales_order_side(self._order, quantity) if ordered else self._billed(quantity)),
            difference=gap.net + gap.tax,
            net=gap.net,
            tax=gap.tax,
            quantity_difference=gap.erp - gap.outside,
            unit=gap.unit,
            effect=-(gap.net + gap.tax),
            since=since,
            text=text,
            evidence=self._evidence(),
            severity=severity,
            absorbable=True,
        )

    def _outside(self, quantity: Quantity | None = None) -> Side:
        total = self._chain.mirrored.order.totals.grand_total
        gross = None if total is None else round_amount(total, self._scope.currency)
        return order_side(self._chain, gross, quantity)

    def _billed(self, quantity: Quantity) -> Side:
        """Describe what was billed of the sales order."""
        gross = sum((line.gross for line in self._chain.invoiced), Decimal(0))
        shown = f"sales order {display_number(self._order.number)}, billed"
        amount = Money(amount=gross, currency=self._scope.currency)
        return Side(what=shown, amount=amount, quantity=quantity)

    def _evidence(self) -> tuple[Evidence, ...]:
        mirrored = self._chain.mirrored
        documents = {line.document.number: line.document for line in self._chain.invoiced}
        return (
            evidence_of("external order", mirrored.name, mirrored.order),
            evidence_of("sales order", self._order.number, self._order),
            *(
                evidence_of("billing document", number, documents[number])
                for number in sorted(documents)
            ),
        )
