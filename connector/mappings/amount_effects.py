"""By how much each changed condition and quantity of a document changes what it comes to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.mappings.entered_value import header_conditions, item_conditions
from connector.sd_documents.sales_document import SalesDocument

#: Amounts by currency, by the place in the document: ``new items[0].conditions[1].rate``.
Effects = dict[str, dict[str, Decimal]]


def effects_of(old: SalesDocument, new: SalesDocument) -> Effects:
    """
    Return by how much each condition that differs changes the document, by its path.

    A condition that is the same in both may come to another amount: by another quantity.
    """
    before = {_identity(item): (at, item) for at, item in enumerate(old.items)}
    found: Effects = {}
    for at, item in enumerate(new.items):
        there = before.pop(_identity(item), None)
        ours = _of(item_conditions(item), f"items[{at}]")
        theirs = _of(item_conditions(there[1]), f"items[{there[0]}]") if there else {}
        if there is None:
            _add(found, f"new items[{at}]", ours.values(), 1)
            continue
        _compared(found, theirs, ours, f"new items[{at}].requested_quantity.value")
    for at, item in before.values():
        gone = _of(item_conditions(item), "")
        _add(found, f"old items[{at}]", gone.values(), -1)
    _compared(found, _of(header_conditions(old), ""), _of(header_conditions(new), ""), "")
    return found


def _identity(item: Any) -> str:
    return item.line_id or str(item.item_number)


_Values = dict[str, tuple[str, Any, str, Decimal]]


def _of(conditions: Any, above: str) -> _Values:
    """Return path, condition, currency and amount of conditions by type and occurrence."""
    found: _Values = {}
    seen: dict[str, int] = {}
    positions: dict[int, int] = {}
    for condition, currency, amount in conditions:
        position = positions.setdefault(id(condition), len(positions))
        kind = condition.condition_type
        number = seen[kind] = seen.get(kind, 0) + 1
        dot = "." if above else ""
        path = f"{above}{dot}conditions[{position}]"
        found[f"{kind}#{number}"] = path, condition, currency, amount
    return found


def _compared(found: Effects, old: _Values, new: _Values, by_quantity: str) -> None:
    for key in [*new, *(each for each in old if each not in new)]:
        mine, other = old.get(key), new.get(key)
        if mine and other:
            same = mine[1] == other[1]
            changed = "rate" if mine[1].rate != other[1].rate else "per"
            if mine[2] != other[2]:
                changed = "rate" if changed == "rate" else "currency"
            place = by_quantity if same else f"new {other[0]}.{changed}"
            _add(found, place, [other], 1)
            _add(found, place, [mine], -1)
        elif other:
            _add(found, f"new {other[0]}", [other], 1)
        elif mine:
            _add(found, f"old {mine[0]}", [mine], -1)


def _add(found: Effects, place: str, values: Any, sign: int) -> None:
    for _, _, currency, amount in values:
        at = found.setdefault(place, {})
        at[currency] = at.get(currency, Decimal(0)) + sign * amount
