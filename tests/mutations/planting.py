"""
One fault: where it is planted, and what must be told of it.

A fault is a story of its own: it takes a victim, or begins a sale in which something goes wrong,
and ends with what reconciliation has to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from connector.reconciliation.breaks import BreakCode
from tests.mutations.market import HOME, Market, Sale, SoldLine
from tests.mutations.money import ACCOUNT, Transfer
from tests.mutations.snapshot import Snapshot
from tests.mutations.world import CHANNEL, World
from tests.mutations.year import LAST, some_lines

#: The first day on which faults are planted.
FIRST_FAULT: Final = LAST + timedelta(days=1)


@dataclass(frozen=True)
class Told:
    """A difference that must be reported: its code, keys among others, and ERP minus outside."""

    code: BreakCode
    keys: Mapping[str, str]
    amount: Decimal | None = None
    is_pending: bool = False


@dataclass(frozen=True)
class Expected:
    """
    What is told of a fault.

    ``follows`` are consequences that the documentation allows; each must name the main difference
    as its cause. ``marks`` name what the fault was planted in. ``tamper`` falsifies what was read.
    ``source`` is filled where a source must be called short or stale; ``told`` is then empty
    where nothing is compared by it.
    """

    told: tuple[Told, ...]
    marks: frozenset[str]
    follows: tuple[Told, ...] = ()
    tamper: Callable[[Snapshot], Snapshot] | None = None
    source: str = ""


Planted = Generator[date, None, Expected]


@dataclass(frozen=True)
class Mutation:
    """How faults of one kind are planted; ``cause`` tells those of one code apart."""

    code: str
    cause: str
    plant: Callable[[Planting], Planted]

    @property
    def name(self) -> str:
        return f"{self.code}: {self.cause}"


MUTATIONS: Final[list[Mutation]] = []


def fault(
    code: BreakCode | str, cause: str
) -> Callable[[Callable[[Planting], Planted]], Callable[[Planting], Planted]]:
    """Register a mutation."""

    def register(plant: Callable[[Planting], Planted]) -> Callable[[Planting], Planted]:
        MUTATIONS.append(Mutation(str(code), cause, plant))
        return plant

    return register


@dataclass
class Planting:
    """What faults are planted with: the world, chance, and victims that nobody else has taken."""

    world: World
    chance: random.Random
    taken: set[str] = field(default_factory=set)
    of_year: int = 0

    def __post_init__(self) -> None:
        self.of_year = len(self.world.sales)

    def soon(self, least: int = 0, most: int = 2) -> date:
        return self.world.today + timedelta(days=self.chance.randint(least, most))

    def lines(self, market: Market = HOME, *, most: int = 3) -> tuple[SoldLine, ...]:
        return some_lines(market, self.chance, most=most)

    def one_line(self, market: Market = HOME) -> tuple[SoldLine, ...]:
        return self.lines(market, most=1)

    def billed(self, market: Market = HOME, *, most: int = 3, **header: object) -> Sale:
        """Sell, deliver and bill on one day."""
        sale = self.world.sells(market, self.lines(market, most=most), **header)
        if not market.service:
            self.world.delivers(sale)
        self.world.bills(sale)
        return sale

    def open_invoice(self, *markets: Market) -> Sale:
        """Take a sale of the year that nobody has paid yet; a new one where there is none."""
        market = self.chance.choice(markets or (HOME,))
        try:
            return self.victim("billed", market)
        except IndexError:
            return self.billed(market)

    def victim(self, stage: str, market: Market = HOME) -> Sale:
        """Take one of the year's sales of a kind; IndexError where there is none."""
        some = [
            sale
            for sale in self.world.sales[: self.of_year]
            if sale.stage == stage and sale.market is market and sale.name not in self.taken
        ]
        sale = self.chance.choice(some)
        self.taken.add(sale.name)
        return sale

    def transfer(self) -> Transfer:
        """Take one of the year's payouts that has more than one line."""
        some = [
            each
            for each in self.world.outside.transfers.values()
            if each.payout_id not in self.taken
            and each.paid_on < LAST - timedelta(days=6)
            and len(each.lines) > 1
            and each.is_decomposed
        ]
        found = self.chance.choice(some)
        self.taken.add(found.payout_id)
        return found


def of_order(sale: Sale, **more: str) -> dict[str, str]:
    """The business keys of an order."""
    return {"channel": CHANNEL, "external_id": sale.name, **more}


def of_bank(reference: str) -> dict[str, str]:
    """The business keys of a bank line."""
    return {"bank_account": ACCOUNT, "bank_reference": reference}


def tells(
    code: BreakCode,
    keys: Mapping[str, str],
    amount: Decimal | None,
    *sales: Sale,
    marks: tuple[str, ...] = (),
    follows: tuple[Told, ...] = (),
    tamper: Callable[[Snapshot], Snapshot] | None = None,
) -> Expected:
    """One difference is told."""
    named = frozenset(marks).union(*(sale.marks for sale in sales))
    return Expected((Told(code, keys, amount),), named, follows, tamper)
