"""
Where an order differs from what was sold, as plain arithmetic: quantity, then price, then tax.

Two steps are compared, external order to sales order and sales order to invoices; their gaps are
added up per cause, so that a cent lost in one and found again in the other is no difference. All
gaps are ERP minus outside, and together they are exactly the difference of the totals.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from connector.reconciliation.expectation import ALL_CODES, Expectation, tax_codes
from connector.reconciliation.matching import BillingLine
from connector.sd_documents.currency import quantum, round_amount
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.status import Status
from connector.sd_documents.values import Quantity


@dataclass(frozen=True, slots=True)
class QuantityGap:
    """Another quantity than expected, with its value. Positive when the ERP has more."""

    item_number: int
    outside: Decimal
    erp: Decimal
    unit: str
    net: Decimal
    tax: Decimal


@dataclass(slots=True)
class ValueGap:
    """Net and tax by which one part of an order differs."""

    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Remainder:
    """What of an item was not billed yet, and how much of that has left stock."""

    item: PostedSalesDocumentItem
    quantity: Decimal
    net: Decimal
    tax: Decimal
    issued_quantity: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax

    def shown(self, quantity: Decimal) -> str:
        """Return *quantity* with the unit of the item."""
        return f"{quantity.normalize():f} {self.item.requested_quantity.unit}"


@dataclass(slots=True)
class OrderGaps:
    """
    All gaps of one order.

    ``price`` is by part (``item 10``, ``tax code A1``, ``total``); ``tax`` by tax code, with
    ``lines`` saying how many roundings may hide in it.
    """

    currency: str
    ordered: list[QuantityGap] = field(default_factory=list)
    billed: list[QuantityGap] = field(default_factory=list)
    price: dict[str, ValueGap] = field(default_factory=dict)
    tax: dict[str, ValueGap] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    remainders: list[Remainder] = field(default_factory=list)
    #: All tax codes are compared as one, because the channel does not tell them apart.
    single_code: bool = False
    #: The channel's prices contain the tax.
    taxes_included: bool = False
    _code_of_part: dict[str, str] = field(default_factory=dict)

    def rounding_limit(self, code: str) -> Decimal:
        """Return the most that rounding can make of one tax code: a smallest unit per line."""
        return quantum(self.currency) * max(self.lines.get(code, 0), 1)

    def is_inside_price(self, code: str) -> bool:
        """
        Tell whether the gap of *code* only moves cents between net and tax of the same price.

        True where prices contain tax and the customer owes exactly what the channel says: one
        rounding per line, and nothing that anybody could collect or give back.
        """
        gap = self.tax[code]
        return self.taxes_included and not gap.gross and abs(gap.tax) <= self.rounding_limit(code)

    def code_of(self, part: str) -> str:
        """Return the tax code that a part of `price` is taxed with."""
        return self._code_of_part.get(part, "")

    def add_price(self, part: str, code: str, net: Decimal, tax: Decimal) -> None:
        gap = self.price.setdefault(part, ValueGap())
        gap.net += net
        gap.tax += tax
        self._code_of_part[part] = code

    def add_tax(self, code: str, tax: Decimal, net: Decimal = Decimal(0)) -> None:
        gap = self.tax.setdefault(code, ValueGap())
        gap.net += net
        gap.tax += tax

    def count_lines(self, code: str, lines: int) -> None:
        """Note how many lines of *code* were rounded; the larger count of both steps holds."""
        self.lines[code] = max(self.lines.get(code, 0), lines)

    def settle(self) -> None:
        """
        Drop what cancels out, and leave roundings with the gap of price that brought them about.

        The tax on a wrong price is rounded as well: the odd cent belongs to the price.
        """
        self.price = {part: gap for part, gap in self.price.items() if gap.net or gap.tax}
        for code, gap in list(self.tax.items()):
            within = abs(gap.gross) <= self.rounding_limit(code)
            priced = [part for part in self.price if self._code_of_part[part] == code]
            if not gap.net and not gap.tax:
                del self.tax[code]
            elif within and priced:
                largest = max(priced, key=lambda part: (abs(self.price[part].net), part))
                self.price[largest].net += gap.net
                self.price[largest].tax += gap.tax
                del self.tax[code]


def _scaled(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    return round_amount(amount * part / whole, currency) if whole else Decimal(0)


def compare_with_order(
    gaps: OrderGaps, expectation: Expectation, order: PostedSalesDocument
) -> None:
    """Add what the sales order has other than the external order."""
    codes = tax_codes(order)
    of_item = {line.item_number: line for line in expectation.lines if line.item_number}
    gaps.single_code = expectation.single_code
    gaps.taxes_included = expectation.taxes_included
    sums: dict[str, ValueGap] = {}
    for item in order.items:
        code = ALL_CODES if gaps.single_code else codes.get(item.item_number, "")
        rest = sums.setdefault(code, ValueGap())
        net, tax = item.net_amount.amount, item.tax_amount.amount
        line = of_item.get(item.item_number)
        gap = _ordered_gap(item, line.quantity if line else None, gaps.currency)
        if gap is not None:
            gaps.ordered.append(gap)
            net, tax = net - gap.net, tax - gap.tax
        if expectation.comparable_by_line and line is not None:
            wrong = net - line.net
            part = f"item {item.item_number}"
            tax -= _price_gap(
                gaps, part, code, wrong, item, taxes_included=expectation.taxes_included
            )
            net -= wrong
        rest.net += net
        rest.tax += tax
    for code, (net, tax, count) in expectation.by_tax_code().items():
        rest = sums.setdefault(code, ValueGap())
        rest.net -= net
        rest.tax -= tax
        gaps.count_lines(code, count)
    for code, rest in sums.items():
        _code_gap(gaps, code, rest, order, expectation.taxes_included)
    if expectation.unaccounted:
        gaps.add_price("total", "", -expectation.unaccounted, Decimal(0))


def _ordered_gap(
    item: PostedSalesDocumentItem, expected: Quantity | None, currency: str
) -> QuantityGap | None:
    ordered = item.requested_quantity
    if expected is None or expected.unit != ordered.unit or expected.value == ordered.value:
        return None
    more = ordered.value - expected.value
    return QuantityGap(
        item_number=item.item_number,
        outside=expected.value,
        erp=ordered.value,
        unit=ordered.unit,
        net=_scaled(item.net_amount.amount, more, ordered.value, currency),
        tax=_scaled(item.tax_amount.amount, more, ordered.value, currency),
    )


def _price_gap(
    gaps: OrderGaps,
    part: str,
    code: str,
    wrong: Decimal,
    item: PostedSalesDocumentItem,
    *,
    taxes_included: bool,
) -> Decimal:
    """Note a wrong net amount of one item and return the tax that comes with it."""
    if not wrong:
        return Decimal(0)
    if taxes_included and abs(wrong) <= quantum(gaps.currency):
        gaps.add_tax(code, Decimal(0), wrong)
        return Decimal(0)
    tax = _scaled(wrong, item.tax_amount.amount, item.net_amount.amount, gaps.currency)
    gaps.add_price(part, code, wrong, tax)
    return tax


def _code_gap(
    gaps: OrderGaps, code: str, rest: ValueGap, order: PostedSalesDocument, taxes_included: bool
) -> None:
    limit = gaps.rounding_limit(code)
    if taxes_included and abs(rest.net) <= limit:
        gaps.add_tax(code, rest.tax, rest.net)
        return
    if rest.net:
        codes = tax_codes(order)
        items = [
            item
            for item in order.items
            if gaps.single_code or codes.get(item.item_number, "") == code
        ]
        net = sum((item.net_amount.amount for item in items), Decimal(0))
        tax = sum((item.tax_amount.amount for item in items), Decimal(0))
        share = _scaled(rest.net, tax, net, gaps.currency)
        gaps.add_price(f"tax code {code}" if code else "total", code, rest.net, share)
        gaps.add_tax(code, rest.tax - share)
    else:
        gaps.add_tax(code, rest.tax)


def compare_with_billing(
    gaps: OrderGaps,
    order: PostedSalesDocument,
    lines: tuple[BillingLine, ...],
    issued: dict[int, Decimal],
) -> None:
    """Add what was invoiced other than ordered, and what is still to be invoiced."""
    codes = tax_codes(order)
    billed_codes: dict[str, int] = {}
    for item in order.items:
        code = ALL_CODES if gaps.single_code else codes.get(item.item_number, "")
        of_item = [line for line in lines if line.item.sales_document_item == item.item_number]
        billed_codes[code] = billed_codes.get(code, 0) + len(of_item)
        _compare_item(gaps, item, code, of_item, issued.get(item.item_number, Decimal(0)))
    for code, count in billed_codes.items():
        gaps.count_lines(code, count)
    known = {item.item_number for item in order.items}
    for line in lines:
        if line.item.sales_document_item not in known:
            number = line.item.sales_document_item
            gaps.add_price(f"item {number}", "", line.net, line.tax)


def _compare_item(
    gaps: OrderGaps,
    item: PostedSalesDocumentItem,
    code: str,
    lines: list[BillingLine],
    issued: Decimal,
) -> None:
    currency, ordered = gaps.currency, item.requested_quantity.value
    net, tax = item.net_amount.amount, item.tax_amount.amount
    billed_net = sum((line.net for line in lines), Decimal(0))
    billed_tax = sum((line.tax for line in lines), Decimal(0))
    billed = _billed_quantity(item, lines, billed_net)
    limit = quantum(currency) * len(lines)
    if billed > ordered:
        more = billed - ordered
        gap = QuantityGap(
            item_number=item.item_number,
            outside=ordered,
            erp=billed,
            unit=item.requested_quantity.unit,
            net=_scaled(billed_net, more, billed, currency),
            tax=_scaled(billed_tax, more, billed, currency),
        )
        gaps.billed.append(gap)
        billed_net, billed_tax = billed_net - gap.net, billed_tax - gap.tax
        billed = ordered
    wrong = billed_net - _scaled(net, billed, ordered, currency)
    odd = billed_tax - _scaled(tax, billed, ordered, currency)
    if billed < ordered and abs(wrong) <= limit:
        # Rounding of a part: the last invoice evens it out.
        wrong = Decimal(0)
    if gaps.taxes_included and wrong == -odd and abs(wrong) <= limit:
        # Prices contain the tax and the gross was billed as ordered: no price is wrong.
        gaps.add_tax(code, odd, wrong)
        wrong = odd = Decimal(0)
    if wrong:
        share = _scaled(wrong, tax, net, currency)
        gaps.add_price(f"item {item.item_number}", code, wrong, share)
        odd -= share
    else:
        share = Decimal(0)
    if billed < ordered and abs(odd) <= limit:
        odd = Decimal(0)
    if odd:
        gaps.add_tax(code, odd)
    if billed < ordered:
        gaps.remainders.append(
            Remainder(
                item=item,
                quantity=ordered - billed,
                net=net + wrong - billed_net,
                tax=tax + share + odd - billed_tax,
                issued_quantity=max(min(issued, ordered) - billed, Decimal(0)),
            )
        )


def _billed_quantity(
    item: PostedSalesDocumentItem, lines: list[BillingLine], billed_net: Decimal
) -> Decimal:
    """
    In the sales unit; billed in another unit or by value, the value says how much of it is done.
    """
    unit = item.requested_quantity.unit
    same_unit = all(line.item.billing_quantity.unit == unit for line in lines)
    if same_unit and not _is_billed_by_value(item, lines):
        return sum((line.quantity for line in lines), Decimal(0))
    ordered, net = item.requested_quantity.value, item.net_amount.amount
    return min(ordered * billed_net / net, ordered) if net else ordered


def _is_billed_by_value(item: PostedSalesDocumentItem, lines: list[BillingLine]) -> bool:
    """
    Tell whether the shares of a billing plan are billed, each of which carries all the quantity.

    Where no plan can be read, the ERP shows it by the status: not done with the whole quantity.
    """
    if item.billing_plan:
        return True
    return (
        item.delivery_status is Status.NOT_RELEVANT
        and item.billing_status is Status.PARTIALLY
        and sum((line.quantity for line in lines), Decimal(0)) >= item.requested_quantity.value
    )
