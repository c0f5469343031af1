"""Which list of an order is that of its lines, and does something look like an order at all?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.choosing import Proposed, choose
from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.shapes import number
from connector.mappings.proposing.structure import (
    Listed,
    Path,
    Structure,
    expression_of,
    structure_of,
)
from connector.mappings.proposing.sums import amounts_of

#: A list that looks less like lines is none.
_LEAST: Final = 1.6
_IS_CALLED_SO: Final = 0.8
#: What comes back is no order line, however much it looks like one.
_COMES_BACK: Final = 0.4
_OF_LINES: Final = tuple(vocabulary.LINE)


@dataclass(frozen=True, slots=True)
class Lines:
    """The list of lines: the list, what its elements have, and how sure it is (0 to about 4)."""

    listed: Listed
    structure: Structure
    score: float

    @property
    def confidence(self) -> float:
        """How sure it is, from 0 to 1."""
        return min(0.99, 0.4 + self.score / 6)


def lines_of(structure: Structure, known: str = "") -> Lines | None:
    """
    Return the list that looks most like order lines, None where none does.

    *known* is where the reader puts the lines, whatever they look like; empty where it has none.
    """
    best: Lines | None = None
    for listed in structure.lists.values():
        inner = structure_of(listed.elements)
        fields = choose(inner, _OF_LINES)
        named = likeness((listed.path[-1],), vocabulary.LINES)
        amounts = amounts_of(inner, vocabulary.PRICE)
        score = named + sum(
            weight * _sure(fields.get(field))
            for field, weight in (("quantity", 1.5), ("sku", 1.0), ("title", 0.3))
        )
        score += 0.5 * (amounts[0].named if amounts else 0.0)
        if any("[]" in key for key in listed.path):
            score *= 0.8
        if _comes_back(listed.path):
            score *= _COMES_BACK
        if listed.path == (known,) and fields.keys() & {"sku", "quantity"}:
            return Lines(listed, inner, score)
        if score >= _LEAST and (best is None or score > best.score):
            best = Lines(listed, inner, score)
    return best


def any_lines(structure: Structure) -> Lines | None:
    """
    Return the list that may be that of the lines whatever its fields are called: each of its
    objects has a text and two numbers. None where there is none, or several.
    """
    found: list[Lines] = []
    for listed in structure.lists.values():
        inner = structure_of(listed.elements)
        everywhere = [each for each in inner.leaves.values() if len(each.values) == inner.count]
        numbers = sum(1 for each in everywhere if number(each.values))
        if numbers > 1 and len(everywhere) > numbers and not _comes_back(listed.path):
            found.append(Lines(listed, inner, 0.0))
    return found[0] if len(found) == 1 else None


def _comes_back(path: Path) -> bool:
    return any(likeness((k.removesuffix("[]"),), vocabulary.REFUNDS) > _IS_CALLED_SO for k in path)


def line_fields(lines: Lines, of_order: Collection[str]) -> dict[str, Proposed]:
    """Return the fields of a line: no column *of_order*, and no id that repeats within an order."""
    without = [(name,) for name in of_order]
    fields = choose(lines.structure, _OF_LINES, without=without)
    own = fields.get("line_id")
    if own is not None and any(_repeats(each, own.path) for each in lines.listed.by_message):
        fields = choose(lines.structure, _OF_LINES, without=[*without, own.path])
        again = fields.get("line_id")
        if again is not None and any(_repeats(e, again.path) for e in lines.listed.by_message):
            del fields["line_id"]
    return fields


def without_id(lines: Lines, sku: Proposed) -> list[Proposed]:
    """Return what stands in for the ids of lines: the article, else the place in the order."""
    if not any(_repeats(each, sku.path) for each in lines.listed.by_message):
        asked = (
            "lines.line_id: lines have no id of their own; the article was taken, which must not "
            "repeat within an order"
        )
        expression = f"text({expression_of(sku.path)})"
        why = "no other field identifies a line"
        return [Proposed("lines.line_id", expression, 0.3, why, questions=(asked,))]
    asked = (
        "lines.line_id: lines have no id of their own, and articles repeat; the place in the order "
        "was taken, which must not change when the order does"
    )
    each = f"numbered({lines.listed.expression}, 'place')"
    return [
        Proposed("lines.each", each, lines.confidence, "the list that looks most like lines"),
        Proposed("lines.line_id", "text(place)", 0.2, "its place", questions=(asked,)),
    ]


def _repeats(lines: Sequence[Mapping[str, Any]], path: Path) -> bool:
    found = [str(value) for value in (_at(line, path) for line in lines) if value is not None]
    return len(set(found)) < len(found)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def order_likeness(objects: Sequence[Mapping[str, Any]]) -> float:
    """Return how much *objects* look like orders: by lines, number, date, currency and total."""
    structure = structure_of(objects)
    lines = lines_of(structure)
    score = lines.score if lines is not None else 0.0
    if lines is not None and any("[]" in key for key in lines.listed.path):
        # Lines of many orders make a list of orders, and no order.
        score *= 0.5
    fields = choose(structure, vocabulary.ORDER)
    score += sum(_sure(fields.get(name)) for name in ("external_id", "ordered_at", "currency"))
    totals = amounts_of(structure, vocabulary.GRAND_TOTAL)
    return score + (totals[0].named if totals else 0.0)


def _sure(proposed: Proposed | None) -> float:
    return proposed.confidence if proposed is not None else 0.0
