"""
What differs between two versions of a document, field by field, and which rule made it.

Items are compared by the channel's line, conditions by their type, partners by their function: what
is added in between does not make all that follows look different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from enum import StrEnum
from typing import Any, Final

from connector.mappings.amount_effects import Effects
from connector.mappings.entered_value import Amounts
from connector.mappings.mapped_order import FieldTrace
from connector.mappings.text_functions import text

NO_AMOUNTS: Final[Amounts] = {}


class Kind(StrEnum):
    """What kind of difference it is."""

    UNREADABLE = "no longer readable"
    UNREADABLE_OTHERWISE = "unreadable for another reason"
    READABLE = "readable now"
    HELD = "newly held"
    FREED = "no longer held"
    HELD_OTHERWISE = "held for another reason"
    ORDER = "read differently"
    DOCUMENT = "document"
    FIELD = "field"
    PAYMENT = "payment"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One difference.

    ``field`` is without positions (``items[].material``), or the code of a hold or notice;
    ``where`` is the very place. ``rule`` is the key of the rule that made the new value (the old
    one where there is none any more), ``place`` where it is written. ``amounts`` is by how much
    the order becomes dearer or, for holds and notices, what is concerned.
    """

    kind: Kind
    field: str
    where: str = ""
    old: str = ""
    new: str = ""
    rule: str = ""
    place: str = ""
    amounts: Amounts = with_default(default_factory=dict)


class Origins:
    """The traces of a document by the path of the field."""

    def __init__(self, trace: Sequence[FieldTrace]) -> None:
        self._at = {each.path: each for each in trace}

    def of(self, path: str) -> FieldTrace | None:
        """Return the trace of the field at *path*, or of the first field inside it."""
        exact = self._at.get(path)
        if exact is not None:
            return exact
        inside = (f"{path}.", f"{path}[")
        return next((each for at, each in self._at.items() if at.startswith(inside)), None)


#: What tells elements of a list apart, by the name of the list; others go by their position.
_IDENTITY: Final[Mapping[str, Callable[[dict[str, Any]], str]]] = {
    "items": lambda each: each.get("line_id") or str(each.get("item_number", "")),
    "lines": lambda each: each.get("line_id") or "",
    "conditions": lambda each: each["condition_type"],
    "partners": lambda each: each["function"].name.lower()
    + (f" of item {each['item_number']}" if each.get("item_number") else ""),
    "texts": lambda each: f"{each['text_id']} {each['language']}"
    + (f" of item {each['item_number']}" if each.get("item_number") else ""),
    "payments": lambda each: each["payment_id"],
}  # fmt: skip
#: Of these the identity says which kind it is, and stays in the name of the field.
_KINDS: Final = ("conditions", "partners", "texts")
#: Positions and names that change with the rest, and mean nothing by themselves.
_LEFT_OUT: Final = frozenset({"item_number", "line_id", "condition_type", "function", "text_id"})


class FieldDifferences:
    """Compares plain values, name by name."""

    def __init__(self, kind: Kind, name: str, old: Origins, new: Origins) -> None:
        self._kind, self._name, self._old, self._new = kind, name, old, new
        self.effects: Effects = {}

    def mappings(
        self, field: str, before: str, after: str, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[Difference]:
        """Yield what differs inside; the three texts are the field, and its path in both."""
        for name in [*new, *(each for each in old if each not in new)]:
            one, other = old.get(name), new.get(name)
            if one == other or name in _LEFT_OUT:
                continue
            dot = "." if field else ""
            inner = f"{field}{dot}{name}", f"{before}{dot}{name}", f"{after}{dot}{name}"
            yield from self._values(name, inner, one, other)

    def _values(
        self, name: str, at: tuple[str, str, str], old: Any, new: Any
    ) -> Iterator[Difference]:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self.mappings(*at, old, new)
        elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
            yield from self._lists(name, at, old, new)
        else:
            yield self._difference(at, old, new)

    def _lists(
        self, name: str, at: tuple[str, str, str], old: Sequence[Any], new: Sequence[Any]
    ) -> Iterator[Difference]:
        field, before, after = at
        ours, theirs = _identified(name, old), _identified(name, new)
        for identity in [*theirs, *(each for each in ours if each not in theirs)]:
            kind = identity.partition(" of item")[0].partition("#")[0].strip()
            shown = f"{field}[{kind if name in _KINDS else ''}]"
            mine, other = ours.get(identity), theirs.get(identity)
            one = f"{before}[{mine[0]}]" if mine else ""
            two = f"{after}[{other[0]}]" if other else ""
            if mine is None or other is None:
                found = (mine or other or (0, None))[1]
                told = _told(found)
                yield self._difference(
                    (shown, one, two), told if mine else None, told if other else None
                )
            elif mine[1] != other[1]:
                yield from self._values("", (shown, one, two), mine[1], other[1])

    def _difference(self, at: tuple[str, str, str], old: Any, new: Any) -> Difference:
        field, before, after = at
        trace = self._new.of(after) if after and new not in (None, "") else None
        trace = trace or (self._old.of(before) if before else None)
        amounts = self.effects.pop(f"new {after}", None) if after else None
        if amounts is None and before:
            amounts = self.effects.pop(f"old {before}", None)
        prefix = f"{self._name}." if self._name == "order" else ""
        return Difference(
            self._kind,
            f"{prefix}{field}" if prefix or not self._name else f"{self._name}: {field}",
            where=after or before,
            old=_told(old),
            new=_told(new),
            rule=_key(trace),
            place=trace.file if trace is not None else "",
            amounts=amounts or NO_AMOUNTS,
        )


def _identified(name: str, elements: Sequence[Any]) -> dict[str, tuple[int, Any]]:
    """Return the elements with their positions, by what tells them apart."""
    identity = _IDENTITY.get(name)
    found: dict[str, tuple[int, Any]] = {}
    seen: dict[str, int] = {}
    for position, element in enumerate(elements):
        own = identity(element) if identity is not None and isinstance(element, dict) else ""
        number = seen[own] = seen.get(own, 0) + 1
        found[own if number == 1 and own else f"{own}#{number}"] = position, element
    return found


def _told(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = ((name, _told(part)) for name, part in value.items() if name != "line_id")
        return ", ".join(f"{name} {part}" for name, part in parts if part)
    if isinstance(value, list | tuple):
        return "; ".join(_told(each) for each in value)
    return text(value)


def _key(trace: FieldTrace | None) -> str:
    """Return the key of the rule, and the table it looked in without the row."""
    if trace is None:
        return ""
    key, _, rest = trace.rule.partition(" = ")
    _, bracket, row = rest.rpartition(" [")
    table = row.partition(":")[0] if bracket and row.endswith("]") else ""
    return f"{key} [{table}]" if table.endswith((".csv", ".xlsx")) else key
