"""Which amounts are which, proven by what adds up: prices to lines, lines to totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from typing import Any, Final

from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.choosing import LEAST
from connector.mappings.proposing.names import likeness, words_of
from connector.mappings.proposing.shapes import Reading, number, number_of
from connector.mappings.proposing.structure import Path, Structure, expression_of

ZERO: Final = Decimal(0)
_CENT: Final = Decimal("0.01")
#: Amounts have fewer digits before the point.
_LARGEST: Final = 20
#: So many candidates of each kind are tried.
_MOST: Final = 4
#: So many messages prove a sum as well as all of them.
ENOUGH: Final = 50


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a structure: where it is, how it is read, and how much its name looks right."""

    path: Path
    reading: Reading
    named: float

    @property
    def expression(self) -> str:
        """The expression that reads it."""
        return self.reading.of(expression_of(self.path))

    def of(self, element: Mapping[str, Any]) -> Decimal | None:
        """Return the number in *element*, None where it has none."""
        found: Any = element
        for key in self.path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return number_of(found, self.reading)


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """
    The amounts of a line; ``price`` is for one, or for the line where ``is_for_line``.

    ``proven`` tells that price times quantity (less discount) was the line's total everywhere.
    """

    quantity: Amount
    price: Amount | None = None
    is_for_line: bool = False
    discount: Amount | None = None
    tax: Amount | None = None
    rate: Amount | None = None
    proven: bool = False

    def of(self, line: Mapping[str, Any]) -> Decimal:
        """Return what *line* comes to."""
        price = self.price.of(line) if self.price else None
        quantity = Decimal(1) if self.is_for_line else self.quantity.of(line)
        discount = self.discount.of(line) if self.discount else None
        gross = _in_cents((price or ZERO) * (quantity or ZERO))
        return gross - abs(discount or ZERO)


@dataclass(frozen=True, slots=True)
class OrderAmounts:
    """
    The amounts of an order, by role. ``fits`` says in how many of ``tried`` messages they add up.

    ``taxes_included`` is None where the messages do not tell.
    """

    lines: LineAmounts
    total: Amount | None = None
    shipping: Amount | None = None
    discount: Amount | None = None
    tax: Amount | None = None
    charge: Amount | None = None
    taxes_included: bool | None = None
    fits: int = 0
    tried: int = 0


def amounts_of(structure: Structure, phrases: Sequence[str]) -> list[Amount]:
    """Return the numbers of *structure* that are called like *phrases*, likeliest first."""
    found = []
    for leaf in structure.leaves.values():
        named = likeness(leaf.path, phrases)
        reading = number(leaf.values) if named >= LEAST else None
        if reading is None:
            continue
        if _is_minor(leaf.path) and all(isinstance(each, int) for each in leaf.values):
            reading = Reading("multiply({}, '0.01')")
        found.append(Amount(leaf.path, reading, named * 0.97 ** (len(leaf.path) - 1)))
    return sorted(found, key=lambda each: -each.named)[:_MOST]


def line_amounts(
    structure: Structure, quantity: Amount, lines: Sequence[Mapping[str, Any]]
) -> list[LineAmounts]:
    """Return the ways in which the amounts of lines may be meant, proven ones alone if any."""
    own = _other(structure, vocabulary.PRICE, quantity)
    totals = _other(structure, vocabulary.LINE_TOTAL, quantity)
    discounts: list[Amount | None] = [None, *_other(structure, vocabulary.LINE_DISCOUNT, quantity)]
    found: list[LineAmounts] = []
    for price, total, discount in product(own, totals, discounts):
        if price.path == total.path or (discount and discount.path in (price.path, total.path)):
            continue
        way = LineAmounts(quantity, price, discount=discount, proven=True)
        if all(_equal(way.of(line), total.of(line)) for line in lines):
            found.append(way)
    if found:
        # Several prices may fit where one is ordered: the best name wins.
        found.sort(key=lambda each: (-_named(each.price), each.discount is None))
        return found[:2]
    named = sorted({each.path: each for each in own}.values(), key=lambda each: -each.named)
    ways = [LineAmounts(quantity, price) for price in named]
    ways += [LineAmounts(quantity, total, is_for_line=True) for total in totals]
    return ways or [LineAmounts(quantity)]


def order_amounts(
    structure: Structure,
    messages: Sequence[Mapping[str, Any]],
    lines: Sequence[Sequence[Mapping[str, Any]]],
    ways: Sequence[LineAmounts],
) -> OrderAmounts:
    """Return the amounts of the order that add up in most *messages*, by name where none do."""
    roles = [
        amounts_of(structure, phrases)
        for phrases in (
            vocabulary.GRAND_TOTAL, vocabulary.SHIPPING_COST, vocabulary.DISCOUNT, vocabulary.TAX,
            vocabulary.CHARGE,
        )
    ]  # fmt: skip
    best: tuple[float, float, int] = (-1.0, 0.0, 0)
    chosen = OrderAmounts(ways[0])
    pairs = list(zip(messages, lines, strict=True))[:ENOUGH]
    for order in _combinations(ways, roles):
        fits = sum(1 for message, listed in pairs if _adds_up(order, message, listed))
        parts = (order.total, order.shipping, order.discount, order.tax, order.charge)
        named = sum(each.named for each in parts if each) + _named(order.lines.price) / 2
        # What is proven wins; then the better names; then tax in the price, as in most shops.
        rank = (fits / max(len(pairs), 1), round(named, 3), int(order.taxes_included or False))
        if rank > best:
            best, chosen = rank, replace(order, fits=fits, tried=len(pairs))
    return chosen if _says_how(chosen, pairs) else replace(chosen, taxes_included=None)


def _says_how(order: OrderAmounts, pairs: Sequence[tuple[Any, Any]]) -> bool:
    """Tell whether the sums prove that tax is in the prices, or that it comes on top."""
    if order.tax is None or not order.fits:
        return False
    return any(order.tax.of(message) for message, _ in pairs)


def _combinations(
    ways: Sequence[LineAmounts], roles: Sequence[Sequence[Amount]]
) -> Iterator[OrderAmounts]:
    totals, shipping, discounts, taxes, charges = (
        [*found, None] if found else [None] for found in roles
    )
    for parts in product(ways, totals, shipping, discounts, taxes, charges):
        way, total, cost, discount, tax, charge = parts
        paths = [each.path for each in parts[1:] if each is not None]
        if len(set(paths)) < len(paths):
            continue
        for included in (True, False) if tax is not None else (False,):
            yield OrderAmounts(way, total, cost, discount, tax, charge, included)


def _adds_up(
    order: OrderAmounts, message: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]
) -> bool:
    if order.total is None:
        return False
    total = order.total.of(message)
    sums = sum((order.lines.of(line) for line in lines), ZERO)
    for amount, sign in ((order.shipping, 1), (order.discount, -1), (order.charge, 1)):
        found = amount.of(message) if amount is not None else None
        sums += sign * (abs(found) if sign < 0 else found) if found else ZERO
    if order.tax is not None and not order.taxes_included:
        sums += order.tax.of(message) or ZERO
    return _equal(sums, total)


def _other(structure: Structure, phrases: Sequence[str], quantity: Amount) -> list[Amount]:
    return [each for each in amounts_of(structure, phrases) if each.path != quantity.path]


def _named(amount: Amount | None) -> float:
    return amount.named if amount is not None else 0.0


def _equal(one: Decimal, other: Decimal | None) -> bool:
    return other is not None and _in_cents(one) == _in_cents(other)


def _in_cents(amount: Decimal) -> Decimal:
    """Return *amount* in cents; what no price can be stays as it is."""
    return amount.quantize(_CENT) if amount.adjusted() < _LARGEST else amount


def _is_minor(path: Path) -> bool:
    return bool(vocabulary.MINOR & set(words_of(path[-1])))
