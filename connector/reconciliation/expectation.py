"""
What an external order leads one to expect in the ERP, line by line and tax rate by tax rate.

Nothing is taken from the ERP here except which tax code an item has, so that lines of one rate can
be held against items of one code.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from connector.mappings.external_order import ExternalDiscount, ExternalLine, ExternalShipping
from connector.reconciliation.mirror import MirroredOrder
from connector.sd_documents.currency import round_amount
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Quantity

#: Stands for all tax codes where the channel does not say the tax of each line.
ALL_CODES: Final = ""


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """
    One external line in the order's currency: net after all discounts, and its tax.

    ``discount`` is what was taken off the net, positive. ``item_number`` and ``quantity`` (in the
    sales unit) are empty where the line is not linked to an item of the sales order.
    """

    line_id: str
    item_number: int | None
    quantity: Quantity | None
    net: Decimal
    tax: Decimal
    tax_code: str
    discount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Expectation:
    """
    What the channel says an order comes to.

    ``gross`` is what the customer owes. ``lines`` are empty where the channel gives no amounts per
    line. ``unaccounted`` is the part of ``gross`` that is in neither lines nor shipping.
    ``single_code`` says that the channel does not tell the tax of one line from another's.
    ``comparable_by_line`` is off where discounts or freight of the whole order are spread over its
    items, because the ERP spreads by its own rule.
    """

    gross: Decimal
    currency: str
    lines: tuple[ExpectedLine, ...] = ()
    shipping_net: tuple[tuple[str, Decimal, Decimal], ...] = ()
    unaccounted: Decimal = Decimal(0)
    single_code: bool = True
    comparable_by_line: bool = False
    taxes_included: bool = False

    @property
    def has_lines(self) -> bool:
        return bool(self.lines)

    def by_tax_code(self) -> dict[str, tuple[Decimal, Decimal, int]]:
        """
        Return net, tax and number of lines (shipping is one) per tax code.

        A tax that is only known in total brings no net of its own, so it is no further line.
        """
        sums: dict[str, tuple[Decimal, Decimal, int]] = defaultdict(
            lambda: (Decimal(0), Decimal(0), 0)
        )
        entries = [(line.tax_code, line.net, line.tax, 1) for line in self.lines]
        entries += [(code, net, tax, int(net > 0)) for code, net, tax in self.shipping_net]
        for code, net, tax, lines in entries:
            nets, taxes, count = sums[code]
            sums[code] = nets + net, taxes + tax, count + lines
        return dict(sums)


def tax_codes(order: PostedSalesDocument) -> dict[int, str]:
    """Return the tax code of each item that has one."""
    return {value.item_number: value.tax_code for value in order.condition_values if value.tax_code}


def stated_gross(mirrored: MirroredOrder) -> Decimal | None:
    """Return what the channel says the customer owes; None where it gives no amounts at all."""
    order = mirrored.order
    if order.totals.grand_total is not None:
        return round_amount(order.totals.grand_total, order.currency)
    amounts = [_line_amounts(line, order.taxes_included, order.currency) for line in order.lines]
    if any(amount is None for amount in amounts):
        return None
    gross = sum((net + tax for net, tax in filter(None, amounts)), Decimal(0))
    for shipping in order.shipping:
        net, tax = _shipping_amounts(shipping, order.taxes_included, order.currency)
        gross += net + tax
    gross += sum(_tax_of_total(mirrored), Decimal(0))
    return round_amount(gross, order.currency)


def expect(mirrored: MirroredOrder, sales_order: PostedSalesDocument) -> Expectation | None:
    """
    Work out what *mirrored* should have become; None where the channel gives no amounts.

    *sales_order* only says which tax code belongs to which item.
    """
    gross = stated_gross(mirrored)
    if gross is None:
        return None
    order = mirrored.order
    codes = tax_codes(sales_order)
    single = not _says_taxes(mirrored) or not mirrored.lines
    links = {link.line_id: link for link in mirrored.lines}
    code_of_rate = {
        _rate(line): codes.get(links[line.line_id].item_number, "")
        for line in order.lines
        if line.line_id in links
    }
    lines: list[ExpectedLine] = []
    for line in order.lines:
        amounts = _line_amounts(line, order.taxes_included, order.currency)
        if amounts is None:
            return Expectation(gross=gross, currency=order.currency)
        link = links.get(line.line_id)
        code = codes.get(link.item_number, "") if link else code_of_rate.get(_rate(line), "")
        lines.append(
            ExpectedLine(
                line_id=line.line_id,
                item_number=link.item_number if link else None,
                quantity=link.quantity if link else None,
                net=amounts[0],
                tax=amounts[1],
                tax_code=ALL_CODES if single else code,
                discount=_net_discount(line, amounts, order.taxes_included, order.currency),
            )
        )
    shipping = tuple(
        (ALL_CODES if single else _shipping_code(charge, code_of_rate, lines), *amounts)
        for charge in order.shipping
        if any(amounts := _shipping_amounts(charge, order.taxes_included, order.currency))
    )
    if not _says_taxes(mirrored):
        shipping = (*shipping, (ALL_CODES, *_tax_of_total(mirrored)))
    said = sum((line.net + line.tax for line in lines), Decimal(0))
    said += sum((net + tax for _, net, tax in shipping), Decimal(0))
    return Expectation(
        gross=gross,
        currency=order.currency,
        lines=tuple(lines),
        shipping_net=shipping,
        unaccounted=gross - said,
        single_code=single,
        comparable_by_line=not single and not shipping and not _spreads_discounts(mirrored),
        taxes_included=order.taxes_included,
    )


def _says_taxes(mirrored: MirroredOrder) -> bool:
    """Whether tax is given per line; an order without any tax says so by a total of zero."""
    order = mirrored.order
    taxed = any(line.taxes for line in order.lines) or any(c.taxes for c in order.shipping)
    return taxed or not order.totals.tax


def _tax_of_total(mirrored: MirroredOrder) -> tuple[Decimal, Decimal]:
    """Return what the order's own tax adds to net and tax, where no line has a tax of its own."""
    order = mirrored.order
    if order.totals.tax is None or _says_taxes(mirrored):
        return Decimal(0), Decimal(0)
    tax = round_amount(order.totals.tax, order.currency)
    return (-tax if order.taxes_included else Decimal(0)), tax


def _spreads_discounts(mirrored: MirroredOrder) -> bool:
    order = mirrored.order
    return bool(order.discounts) or any(line.allocated_discount for line in order.lines)


def _rate(line: ExternalLine) -> Decimal:
    return sum((tax.rate for tax in line.taxes), Decimal(0))


def _line_amounts(
    line: ExternalLine, taxes_included: bool, currency: str
) -> tuple[Decimal, Decimal] | None:
    if line.price is None:
        return None
    value = round_amount(line.price * line.quantity, currency)
    net = value - line.allocated_discount
    for discount in line.discounts:
        net -= _discount(discount, value, currency)
    tax = sum((tax.amount for tax in line.taxes), Decimal(0))
    return _net_and_tax(net, tax, taxes_included, currency)


def _net_discount(
    line: ExternalLine, amounts: tuple[Decimal, Decimal], taxes_included: bool, currency: str
) -> Decimal:
    """Return what was taken off a line, without the tax in it where prices contain tax."""
    assert line.price is not None
    value = round_amount(line.price * line.quantity, currency)
    taken = line.allocated_discount
    for discount in line.discounts:
        taken += _discount(discount, value, currency)
    net, tax = amounts
    if taken and taxes_included and net + tax:
        taken = taken * net / (net + tax)
    return round_amount(taken, currency)


def _discount(discount: ExternalDiscount, value: Decimal, currency: str) -> Decimal:
    if discount.amount is not None:
        return discount.amount
    return round_amount(value * (discount.percent or Decimal(0)) / 100, currency)


def _shipping_amounts(
    charge: ExternalShipping, taxes_included: bool, currency: str
) -> tuple[Decimal, Decimal]:
    tax = sum((tax.amount for tax in charge.taxes), Decimal(0))
    return _net_and_tax(charge.price - charge.discount, tax, taxes_included, currency)


def _net_and_tax(
    value: Decimal, tax: Decimal, taxes_included: bool, currency: str
) -> tuple[Decimal, Decimal]:
    """Round value and tax, and take the tax out of *value* where prices contain it."""
    value, tax = round_amount(value, currency), round_amount(tax, currency)
    return (value - tax if taxes_included else value), tax


def _shipping_code(
    charge: ExternalShipping, code_of_rate: dict[Decimal, str], lines: list[ExpectedLine]
) -> str:
    """Freight is taxed like goods of its rate; else it goes with the line of the largest value."""
    rate = sum((tax.rate for tax in charge.taxes), Decimal(0))
    if rate in code_of_rate:
        return code_of_rate[rate]
    return max(lines, key=lambda line: line.net).tax_code if lines else ALL_CODES
