"""Which value of a structure is which field: by name, by look, and by how many have it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.mappings.proposing.names import likeness
from connector.mappings.proposing.structure import Leaf, Path, Structure
from connector.mappings.proposing.vocabulary import Target

#: A less likely field is not proposed.
LEAST: Final = 0.45
#: How much less likely a value is for each object that it lies in.
_DEEPER: Final = 0.88
_LONGEST: Final = 30


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
        for number, target in enumerate(targets):
            score = _score(leaf, own, target, structure.count)
            if score >= LEAST:
                pairs.append((score, -number, leaf, target))
    found: dict[str, Proposed] = {}
    taken: set[Path] = set()
    # What an order cannot be without chooses first.
    rank = sorted(pairs, key=lambda each: (each[3].required, *each[:2]), reverse=True)
    for score, _, leaf, target in rank:
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
