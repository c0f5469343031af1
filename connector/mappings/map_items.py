"""Order lines as items: material and unit, quantity, dates, conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.mappings.evaluation import At, Draft
from connector.mappings.map_conditions import (
    conditions_for_items,
    map_condition,
    map_conditions,
)
from connector.mappings.map_partners import map_partners
from connector.mappings.rule_models import DocumentRules, ItemRules, ScheduleLineRules, TextRules
from connector.mappings.scope import Scope, Source

Values = dict[str, Any]

_OPTIONAL = ("customer_material", "item_text", "item_category", "plant")


def item_number_of(position: int) -> int:
    """Return the item number of the line at *position* (from 0): 10, 20, 30 as the ERP counts."""
    return (position + 1) * 10


def map_items(
    draft: Draft, scope: Scope, rules: DocumentRules, key: str, partners_before: int = 0
) -> tuple[list[Values], list[Values], list[Values]]:
    """
    Return the items, one for each line in its order, their texts and their partners.

    *partners_before* counts the partners that the document has already.
    """
    lines = scope.values["order"]["lines"]
    placed = conditions_for_items(draft, scope, rules.conditions, key)
    items: list[Values] = []
    texts: list[Values] = []
    partners: list[Values] = []
    for position, line in enumerate(lines):
        at = At(f"items[{position}]", f"{key}.items")
        inner = scope.with_name("line", line, Source(f"lines[{position}]"))
        item, own_texts = _item(draft, inner, rules.items, at, item_number_of(position))
        conditions = item["conditions"]
        for rule, charged, name in placed.get(position, ()):
            place = At(f"{at.path}.conditions[{len(conditions)}]", name)
            condition = map_condition(draft, charged, rule, place)
            if condition is not None:
                conditions.append(condition)
        _check_quantity(draft, line, position)
        items.append(item)
        texts.extend(own_texts)
        partners += map_partners(
            draft,
            inner,
            rules.items.partners,
            At("", at.key),
            item_number=item_number_of(position),
            already=partners_before + len(partners),
        )
    return items, texts, partners


def _item(
    draft: Draft, scope: Scope, rules: ItemRules, at: At, number: int
) -> tuple[Values, list[Values]]:
    for name, lookup in rules.lookups.items():
        scope = draft.lookup(name, lookup, scope, f"{at.key}.lookups.{name}")
    material = draft.required(rules.material, scope, at.field("material"))
    unit = draft.required(rules.unit, scope, at.named("requested_quantity.unit", "unit"))
    quantity = draft.required(
        rules.quantity, scope, at.named("requested_quantity.value", "quantity")
    )
    scope = scope.with_own("item", {"number": number, "material": material, "unit": unit})
    values: Values = {
        "item_number": number,
        "line_id": scope.values["line"]["line_id"],
        "material": material,
        "requested_quantity": {"value": quantity, "unit": unit},
    }
    for field in _OPTIONAL:
        rule = getattr(rules, field)
        if rule is None:
            continue
        found = draft.value(rule, scope, at.field(field))
        if found is not None:
            values[field] = found
    if rules.schedule_lines is not None:
        values["schedule_lines"] = _schedule_lines(draft, scope, rules.schedule_lines, at, unit)
    values["conditions"] = map_conditions(draft, scope, rules.conditions, at)
    return values, map_texts(draft, scope, rules.texts, at.key, number)


def _schedule_lines(
    draft: Draft, scope: Scope, rules: ScheduleLineRules, at: At, unit: Any
) -> list[Values]:
    found: list[Values] = []
    for element, source in draft.elements(rules.each, scope, f"{at.key}.schedule_lines"):
        inner = scope.with_name("entry", element, source)
        place = at.named(f"schedule_lines[{len(found)}]", "schedule_lines")
        day = draft.required(
            rules.requested_delivery_date, inner, place.field("requested_delivery_date")
        )
        quantity = draft.required(
            rules.quantity, inner, place.named("requested_quantity.value", "quantity")
        )
        values: Values = {
            "requested_delivery_date": day,
            "requested_quantity": {"value": quantity, "unit": unit},
        }
        for field in ("material_availability_date", "goods_issue_date"):
            rule = getattr(rules, field)
            if rule is None:
                continue
            fixed = draft.value(rule, inner, place.field(field))
            if fixed is not None:
                values[field] = fixed
        found.append(values)
    return found


def map_texts(
    draft: Draft, scope: Scope, rules: tuple[TextRules, ...], key: str, item_number: int | None
) -> list[Values]:
    """Return the texts that are not empty, of the header where *item_number* is empty."""
    found: list[Values] = []
    for number, rule in enumerate(rules):
        where = f"texts[{rule.text_id}]" + (f" of item {item_number}" if item_number else "")
        at = At(where, f"{key}.texts[{number}]")
        if not draft.holds(rule.when, scope, at.key):
            continue
        content = draft.value(rule.content, scope, at)
        if content is not None:
            found.append(
                {
                    "text_id": rule.text_id,
                    "language": rule.language,
                    "content": content,
                    "item_number": item_number,
                }
            )
    return found


def _check_quantity(draft: Draft, line: Values, position: int) -> None:
    quantity: Decimal = line["quantity"]
    if quantity > 0:
        return
    name = line["sku"] or line["title"] or line["line_id"]
    draft.problem(
        "QUANTITY_NOT_POSITIVE",
        f"lines[{position}] ({name}) has the quantity {quantity:f}; correct it in the channel, or "
        "cancel the order if it is a return",
        f"lines[{position}].quantity",
    )
