"""Prices, discounts and freight of the channel as manual conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from connector.mappings.evaluation import At, Draft
from connector.mappings.rule_models import ConditionRules
from connector.mappings.scope import Scope

Values = dict[str, Any]


def map_conditions(
    draft: Draft, scope: Scope, rules: Sequence[ConditionRules], at: At
) -> list[Values]:
    """
    Return the conditions of the header or of the item *at* which they stand.

    Conditions that belong on an item although they are rules of the header are left out: see
    :func:`conditions_for_items`.
    """
    found: list[Values] = []
    for number, rule in enumerate(rules):
        if rule.place == "item_with_same_tax":
            continue
        name = f"conditions[{number}]"
        for inner in _scopes(draft, scope, rule, f"{at.key}.{name}"):
            values = map_condition(draft, inner, rule, at.named(f"conditions[{len(found)}]", name))
            if values is not None:
                found.append(values)
    return found


def conditions_for_items(
    draft: Draft, scope: Scope, rules: Sequence[ConditionRules], key: str
) -> dict[int, list[tuple[ConditionRules, Scope, str]]]:
    """
    Return the header's conditions that go to an item, by the position of its line.

    A charge with its own tax rate (shipping) goes to the largest line of that rate, so that the
    ERP taxes it as the channel did; header conditions would share it among all rates.
    """
    found: dict[int, list[tuple[ConditionRules, Scope, str]]] = {}
    for number, rule in enumerate(rules):
        if rule.place != "item_with_same_tax":
            continue
        name = f"{key}.conditions[{number}]"
        for inner in _scopes(draft, scope, rule, name):
            entry = inner.values.get("entry")
            rates = _rates(entry.get("taxes", ())) if isinstance(entry, dict) else frozenset()
            position = _largest_with(scope.values["order"]["lines"], rates)
            if position is None:
                shown = (
                    " + ".join(f"{(rate * 100).normalize():f} %" for rate in sorted(rates))
                    or "no tax"
                )
                source = inner.sources["entry"].path if "entry" in inner.sources else name
                draft.problem(
                    "MIXED_TAX_ON_SHIPPING",
                    f"{source} is taxed at {shown}, but no line is; map it to an item of its own "
                    f"({name})",
                    source,
                )
                continue
            found.setdefault(position, []).append((rule, inner, name))
    return found


def _scopes(draft: Draft, scope: Scope, rule: ConditionRules, name: str) -> Iterator[Scope]:
    """Yield the scope of each condition that *rule* makes."""
    if rule.each is None:
        if draft.holds(rule.when, scope, name):
            yield scope
        return
    for element, source in draft.elements(rule.each, scope, name):
        inner = scope.with_name("entry", element, source)
        if draft.holds(rule.when, inner, name):
            yield inner


def map_condition(draft: Draft, scope: Scope, rule: ConditionRules, at: At) -> Values | None:
    """Return one condition, None where it has no rate."""
    rate = draft.required(rule.rate, scope, at.field("rate"), rule.because)
    if rate is None:
        return None
    draft.constant(at.field("condition_type"), rule.condition_type, rule.because)
    values: Values = {"condition_type": rule.condition_type, "rate": rate}
    for field in ("currency", "per", "unit"):
        wanted = getattr(rule, field)
        if wanted is None:
            continue
        found = draft.value(wanted, scope, at.field(field))
        if found is not None:
            values[field] = found
    return values


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
