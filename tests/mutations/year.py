"""
A company's year, lived in the simulated ERP by postings alone: every sale a story of its own.

Goods and services, deliveries in parts, credit memos and returns, cancellations and re-billing,
cash discount, payments in parts and residual items, cards with payouts and refunds, down payments.
Everything ends in agreement, or is still open business that nobody disagrees about.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.sd_documents.currency import round_amount
from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.specs import ClearingSpec, OpenItemRef
from tests.mutations.diary import Diary, Story
from tests.mutations.market import HOME, MARKETS, SERVICE, Market, Sale, SoldLine
from tests.mutations.world import World, gross

FIRST: Final = date(2026, 1, 5)
SOLD_UNTIL: Final = date(2026, 12, 3)
#: Nothing of the year's own goes on after it; faults begin on the next day.
LAST: Final = date(2026, 12, 9)
KEY_DATE: Final = date(2026, 12, 31)
#: What an ordinary stock never needs in a year.
_STOCK: Final = Decimal(10_000_000)


def live_a_year(world: World, orders: int, seed: int) -> None:
    """Live a year of *orders* sales; the same *seed* gives the same year."""
    chance = random.Random(seed)
    stocks = {
        (market.company_code, name)
        for market in MARKETS
        if not market.service
        for name, _ in market.articles
    }
    for plant, material in sorted(stocks):
        world.does("post_goods_receipt", plant, material, _STOCK)
    diary = Diary(world.go_to)
    days = (SOLD_UNTIL - FIRST).days
    for number in range(orders):
        day = FIRST + timedelta(days=days * number // max(orders - 1, 1))
        diary.enter(_a_sale(world, random.Random(chance.getrandbits(64))), day)
    diary.live(LAST)


def some_lines(market: Market, chance: random.Random, *, most: int = 3) -> tuple[SoldLine, ...]:
    """Return lines of a market's articles, at random prices and quantities."""
    count = chance.randint(1, min(most, len(market.articles)))
    return tuple(
        SoldLine(material, chance.randint(4, 30), step * chance.randint(5, 200))
        for material, step in chance.sample(market.articles, count)
    )


def _a_sale(world: World, chance: random.Random) -> Story:
    (market,) = chance.choices(MARKETS, [each.share for each in MARKETS])
    kinds = _KINDS_AT_HOME if market is HOME else _KINDS_OF_SERVICE if market is SERVICE else _KINDS
    (kind,) = chance.choices(list(kinds), list(kinds.values()))
    yield from kind(world, market, chance)


def _wait(world: World, chance: random.Random, least: int, most: int) -> date:
    return world.today + timedelta(days=chance.randint(least, most))


def _sold(world: World, market: Market, chance: random.Random, **header: object) -> Story:
    """Sell, deliver and bill; a part of what is sold last waits for a far day."""
    lines = some_lines(market, chance)
    late = not market.service and chance.random() < 0.05
    if late and world.today > LAST - timedelta(days=20):
        header["requested_delivery_date"] = KEY_DATE + timedelta(days=20)
        sale = world.sells(market, lines, **header)
        sale.stage = "waits"
        return None
    sale = world.sells(market, lines, **header)
    if not market.service:
        yield _wait(world, chance, 0, 2)
        world.delivers(sale)
    world.bills(sale)
    return sale


def _one_of(sale: Sale) -> Decimal:
    """What the customer gets back for one piece of the first item."""
    return gross(sale.market, replace(sale.lines[0], quantity=1))


def _paid(world: World, market: Market, chance: random.Random) -> Story:
    """By transfer at home in euros, otherwise as the shop reports it; the last stay unpaid."""
    sale = yield from _sold(world, market, chance)
    if sale is None:
        return
    yield _wait(world, chance, 5, 40)
    if market.currency == "EUR":
        world.pays_by_transfer(sale, sale.gross)
    else:
        name = world.is_paid_in_shop(sale, sale.gross)
        world.receives(sale, sale.gross, sale.invoice, reference=name)
        sale.stage = "paid"


def _paid_by_card(world: World, market: Market, chance: random.Random) -> Story:
    sale = yield from _sold(world, market, chance)
    if sale is not None:
        world.pays_by_card(sale)


def _with_discount(world: World, market: Market, chance: random.Random) -> Story:
    sale = yield from _sold(world, market, chance, terms_of_payment="Z214")
    if sale is None:
        return
    yield _wait(world, chance, 3, 12)
    discount = round_amount(sale.gross * Decimal("0.02"), market.currency)
    world.pays_by_transfer(sale, sale.gross - discount, discount=None)


def _delivered_in_parts(world: World, market: Market, chance: random.Random) -> Story:
    lines = some_lines(market, chance, most=1)
    sale = world.sells(market, lines)
    part = lines[0].quantity // 2
    for quantity in (part, lines[0].quantity - part):
        yield _wait(world, chance, 0, 3)
        delivery = world.delivers(sale, quantity)
        world.bills(sale, delivery)
    sale.stage = "billed in parts"


def _paid_in_parts(world: World, market: Market, chance: random.Random) -> Story:
    """A partial payment, then one that leaves a residual item, then the rest, in time."""
    sale = yield from _sold(world, market, chance)
    if sale is None:
        return
    yield _wait(world, chance, 3, 8)
    if world.today > LAST - timedelta(days=13):
        return
    part = round_amount(sale.gross / 4, market.currency)
    first = world.receives(sale, part, sale.invoice, partial=True)
    yield _wait(world, chance, 3, 6)
    second = world.receives(sale, part, sale.invoice, first, difference="residual")
    yield _wait(world, chance, 3, 6)
    world.receives(sale, sale.gross - 2 * part, second)
    sale.stage = "paid in parts"


def _returned(world: World, market: Market, chance: random.Random) -> Story:
    """Goods come back before the invoice is paid: one payment for both."""
    sale = yield from _sold(world, market, chance)
    if sale is None or world.today > LAST - timedelta(days=12):
        return
    yield _wait(world, chance, 3, 8)
    request = world.takes_back(sale, 1)
    yield _wait(world, chance, 1, 4)
    credit = world.credits(sale, request)
    yield _wait(world, chance, 1, 20)
    world.receives(sale, sale.gross - _one_of(sale), sale.invoice, credit)
    sale.stage = "returned"


def _refunded(world: World, market: Market, chance: random.Random) -> Story:
    """Paid by card, returned, credited, and paid back by the provider."""
    sale = yield from _sold(world, market, chance)
    if sale is None:
        return
    charge = world.pays_by_card(sale)
    yield _wait(world, chance, 3, 8)
    request = world.takes_back(sale, 1)
    world.credits(sale, request)
    world.pays_back(sale, _one_of(sale), charge)
    sale.stage = "refunded"


def _billed_anew(world: World, market: Market, chance: random.Random) -> Story:
    """An invoice is cancelled before it is paid, and billed again."""
    sale = yield from _sold(world, market, chance)
    if sale is None:
        return
    world.cancels(sale)
    yield _wait(world, chance, 0, 2)
    world.bills(sale)


def _with_down_payment(world: World, market: Market, chance: random.Random) -> Story:
    """Money in advance on its own account, set against the invoice later; the rest is paid."""
    lines = some_lines(market, chance)
    sale = world.sells(market, lines)
    part = round_amount(sale.gross / 2, market.currency)
    down = world.receives(sale, part, special_gl="A")
    yield _wait(world, chance, 1, 4)
    if not market.service:
        world.delivers(sale)
    world.bills(sale)
    spec = DownPaymentSpec(
        market.company_code, market.pays, OpenItemRef(sale.invoice), [OpenItemRef(down)]
    )
    transferred = world.does("clear_down_payments", spec).number
    sale.further.append(transferred)
    yield _wait(world, chance, 1, 4)
    items = [OpenItemRef(sale.invoice), OpenItemRef(transferred)]
    clearing = ClearingSpec(market.company_code, market.pays, items, residual=True)
    residual = world.does("clear_items", clearing).number
    sale.further.append(residual)
    world.receives(sale, sale.gross - part, residual)
    sale.stage = "paid in advance"


_Kind = Callable[[World, Market, random.Random], Story]
_KINDS: Final[dict[_Kind, int]] = {
    _paid: 60, _delivered_in_parts: 12, _billed_anew: 4, _returned: 4,
}  # fmt: skip
_KINDS_OF_SERVICE: Final[dict[_Kind, int]] = {_paid: 80, _billed_anew: 5, _with_down_payment: 15}
_KINDS_AT_HOME: Final[dict[_Kind, int]] = {
    _paid: 35, _paid_by_card: 25, _with_discount: 10, _delivered_in_parts: 8, _paid_in_parts: 5,
    _returned: 5, _refunded: 5, _billed_anew: 4, _with_down_payment: 3,
}  # fmt: skip
