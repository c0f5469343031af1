"""Which value of a structure is which field: by name, by look, and by how many have it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.shapes import moment, number
from connector.mappings.proposing.structure import Leaf, Path, Structure
from connector.mappings.proposing.vocabulary import Target

#: A less likely field is not proposed.
LEAST: Final = 0.45
#: How much less likely a value is for each object that it lies in.
_DEEPER: Final = 0.88
_LONGEST: Final = 30
#: A short text with a digit and without a space.
_LIKE_A_NUMBER: Final = re.compile(r"(?=\S*\d)[^\s@]{2,36}")


@dataclass(frozen=True, slots=True)
class Proposed:
    """
    A proposed field: the expression that reads it, how sure that is (0 to 1), and why.

    ``questions`` are what it leaves open; ``path`` is where it was read, empty for what was
    computed.
    """

    field: str
    expression: str
    confidence: float
    why: str
    path: Path = ()
    questions: tuple[str, ...] = ()


def choose(
    structure: Structure,
    targets: Sequence[Target],
    *,
    without: Collection[Path] = (),
    inside: Path = (),
) -> dict[str, Proposed]:
    """
    Return the field of each target that something in *structure* looks like, likeliest first.

    Paths in *without*, and all that lies in them, are left alone; with *inside* only what lies
    there is looked at, and named from there.
    """
    pairs: list[tuple[float, int, Leaf, Target]] = []
    for leaf in structure.leaves.values():
        if inside and leaf.path[: len(inside)] != inside:
            continue
        if any(leaf.path[: len(other)] == other for other in without):
            continue
        own = leaf.path[len(inside) :]
        for rank, target in enumerate(targets):
            score = _score(leaf, own, target, structure.count)
            if score >= LEAST:
                pairs.append((score, -rank, leaf, target))
    found: dict[str, Proposed] = {}
    taken: set[Path] = set()
    # What an order cannot be without chooses first.
    ranked = sorted(pairs, key=lambda each: (each[3].required, *each[:2]), reverse=True)
    for score, _, leaf, target in ranked:
        if target.field in found or leaf.path in taken:
            continue
        reading = target.shape(leaf.values)
        assert reading is not None
        taken.add(leaf.path)
        found[target.field] = Proposed(
            target.field,
            reading.of(leaf.expression),
            min(score, 0.99),
            _why(leaf, structure.count, target),
            leaf.path,
            (f"{leaf.expression}: {reading.question}",) if reading.question else (),
        )
    return {each.field: found[each.field] for each in targets if each.field in found}


def identifier(structure: Structure, *, without: Collection[Path]) -> dict[str, Proposed]:
    """
    Return what may identify an order whatever it is called: all messages have it, each another.

    Numbers that may be amounts, and moments, are left out; so is everything in *without*.
    """
    if structure.count < 2:
        return {}
    candidates = [
        leaf
        for leaf in structure.leaves.values()
        if len(set(map(str, leaf.values))) == len(leaf.values) == structure.count
        and not any(leaf.path[: len(other)] == other for other in without)
        and all(isinstance(v, str) and _LIKE_A_NUMBER.fullmatch(v) for v in leaf.values)
        and not moment(leaf.values)
        and not number(leaf.values)
    ]
    if not candidates:
        return {}
    leaf = min(candidates, key=lambda each: len(each.path))
    why = f"all have it, each another, such as {shown(leaf.values)}"
    return {"external_id": Proposed("external_id", leaf.expression, 0.5, why, leaf.path)}


def first_moment(structure: Structure, *, without: Collection[Path]) -> dict[str, Proposed]:
    """Return the only point in time that all messages have, whatever it is called."""
    found = [
        leaf
        for leaf in structure.leaves.values()
        if len(leaf.values) == structure.count
        and not any(leaf.path[: len(other)] == other for other in without)
        and moment(leaf.values)
    ]
    if not found:
        return {}
    leaf = min(found, key=lambda each: len(each.path))
    reading = moment(leaf.values)
    assert reading is not None
    asked = (f"{leaf.expression}: {reading.question}",) if reading.question else ()
    why = f"a point in time that all have, such as {shown(leaf.values)}"
    own = Proposed("ordered_at", reading.of(leaf.expression), 0.5, why, leaf.path, asked)
    return {"ordered_at": own}


def _score(leaf: Leaf, own: Path, target: Target, count: int) -> float:
    named = likeness(own, target.phrases)
    if named < LEAST or target.shape(leaf.values) is None:
        return 0.0
    usual = target.field.count(".") + 1
    score = named * _DEEPER ** max(0, len(own) - usual)
    if target.required and len(leaf.values) < count:
        score *= 0.7
    is_key = target.field in ("external_id", "line_id")
    # What repeats does not identify anything.
    if is_key and target.field == "external_id" and len(set(map(str, leaf.values))) < count:
        score *= 0.5
    return score


def _why(leaf: Leaf, count: int, target: Target) -> str:
    there = "in all" if len(leaf.values) >= count else f"in {len(leaf.values)} of {count}"
    return there if target.is_personal else f"{there}, such as {shown(leaf.values)}"


def shown(values: Iterable[Any]) -> str:
    """Return one of *values* as a comment may show it."""
    text = " ".join(str(next(iter(values))).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}.."
