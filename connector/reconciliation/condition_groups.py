"""
Whether a wrong net amount is one of price, discount or freight.

The channel says what it took off and what it charged for shipping; the ERP says it in the values
of its conditions. A group gets the part of a gap that it explains by itself, the price the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.expectation import Expectation, tax_codes
from connector.reconciliation.order_gaps import OrderGaps, ValueGap
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.currency import round_amount
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class PartGap:
    """A gap of one part of an order, under the code of its group."""

    code: BreakCode
    part: str
    gap: ValueGap


def by_group(
    gaps: OrderGaps,
    expectation: Expectation | None,
    order: PostedSalesDocument,
    rules: ReconciliationRules,
) -> Iterator[PartGap]:
    """Yield the gaps of price in *gaps*, divided by group; their sum stays what it was."""
    values = _Values(order, expectation, rules) if gaps.price and expectation else None
    for part, gap in sorted(gaps.price.items()):
        rest = ValueGap(gap.net, gap.tax)
        if values is not None:
            limit = gaps.rounding_limit(gaps.code_of(part))
            for code, wrong in values.of_part(part, gaps.code_of(part)):
                if not _explains(wrong, rest.net, limit):
                    continue
                taken = rest.net if abs(rest.net - wrong) <= limit else wrong
                tax = rest.tax
                if taken != rest.net:
                    tax = round_amount(rest.tax * taken / rest.net, gaps.currency)
                yield PartGap(code, part, ValueGap(taken, tax))
                rest.net, rest.tax = rest.net - taken, rest.tax - tax
        if rest.net or rest.tax:
            yield PartGap(BreakCode.PRICE_DIFF, part, rest)


def _explains(wrong: Decimal, gap: Decimal, limit: Decimal) -> bool:
    """Whether a group's own gap is part of the whole: of its direction, and not larger."""
    return abs(wrong) > limit and wrong * gap > 0 and abs(wrong) <= abs(gap) + limit


class _Values:
    """Discount and freight of both sides, all without tax."""

    def __init__(
        self, order: PostedSalesDocument, expectation: Expectation, rules: ReconciliationRules
    ) -> None:
        self._order, self._expectation = order, expectation
        self._groups = {
            BreakCode.DISCOUNT_DIFF: rules.discount_condition_types,
            BreakCode.FREIGHT_DIFF: rules.freight_condition_types,
        }
        self._codes = tax_codes(order)
        self._values: dict[int, dict[str, Decimal]] = {}
        for value in order.condition_values:
            if not value.statistical:
                types = self._values.setdefault(value.item_number, {})
                types[value.condition_type] = (
                    types.get(value.condition_type, ZERO) + value.value.amount
                )

    def of_part(self, part: str, tax_code: str) -> Iterator[tuple[BreakCode, Decimal]]:
        """Yield by how much discount and freight of a part are wrong, ERP minus outside."""
        whole = not part.startswith("item ")
        items = [item for item in self._order.items if self._belongs(item, part, tax_code, whole)]
        lines = [
            line
            for line in self._expectation.lines
            if (line.tax_code == tax_code if whole else part == f"item {line.item_number}")
        ]
        outside = {
            BreakCode.DISCOUNT_DIFF: -sum((line.discount for line in lines), ZERO),
            BreakCode.FREIGHT_DIFF: sum(
                (net for code, net, _ in self._expectation.shipping_net if code == tax_code), ZERO
            )
            if whole
            else ZERO,
        }
        for group, types in self._groups.items():
            yield group, self._erp(items, types) - outside[group]

    def _belongs(
        self, item: PostedSalesDocumentItem, part: str, tax_code: str, whole: bool
    ) -> bool:
        if not whole:
            return part == f"item {item.item_number}"
        return self._expectation.single_code or self._codes.get(item.item_number, "") == tax_code

    def _erp(self, items: Iterable[PostedSalesDocumentItem], types: frozenset[str]) -> Decimal:
        total = ZERO
        for item in items:
            values = self._values.get(item.item_number, {})
            value = sum((values[each] for each in values.keys() & types), ZERO)
            net, tax = item.net_amount.amount, item.tax_amount.amount
            if value and tax and self._contains_tax(values, net + tax):
                value = round_amount(value * net / (net + tax), self._order.currency)
            total += value
        return total

    def _contains_tax(self, values: dict[str, Decimal], gross: Decimal) -> bool:
        """Whether some price with tax, taken together with what is taken off or added, is gross."""
        agreed = sum(
            (values[each] for group in self._groups.values() for each in values.keys() & group),
            ZERO,
        )
        return any(
            value + agreed == gross
            for each, value in values.items()
            if not any(each in group for group in self._groups.values())
        )
