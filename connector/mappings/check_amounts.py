"""
Does an external order add up by itself, to the cent?

Lines less discounts, with shipping, charges and tax, are what the customer pays. Where the parts
contradict the channel's own totals, no document can be right.
"""

from __future__ import annotations

from decimal import Decimal

from connector.mappings.external_order import ExternalDiscount, ExternalLine, ExternalOrder
from connector.mappings.problems import Notice, Problem
from connector.sd_documents.currency import round_amount
from connector.sd_documents.values import Money

ZERO = Decimal(0)


def check_amounts(order: ExternalOrder, parts: OrderAmounts | None = None) -> tuple[Problem, ...]:
    """
    Return what contradicts itself in the amounts of *order*; empty where all adds up.

    *parts* are its amounts where they are known already.

    Totals that the channel does not give are not checked, nor is anything where a line has no
    price (the ERP then sets the prices), or where there are no lines.
    """
    parts = parts or OrderAmounts(order)
    if not parts.are_known or not order.lines:
        return ()
    said = order.totals
    found: list[Problem] = []
    for name, total, computed, cause in (
        ("lines", said.lines, parts.lines, "price times quantity of the lines"),
        ("discount", said.discount, parts.discount, "the discounts of the lines"),
        ("shipping", said.shipping, parts.shipping, "shipping less its discount"),
        ("tax", said.tax, parts.tax or ZERO, "the taxes of lines, shipping and charges"),
        ("grand_total", said.grand_total, parts.grand_total, _grand_total_cause(order)),
    ):
        if name == "grand_total" and parts.lacks_tax and total is not None and total >= computed:
            # Nobody said the tax: what is above the lines may be just that.
            continue
        if total is not None and total != computed:
            found.append(_problem(order, name, total, computed, cause))
    ordered = parts.order_discount
    # With a grand total the lines' shares are proven by it, also where an edit took lines away.
    proven = said.grand_total is not None or said.discount is not None
    if ordered is not None and parts.allocated and ordered != parts.allocated and not proven:
        found.append(
            _problem(order, "discounts", ordered, parts.allocated, "what the lines have of it")
        )
    return tuple(found)


def unchecked_amounts(
    order: ExternalOrder, parts: OrderAmounts | None = None
) -> tuple[Notice, ...]:
    """Return what :func:`check_amounts` could not compare, with the amount that it concerns."""
    parts = parts or OrderAmounts(order)
    if not parts.are_known or not order.lines:
        return ()
    said = order.totals.grand_total
    if said is None:
        return (
            Notice(
                code="TOTAL_NOT_SAID",
                message=f"the channel gives no grand total; lines, discounts, shipping and tax "
                f"come to {parts.grand_total:f} {order.currency}",
                where="totals.grand_total",
                amount=Money.rounded(parts.grand_total, order.currency),
            ),
        )
    if parts.lacks_tax and said > parts.grand_total:
        above = said - parts.grand_total
        return (
            Notice(
                code="TAX_NOT_SAID",
                message=f"the channel does not say its tax; the total of {said:f} "
                f"{order.currency} is {above:f} above the parts, which was taken for it",
                where="totals.tax",
                amount=Money.rounded(above, order.currency),
            ),
        )
    return ()


class OrderAmounts:
    """
    The parts of an order, added up from its lines.

    ``discount`` counts everything taken off lines; ``before_tax`` is all but tax that comes on
    top; ``tax`` is None where the channel does not say it. ``are_known`` is false where a line has
    no price.
    """

    def __init__(self, order: ExternalOrder) -> None:
        self.are_known = all(line.price is not None for line in order.lines)
        self._currency = order.currency
        self._taxes_included = order.taxes_included
        self.lines = sum((gross_of(line, order.currency) for line in order.lines), ZERO)
        own = sum((self._own_discount(line) for line in order.lines), ZERO)
        self.allocated = sum((line.allocated_discount for line in order.lines), ZERO)
        self.order_discount = self._order_discount(order)
        self.discount = own + (self.allocated or self.order_discount or ZERO)
        self.shipping = sum((s.price - s.discount for s in order.shipping), ZERO)
        self.charges = sum((charge.amount for charge in order.charges), ZERO)
        taxes = [line.taxes for line in order.lines]
        taxes += [shipping.taxes for shipping in order.shipping]
        taxes += [charge.taxes for charge in order.charges]
        self.tax: Decimal | None = order.totals.tax
        if any(taxes):
            self.tax = sum((tax.amount for each in taxes for tax in each), ZERO)
        self.before_tax = self.lines - self.discount + self.shipping + self.charges
        on_top = ZERO if order.taxes_included else self.tax or ZERO
        self.grand_total = self.before_tax + on_top

    @property
    def lacks_tax(self) -> bool:
        """Whether tax comes on top of the prices and nobody says how much."""
        return self.tax is None and not self._taxes_included

    def _own_discount(self, line: ExternalLine) -> Decimal:
        gross = gross_of(line, self._currency)
        return sum((self._amount(discount, gross) for discount in line.discounts), ZERO)

    def _order_discount(self, order: ExternalOrder) -> Decimal | None:
        if not order.discounts:
            return None
        return sum((self._amount(d, self.lines) for d in order.discounts), ZERO)

    def _amount(self, discount: ExternalDiscount, base: Decimal) -> Decimal:
        if discount.amount is not None:
            return discount.amount
        return round_amount(base * (discount.percent or ZERO) / 100, self._currency)


def gross_of(line: ExternalLine, currency: str) -> Decimal:
    """Return price times quantity of *line*, rounded, before any discount; without a price zero."""
    return round_amount((line.price or ZERO) * line.quantity, currency)


def _grand_total_cause(order: ExternalOrder) -> str:
    tax = "tax is in the prices" if order.taxes_included else "tax"
    charges = " + charges" if order.charges else ""
    return f"lines - discounts + shipping{charges} + {tax}".replace("+ tax is", "(tax is") + (
        ")" if order.taxes_included else ""
    )


def _problem(
    order: ExternalOrder, name: str, total: Decimal, computed: Decimal, cause: str
) -> Problem:
    difference = total - computed
    return Problem(
        code="TOTALS_DO_NOT_ADD_UP",
        message=f"the order says {name} {total:f} {order.currency}, but {cause} come to "
        f"{computed:f}: {difference:+f}; compare with the channel",
        where=f"totals.{name}" if name != "discounts" else name,
        amount=Money.rounded(difference, order.currency),
    )
