"""Order lines as items: material and unit, quantity, dates, conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.mappings.compiled_rules import (
    CompiledDocument,
    CompiledItem,
    CompiledReference,
    CompiledScheduleLines,
    CompiledText,
    Fields,
)
from connector.mappings.evaluation import Draft
from connector.mappings.map_conditions import (
    conditions_for_items,
    map_condition,
    map_conditions,
)
from connector.mappings.map_partners import map_partners
from connector.mappings.scope import Scope, Source
from connector.sd_documents.values import pad_number

Values = dict[str, Any]


def item_number_of(position: int) -> int:
    """Return the item number of the line at *position* (from 0): 10, 20, 30 as the ERP counts."""
    return (position + 1) * 10


def fill(draft: Draft, scope: Scope, fields: Fields, prefix: str, values: Values) -> None:
    """Fill those of *fields* that come to something into *values*."""
    for field, value in fields:
        found = draft.value(value, scope, prefix)
        if found is not None:
            values[field] = found


def map_items(
    draft: Draft, scope: Scope, rules: CompiledDocument, header_day: Any, partners_before: int = 0
) -> tuple[list[Values], list[Values], list[Values]]:
    """
    Return the items, one for each line in its order, their texts and their partners.

    *header_day* is the header's requested delivery date, *partners_before* counts the partners
    that the document has already.
    """
    lines = scope.values["order"]["lines"]
    placed = conditions_for_items(draft, scope, rules.conditions)
    items: list[Values] = []
    texts: list[Values] = []
    partners: list[Values] = []
    for position, line in enumerate(lines):
        prefix, number = f"items[{position}].", item_number_of(position)
        inner = scope.with_name("line", line, Source(f"lines[{position}]"))
        item, own_texts = _item(draft, inner, rules.items, position, header_day)
        conditions = item["conditions"]
        for placing in placed.get(position, ()):
            place = f"{prefix}conditions[{len(conditions)}]."
            condition = map_condition(draft, placing.scope, placing.rule, place, placing.share)
            if condition is not None:
                conditions.append(condition)
        _check_quantity(draft, line, position)
        items.append(item)
        texts.extend(own_texts)
        if rules.items.partners:
            partners += map_partners(
                draft,
                inner,
                rules.items.partners,
                item_number=number,
                already=partners_before + len(partners),
            )
    return items, texts, partners


def _item(
    draft: Draft, scope: Scope, rules: CompiledItem, position: int, header_day: Any
) -> tuple[Values, list[Values]]:
    prefix, number = f"items[{position}].", item_number_of(position)
    for lookup in rules.lookups:
        scope = draft.lookup(lookup, scope)
    material = draft.required(rules.material, scope, prefix)
    unit = draft.required(rules.unit, scope, prefix)
    quantity = draft.required(rules.quantity, scope, prefix)
    scope = scope.with_own("item", {"number": number, "material": material, "unit": unit})
    values: Values = {
        "item_number": number,
        "line_id": scope.values["line"]["line_id"],
        "material": material,
        "requested_quantity": {"value": quantity, "unit": unit},
    }
    fill(draft, scope, rules.fields, prefix, values)
    if rules.schedule_lines is not None:
        values["schedule_lines"] = _schedule_lines(draft, scope, rules.schedule_lines, prefix, unit)
    if rules.day is not None and not values.get("schedule_lines"):
        day = draft.value(rules.day, scope, prefix)
        if day is not None and day != header_day:
            values["schedule_lines"] = [
                {
                    "requested_delivery_date": day,
                    "requested_quantity": {"value": quantity, "unit": unit},
                }
            ]
    if rules.reference is not None:
        _refer(draft, scope, rules.reference, prefix, values)
    values["conditions"] = map_conditions(draft, scope, rules.conditions, prefix)
    return values, map_texts(draft, scope, rules.texts, number) if rules.texts else []


def _refer(
    draft: Draft, scope: Scope, rule: CompiledReference, prefix: str, values: Values
) -> None:
    if rule.item is None or not draft.holds(rule.when, scope, rule.key):
        return
    document = draft.value(rule.document, scope, prefix)
    item = draft.value(rule.item, scope, prefix)
    if document is None and item is None:
        return
    if document is None or item is None:
        draft.problem(
            "REFERENCE_INCOMPLETE",
            f"{prefix}reference has {'no document' if document is None else 'no item'} "
            f"({rule.key}); give both or none",
            f"{prefix}reference",
        )
        return
    values["reference"] = {
        "category": rule.category,
        "document": pad_number(str(document)),
        "item_number": item,
    }


def _schedule_lines(
    draft: Draft, scope: Scope, rules: CompiledScheduleLines, prefix: str, unit: Any
) -> list[Values]:
    found: list[Values] = []
    for element, source in draft.elements(rules.each, scope, rules.key):
        inner = scope.with_name("entry", element, source)
        place = f"{prefix}schedule_lines[{len(found)}]."
        values: Values = {
            "requested_delivery_date": draft.required(rules.day, inner, place),
            "requested_quantity": {
                "value": draft.required(rules.quantity, inner, place),
                "unit": unit,
            },
        }
        fill(draft, inner, rules.fields, place, values)
        found.append(values)
    return found


def map_texts(
    draft: Draft, scope: Scope, rules: tuple[CompiledText, ...], item_number: int | None
) -> list[Values]:
    """Return the texts that are not empty, of the header where *item_number* is empty."""
    found: list[Values] = []
    for rule in rules:
        if not draft.holds(rule.when, scope, rule.key):
            continue
        where = f"texts[{rule.text_id}]" + (f" of item {item_number}" if item_number else "")
        content = draft.value(rule.content, scope, where)
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
