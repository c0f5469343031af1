"""
Is what the order says in total what the ERP says in total?

The ERP prices the mapped document (simulation); every part is compared with the order, to the
cent, so that the cause of a difference is named and not only its sum.
"""

from __future__ import annotations

from decimal import Decimal

from connector.mappings.check_amounts import OrderAmounts, gross_of
from connector.mappings.external_order import ExternalLine, ExternalOrder
from connector.mappings.map_items import item_number_of
from connector.mappings.problems import HOLD_REASONS, Problem
from connector.sd_documents.currency import quantum
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import Money

ZERO = Decimal(0)


def compare_totals(order: ExternalOrder, priced: PostedSalesDocument) -> tuple[Problem, ...]:
    """
    Return where *priced* differs from *order*; empty where the totals agree.

    *priced* is the simulated or posted document that was mapped from *order*, so that its items
    are the order's lines (10 the first, 20 the second). What the order does not say is not
    compared: without prices and totals only the quantities are.
    """
    if priced.currency != order.currency:
        return (_problem("CURRENCY_MISMATCH", f"{order.currency} in the order, {priced.currency}"),)
    parts = OrderAmounts(order)
    tax = _tax(order, priced, parts)
    total = _total(order, priced, parts)
    found = _quantities(order, priced)
    if not tax and not total:
        return tuple(found)
    if parts.are_known:
        found += [*_prices(order, priced), *_surcharges(order, priced, parts)]
    return tuple([*found, *tax] or total)


def _tax(order: ExternalOrder, priced: PostedSalesDocument, parts: OrderAmounts) -> list[Problem]:
    said = order.totals.tax if order.totals.tax is not None else parts.tax
    if said is None:
        return []
    difference = abs(priced.tax_amount.amount - said)
    roundings = quantum(order.currency) * (len(order.lines) + len(order.shipping))
    # With tax inside the price the customer pays the same, only its share rounds otherwise.
    if not difference or (order.taxes_included and difference <= roundings):
        return []
    is_rounding = difference <= roundings and (not said) == (not priced.tax_amount)
    code = "TAX_ROUNDING" if is_rounding else "TAX_DIFF"
    return [_difference(code, "tax", said, priced.tax_amount)]


def _total(order: ExternalOrder, priced: PostedSalesDocument, parts: OrderAmounts) -> list[Problem]:
    """Compare what the customer pays; where the order does not say its tax, what is before tax."""
    said = order.totals.grand_total
    compared = priced.total_amount
    if said is None and not parts.are_known:
        return []
    if said is None and (order.taxes_included or parts.tax is not None):
        said = parts.grand_total
    if said is None:
        said, compared = parts.before_tax, priced.net_amount
    return [] if compared.amount == said else [_difference("TOTAL_DIFF", "total", said, compared)]


def _quantities(order: ExternalOrder, priced: PostedSalesDocument) -> list[Problem]:
    items = {item.item_number: item for item in priced.items}
    found: list[Problem] = []
    for position, line in enumerate(order.lines):
        item = items.get(item_number_of(position))
        if item is None:
            found.append(_problem("QUANTITY_DIFF", f"{_name(position, line)} has no item"))
        elif item.requested_quantity.value != line.quantity:
            both = f"{line.quantity:f} in the order, {item.requested_quantity}"
            found.append(_problem("QUANTITY_DIFF", f"{_name(position, line)}: {both}"))
    return found


def _prices(order: ExternalOrder, priced: PostedSalesDocument) -> list[Problem]:
    """Compare the value of every line before discounts; an item that only the ERP has counts."""
    items = {item.item_number: item for item in priced.items}
    found: list[Problem] = []
    for position, line in enumerate(order.lines):
        item = items.pop(item_number_of(position), None)
        gross = gross_of(line, order.currency)
        if item is not None and item.gross_amount.amount != gross:
            name = _name(position, line)
            found.append(_difference("PRICE_DIFF", name, gross, item.gross_amount))
    for item in items.values():
        # Components of a set are items without a value of their own.
        if item.gross_amount:
            name = f"item {item.item_number} ({item.material}), which was not ordered"
            found.append(_difference("PRICE_DIFF", name, ZERO, item.gross_amount))
    return found


def _name(position: int, line: ExternalLine) -> str:
    return f"lines[{position}] ({line.sku or line.line_id})"


def _surcharges(
    order: ExternalOrder, priced: PostedSalesDocument, parts: OrderAmounts
) -> list[Problem]:
    """Compare discounts and freight, by the sign of what is neither price nor tax."""
    values = [v for v in priced.condition_values if not v.statistical and not v.tax_code]
    discount = -sum((v.value.amount for v in values if v.value.amount < 0), ZERO)
    gross = sum((item.gross_amount.amount for item in priced.items), ZERO)
    inside = priced.tax_amount.amount if order.taxes_included else ZERO
    freight = priced.net_amount.amount + inside - gross + discount
    found: list[Problem] = []
    if values and discount != parts.discount:
        found.append(
            _difference(
                "DISCOUNT_DIFF", "discount", parts.discount, _money(discount, priced.currency)
            )
        )
    expected = parts.shipping + parts.charges
    if values and freight != expected:
        found.append(
            _difference("FREIGHT_DIFF", "shipping", expected, _money(freight, priced.currency))
        )
    return found


def _money(amount: Decimal, currency: str) -> Money:
    return Money.rounded(amount, currency)


def _difference(code: str, what: str, said: Decimal, priced: Money) -> Problem:
    difference = Money.rounded(priced.amount - said, priced.currency)
    text = f"{what}: {said:f} in the order, {priced.amount:f}"
    return _problem(code, text, f" ({difference.amount:+f} {priced.currency})", difference)


def _problem(code: str, text: str, more: str = "", amount: Money | None = None) -> Problem:
    return Problem(
        code=code, message=f"{text} in the ERP{more}. {HOLD_REASONS[code].remedy}", amount=amount
    )
