"""
Many differences of many orders, grouped: by field, by rule, and by what they mean in money.

Memory does not grow with the orders: of each group only counts, sums and a few examples are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.mappings.comparison import Outcome, value_concerned
from connector.mappings.entered_value import Amounts, entered_value
from connector.mappings.field_differences import Difference, Kind
from connector.mappings.mapped_order import MappedOrder
from connector.sd_documents.values import DocumentCategory

#: Examples that are kept of a group.
MOST_EXAMPLES: Final = 5


class Effect(StrEnum):
    """What the differences of one order mean in money."""

    HELD = "held now"
    FREED = "held no longer"
    DEARER = "comes to more"
    CHEAPER = "comes to less"
    SAME = "comes to the same"
    UNKNOWN = "amount not known"


@dataclass(frozen=True, slots=True)
class Example:
    """A difference of one order, by the order's name and where it was read."""

    order: str
    source: str
    where: str
    old: str
    new: str
    amounts: Amounts


@dataclass(slots=True)
class Group:
    """
    Differences that are alike: ``kind`` and ``name`` say in what.

    ``orders`` counts orders, ``differences`` all of them. ``net`` and ``gross`` are by currency:
    what the differences come to, and what they come to without regard to sign.
    """

    kind: str
    name: str
    place: str = ""
    orders: int = 0
    differences: int = 0
    net: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    gross: defaultdict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    examples: list[Example] = field(default_factory=list)

    def add(self, order: str, source: str, differences: Iterable[Difference]) -> None:
        """Count the *differences* of one order."""
        self.orders += 1
        for number, each in enumerate(differences):
            self.differences += 1
            self.take(each.amounts)
            # Each order is an example once: several show more than one that differs often.
            if not number and len(self.examples) < MOST_EXAMPLES:
                self.examples.append(
                    Example(order, source, each.where, each.old, each.new, each.amounts)
                )

    def take(self, amounts: Amounts) -> None:
        """Add *amounts* to what the group comes to."""
        for currency, amount in amounts.items():
            self.net[currency] += amount
            self.gross[currency] += abs(amount)


@dataclass(slots=True)
class Total:
    """
    What all orders that both mappings make come to in one currency.

    ``old`` and ``new`` are what the conditions of the documents come to, ``gross`` the sum of all
    changes without regard to sign, ``orders`` how many changed; ``expected`` is what the channel
    says that the customers pay.
    """

    old: Decimal = Decimal(0)
    new: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
    orders: int = 0

    @property
    def net(self) -> Decimal:
        """By how much the new mapping comes to more."""
        return self.new - self.old


class DifferenceGroups:
    """Collects the differences of one order after the other."""

    def __init__(self) -> None:
        self.compared = self.different = 0
        self.held_before = self.held_after = 0
        self.totals: defaultdict[str, Total] = defaultdict(Total)
        self._fields: dict[tuple[str, str], Group] = {}
        self._rules: dict[tuple[str, str], Group] = {}
        self._effects: dict[Effect, Group] = {}

    def add(
        self, source: str, old: Outcome, new: Outcome, differences: tuple[Difference, ...]
    ) -> None:
        """Take in what one message became by both mappings, and how that differs."""
        self.compared += 1
        self.held_before += not _is_fine(old)
        self.held_after += not _is_fine(new)
        before, after = _value(old), _value(new)
        self._sum_up(new, before, after)
        if not differences:
            return
        self.different += 1
        name = name_of(new) or name_of(old) or source
        for key, found in _grouped(differences, _field).items():
            _group(self._fields, key, found[0]).add(name, source, found)
        for key, found in _grouped(differences, _rule).items():
            _group(self._rules, key, found[0]).add(name, source, found)
        self._weigh(name, source, differences, before, after)

    @property
    def fields(self) -> list[Group]:
        """The differences by field, most orders first."""
        return _most_first(self._fields.values())

    @property
    def rules(self) -> list[Group]:
        """The differences by the rule that makes them, most orders first."""
        return _most_first(self._rules.values())

    @property
    def effects(self) -> list[Group]:
        """The orders that differ by what it means in money."""
        return [self._effects[each] for each in Effect if each in self._effects]

    def _sum_up(self, new: Outcome, before: Amounts | None, after: Amounts | None) -> None:
        if before is None or after is None:
            return
        assert isinstance(new, MappedOrder)
        for currency in {**before, **after}:
            total = self.totals[currency]
            one, other = before.get(currency, Decimal(0)), after.get(currency, Decimal(0))
            total.old += one
            total.new += other
            total.gross += abs(other - one)
            total.orders += one != other
        for currency, amount in value_concerned(new).items():
            if currency in before or currency in after:
                self.totals[currency].expected += amount

    def _weigh(
        self,
        name: str,
        source: str,
        differences: tuple[Difference, ...],
        before: Amounts | None,
        after: Amounts | None,
    ) -> None:
        effect, amounts = _effect(differences, before, after)
        group = self._effects.setdefault(effect, Group("", effect.value))
        first = differences[0]
        group.orders += 1
        group.differences += len(differences)
        group.take(amounts)
        if len(group.examples) < MOST_EXAMPLES:
            old, new = (", ".join(_shown(each)) for each in (before or {}, after or {}))
            group.examples.append(Example(name, source, first.where, old, new, amounts))


def name_of(outcome: Outcome) -> str:
    """Return what people call the order, empty for a message that cannot be read."""
    if not isinstance(outcome, MappedOrder):
        return ""
    return outcome.order.order_name or outcome.order.external_id


def _is_fine(outcome: Outcome) -> bool:
    return isinstance(outcome, MappedOrder) and outcome.is_complete


def _value(outcome: Outcome) -> Amounts | None:
    """Return what the order's main document comes to; None where there is none."""
    if not isinstance(outcome, MappedOrder) or not outcome.documents:
        return None
    main = outcome.document(DocumentCategory.SALES_ORDER) or outcome.documents[-1].document
    return entered_value(main)


def _field(difference: Difference) -> tuple[str, str]:
    return difference.kind.value, difference.field


def _rule(difference: Difference) -> tuple[str, str]:
    return "", difference.rule or f"({difference.kind.value})"


def _grouped(
    differences: Iterable[Difference], key: object
) -> Mapping[tuple[str, str], list[Difference]]:
    assert callable(key)
    found: defaultdict[tuple[str, str], list[Difference]] = defaultdict(list)
    for each in differences:
        found[key(each)].append(each)
    return found


def _group(groups: dict[tuple[str, str], Group], key: tuple[str, str], first: Difference) -> Group:
    return groups.setdefault(key, Group(*key, place=first.place))


def _most_first(groups: Iterable[Group]) -> list[Group]:
    return sorted(groups, key=lambda each: (-each.orders, each.kind, each.name))


def _effect(
    differences: tuple[Difference, ...], before: Amounts | None, after: Amounts | None
) -> tuple[Effect, Amounts]:
    for kinds, effect in (
        ((Kind.HELD, Kind.UNREADABLE), Effect.HELD),
        ((Kind.FREED, Kind.READABLE), Effect.FREED),
    ):
        concerned = [each for each in differences if each.kind in kinds]
        if concerned:
            return effect, concerned[0].amounts
    if before is None or after is None:
        return Effect.UNKNOWN, {}
    change = {
        currency: after.get(currency, Decimal(0)) - before.get(currency, Decimal(0))
        for currency in {**before, **after}
    }
    changed = {currency: amount for currency, amount in change.items() if amount}
    if not changed:
        return Effect.SAME, {}
    if len(changed) > 1:
        # What becomes of one currency in another is not ours to say.
        return Effect.UNKNOWN, changed
    return (Effect.DEARER if next(iter(changed.values())) > 0 else Effect.CHEAPER), changed


def _shown(amounts: Amounts) -> list[str]:
    return [f"{amount:,f} {currency}" for currency, amount in amounts.items()]
