"""Prices, discounts and freight of the channel as manual conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from connector.mappings.at_stake import line_value
from connector.mappings.compiled_rules import CompiledCondition
from connector.mappings.evaluation import Draft
from connector.mappings.number_functions import decimal
from connector.mappings.scope import Scope, Source
from connector.mappings.shares import shares_of
from connector.mappings.trace import written

Values = dict[str, Any]

_WITH_SAME_TAX: Final = "item_with_same_tax"
_ITEMS: Final = "items"


class Placed(NamedTuple):
    """A header's condition on its way to an item; ``share`` is the item's part of its amount."""

    rule: CompiledCondition
    scope: Scope
    share: Decimal | None = None


def map_conditions(
    draft: Draft, scope: Scope, rules: Sequence[CompiledCondition], prefix: str = ""
) -> list[Values]:
    """
    Return the conditions of the header, or of the item whose path is *prefix*.

    Conditions that belong on an item although they are rules of the header are left out: see
    :func:`conditions_for_items`.
    """
    found: list[Values] = []
    for rule in rules:
        if rule.place in (_WITH_SAME_TAX, _ITEMS):
            continue
        if rule.each is None and not draft.holds(rule.when, scope, rule.key):
            continue
        for inner in (scope,) if rule.each is None else _scopes(draft, scope, rule):
            values = map_condition(draft, inner, rule, f"{prefix}conditions[{len(found)}].")
            if values is not None:
                found.append(values)
    return found


def conditions_for_items(
    draft: Draft, scope: Scope, rules: Sequence[CompiledCondition]
) -> dict[int, list[Placed]]:
    """
    Return the header's conditions that go to items, by the position of the line.

    A charge with its own tax rate (shipping) goes to the largest line of that rate, so that the
    ERP taxes it as the channel did; header conditions would share it among all rates. An amount
    that is placed on the items is shared among them here, exact to the cent.
    """
    found: dict[int, list[Placed]] = {}
    for rule in rules:
        if rule.place == _ITEMS:
            _share(draft, scope, rule, found)
        if rule.place != _WITH_SAME_TAX:
            continue
        for inner in _scopes(draft, scope, rule):
            entry = inner.values.get("entry")
            rates = _rates(entry.get("taxes", ())) if isinstance(entry, dict) else frozenset()
            position = _largest_with(scope.values["order"]["lines"], rates)
            if position is None:
                source = inner.sources["entry"].path if "entry" in inner.sources else rule.key
                draft.problem(
                    "MIXED_TAX_ON_SHIPPING", f"{source} {_untaxed(rates)} ({rule.key})", source
                )
                continue
            found.setdefault(position, []).append(Placed(rule, inner))
    return found


def _share(
    draft: Draft, scope: Scope, rule: CompiledCondition, found: dict[int, list[Placed]]
) -> None:
    """Share the amounts of *rule* among the items, by their value."""
    lines = scope.values["order"]["lines"]
    among = [
        position
        for position, line in enumerate(lines)
        if draft.holds(
            rule.among, scope.with_name("line", line, Source(f"lines[{position}]")), rule.key
        )
    ]
    for inner in _scopes(draft, scope, rule):
        traced = len(draft.trace)
        whole = draft.required(rule.rate, inner, f"{rule.key}.")
        # Each share is traced where it goes, not the whole.
        del draft.trace[traced:]
        if whole is None:
            continue
        try:
            amount = decimal(whole)
        except ValueError as error:
            draft.problem("VALUE_NOT_VALID", f"{rule.rate.key}: {error}", rule.key)
            continue
        if not amount:
            continue
        if not among:
            draft.problem(
                "VALUE_NOT_VALID",
                f"{amount:f} of {rule.key} goes to no item: `among` holds for none of the lines",
                rule.key,
            )
            continue
        weights = [max(line_value(lines[position]) or Decimal(0), Decimal(0)) for position in among]
        parts = shares_of(amount, weights, scope.values["order"]["currency"])
        for position, part in zip(among, parts, strict=True):
            if part:
                found.setdefault(position, []).append(Placed(rule, inner, part))


def _scopes(draft: Draft, scope: Scope, rule: CompiledCondition) -> Iterator[Scope]:
    """Yield the scope of each condition that *rule* makes."""
    if rule.each is None:
        if draft.holds(rule.when, scope, rule.key):
            yield scope
        return
    for element, source in draft.elements(rule.each, scope, rule.key):
        inner = scope.with_name("entry", element, source)
        if draft.holds(rule.when, inner, rule.key):
            yield inner


def map_condition(
    draft: Draft,
    scope: Scope,
    rule: CompiledCondition,
    prefix: str,
    share: Decimal | None = None,
) -> Values | None:
    """Return one condition, None where it has no rate; *share* is its rate where it is given."""
    rate = draft.required(rule.rate, scope, prefix)
    if rate is None:
        return None
    if share is not None:
        rate = share
        whole = written(draft.trace[-1])
        draft.trace[-1] = whole._replace(value=f"{share:f}", rule=f"{whole.rule}, shared by value")
    draft.constant(
        f"{prefix}condition_type", rule.condition_type, rule.constant, rule.because, rule.file
    )
    values: Values = {"condition_type": rule.condition_type, "rate": rate}
    for field, value in rule.fields:
        found = draft.value(value, scope, prefix)
        if found is not None:
            values[field] = found
    return values


def _untaxed(rates: frozenset[Decimal]) -> str:
    """Return why nothing is taxed like a charge with *rates*, and what to do."""
    if not rates:
        return (
            "has no tax, but every line has: let the channel profile say its tax (`taxes`), or map "
            "it to an item of its own"
        )
    shown = " + ".join(f"{(rate * 100).normalize():f} %" for rate in sorted(rates))
    return f"is taxed at {shown}, but no line is; map it to an item of its own"


def _rates(taxes: Sequence[Any]) -> frozenset[Decimal]:
    return frozenset(tax["rate"] for tax in taxes if tax["rate"])


def _largest_with(lines: Sequence[Values], rates: frozenset[Decimal]) -> int | None:
    candidates = [
        (_amount(line), -position)
        for position, line in enumerate(lines)
        if _rates(line["taxes"]) == rates and _amount(line) > 0
    ]
    return -max(candidates)[1] if candidates else None


def _amount(line: Values) -> Decimal:
    return Decimal((line["price"] or 0) * line["quantity"])
