"""The order's money beside the ERP's, with every difference explained to the cent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from connector.mappings.check_amounts import OrderAmounts, gross_of
from connector.mappings.external_order import ExternalLine, ExternalOrder
from connector.mappings.map_items import item_number_of
from connector.mappings.mapped_order import Mapped
from connector.reports.settling import Settling
from connector.sd_documents.currency import quantum
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
)
from connector.sd_documents.values import Money

ZERO = Decimal(0)

_TAX: Final = ": tax"
#: Lines that one row names at most.
_MOST_NAMED: Final = 5
#: Where a difference comes from, and what says what would settle it.
Why: TypeAlias = tuple[str, Callable[[], str]]


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """
    One amount on both sides.

    ``said`` is empty where the channel does not say it, ``priced`` where the ERP has no such thing.
    ``cause`` says where a difference comes from, ``remedy`` what would settle it; both are empty
    where the sides agree.
    """

    what: str
    said: Money | None
    priced: Money | None
    cause: str = ""
    remedy: str = ""

    @property
    def difference(self) -> Money | None:
        """The ERP's amount less the order's, None where one of them is missing."""
        if self.said is None or self.priced is None:
            return None
        return self.priced - self.said


def money_rows(
    order: ExternalOrder, priced: PostedSalesDocument, mapped: Mapped[SalesDocument] | None = None
) -> tuple[MoneyRow, ...]:
    """
    Return the amounts of *order* beside those of *priced*: lines, what is not on lines, totals.

    *mapped* is what was priced: its conditions are named where they would settle a difference.
    Nothing is returned where the currencies differ: such amounts cannot be compared.
    """
    if order.currency != priced.currency:
        return ()
    settling = Settling(mapped, priced)
    items = {item.item_number: item for item in priced.items}
    rows: list[MoneyRow] = []
    for position, line in enumerate(order.lines):
        item = items.pop(item_number_of(position), None)
        rows += _line(order, (position, line), item, settling)
    for item in items.values():
        rows.append(
            MoneyRow(
                f"item {item.item_number} ({item.material}): price",
                None,
                item.gross_amount,
                "the ERP has added this item; it was not ordered" if item.gross_amount else "",
            )
        )
    rows += _totals(order, priced, settling, _tax_by_line(rows))
    rows.append(_total(order, priced, rows, settling))
    return tuple(rows)


def _line(
    order: ExternalOrder,
    placed: tuple[int, ExternalLine],
    item: PostedSalesDocumentItem | None,
    settling: Settling,
) -> Iterator[MoneyRow]:
    position, line = placed
    currency, name = order.currency, f"lines[{position}] ({line.sku or line.line_id})"
    said = Money(amount=gross_of(line, currency), currency=currency) if line.price else None
    found = item.gross_amount if item else None
    cause = remedy = ""
    if item is None:
        cause, remedy = "the ERP has no item for this line", "the problems of the order say why"
    elif said is not None and found is not None and said != found:
        cause = f"{line.quantity:f} x {line.price:f} in the order; the ERP has another price"
        remedy = settling.price(item)
    yield MoneyRow(f"{name}: price", said, found, cause, remedy)
    if line.taxes:
        yield _line_tax(order, (name, line), item, settling)


def _line_tax(
    order: ExternalOrder,
    named: tuple[str, ExternalLine],
    item: PostedSalesDocumentItem | None,
    settling: Settling,
) -> MoneyRow:
    name, line = named
    currency = order.currency
    amount = sum((tax.amount for tax in line.taxes), ZERO)
    said = Money.rounded(amount, currency)
    if item is None or item.tax_amount == said:
        return MoneyRow(f"{name}{_TAX}", said, item.tax_amount if item else None)
    difference = item.tax_amount.amount - amount
    rate = sum((tax.rate for tax in line.taxes), ZERO)
    net, smallest = item.net_amount.amount, quantum(currency)
    shown, expected = f"{rate * 100:.2f} %", rate * net
    if abs(item.tax_amount.amount - expected) > smallest:
        own = f"{item.tax_amount.amount / net * 100:.2f} %" if net else "its tax without a value"
        cause = f"tax rule: the channel charges {shown}, the ERP {own} of {net:f}"
        remedy = settling.tax(item.item_number)
    elif abs(difference) <= smallest:
        cause = (
            f"rounding: {shown} of {net:f} is {expected:f}; the channel has {amount:f}, the ERP "
            f"{item.tax_amount.amount:f}"
        )
        remedy = f"nothing where the order's tax agrees; else {settling.rounding()}"
    else:
        cause = (
            f"same rate of {shown}: the ERP taxes {net:f}, with the item's share of shipping and "
            "of the order's discounts, which the channel taxes apart"
        )
        remedy = "nothing: the tax of the whole order is what counts"
    return MoneyRow(f"{name}{_TAX}", said, item.tax_amount, cause, remedy)


def _totals(
    order: ExternalOrder, priced: PostedSalesDocument, settling: Settling, by_line: str
) -> Iterator[MoneyRow]:
    parts, currency = OrderAmounts(order), order.currency
    if parts.are_known:
        values = [v for v in priced.condition_values if not v.statistical and not v.tax_code]
        off = -sum((v.value.amount for v in values if v.value.amount < 0), ZERO)
        gross = sum((item.gross_amount.amount for item in priced.items), ZERO)
        inside = priced.tax_amount.amount if order.taxes_included else ZERO
        freight = priced.net_amount.amount + inside - gross + off
        # Without its conditions the ERP's answer does not tell discounts and freight apart.
        yield _row(
            "discount", parts.discount, off if values else None, currency,
            ("the conditions that lower the price are not those of the channel",
             settling.discount),
        )  # fmt: skip
        yield _row(
            "shipping and charges", parts.shipping + parts.charges, freight if values else None,
            currency,
            ("what the ERP adds to the items is not what the channel charges",
             settling.freight),
        )  # fmt: skip
    said_tax = order.totals.tax if order.totals.tax is not None else parts.tax
    tax = priced.tax_amount.amount
    few = quantum(currency) * (len(order.lines) + len(order.shipping))
    rounding = said_tax is not None and abs(tax - said_tax) <= few
    yield _row(
        "tax", said_tax, tax, currency,
        (f"rounding: the channel rounds each line, the ERP the whole per tax rate{by_line}",
         settling.rounding)
        if rounding
        else (f"tax rule: the rates or what they are taken of differ{by_line}",
              settling.tax),
    )  # fmt: skip


def _tax_by_line(rows: list[MoneyRow]) -> str:
    """Return which lines differ in tax, each with its difference; empty where none does."""
    lines = [
        f"{row.what.removesuffix(_TAX)} {row.difference.amount:+f}"
        for row in rows
        if row.difference and row.what.endswith(_TAX)
    ]
    more = f" and {len(lines) - _MOST_NAMED} more" if len(lines) > _MOST_NAMED else ""
    return f": {', '.join(lines[:_MOST_NAMED])}{more}" if lines else ""


def _total(
    order: ExternalOrder, priced: PostedSalesDocument, rows: list[MoneyRow], settling: Settling
) -> MoneyRow:
    parts, total = OrderAmounts(order), order.totals.grand_total
    if total is None and parts.are_known and not parts.lacks_tax:
        total = parts.grand_total
    # Tax of lines is in the order's tax already, and tax within prices is in the prices.
    apart = {"tax"} if order.taxes_included else set()
    causes = [
        f"{row.what} {row.difference.amount:+f}"
        for row in rows
        if row.difference and not row.what.endswith(_TAX) and row.what not in apart
    ]
    why: Why = (f"from {', '.join(causes)}", lambda: "see there")
    if not causes:
        why = (
            "rounding: all parts agree, but the ERP rounds each item's net value and tax apart",
            settling.rounding,
        )
    return _row("total", total, priced.total_amount.amount, order.currency, why)


def _row(
    what: str, said: Decimal | None, priced: Decimal | None, currency: str, why: Why
) -> MoneyRow:
    left = None if said is None else Money.rounded(said, currency)
    right = None if priced is None else Money.rounded(priced, currency)
    differs = left is not None and right is not None and left != right
    if not differs:
        return MoneyRow(what, left, right)
    cause, remedy = why
    return MoneyRow(what, left, right, cause, remedy())
