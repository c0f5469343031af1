"""What stands where in sample messages: values by their path, and lists of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Path = tuple[str, ...]

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: How deep objects within objects are looked into.
_DEEPEST: Final = 6


@dataclass(slots=True)
class Leaf:
    """A value: its ``path`` from the object, what stood there, and in how many objects it did."""

    path: Path
    values: list[Any] = field(default_factory=list)

    @property
    def expression(self) -> str:
        """The path as an expression."""
        return expression_of(self.path)


@dataclass(slots=True)
class Listed:
    """A list of objects: its ``path``, and the objects of all messages in it."""

    path: Path
    #: The objects of each message that has the list.
    by_message: list[list[Mapping[str, Any]]] = field(default_factory=list)
    #: An object with an object for each key (``{"1": {..}, "2": {..}}``) instead of a list.
    is_keyed: bool = False

    @property
    def elements(self) -> list[Mapping[str, Any]]:
        """All objects."""
        return [each for listed in self.by_message for each in listed]

    @property
    def expression(self) -> str:
        """The path as an expression; lists within lists become one."""
        path = expression_of(self.path)
        if self.is_keyed:
            return f"values({path})"
        return f"{path}[]" if any(key.endswith("[]") for key in self.path) else path


@dataclass(slots=True)
class Structure:
    """What a number of objects of one kind have."""

    count: int = 0
    leaves: dict[Path, Leaf] = field(default_factory=dict)
    lists: dict[Path, Listed] = field(default_factory=dict)
    objects: dict[Path, int] = field(default_factory=dict)


def structure_of(objects: Iterable[Mapping[str, Any]]) -> Structure:
    """Return what *objects* have, by path."""
    found = Structure()
    for each in objects:
        found.count += 1
        _look(each, (), found)
    return found


def _look(value: Mapping[str, Any], above: Path, found: Structure) -> None:
    for key, inner in value.items():
        path = (*above, key)
        if inner is None or inner in ("", []):
            continue
        if isinstance(inner, Mapping):
            if _is_keyed(inner):
                listed = found.lists.setdefault(path, Listed(path, is_keyed=True))
                listed.by_message.append(list(inner.values()))
            elif len(path) < _DEEPEST:
                found.objects[path] = found.objects.get(path, 0) + 1
                _look(inner, path, found)
        elif isinstance(inner, Sequence) and not isinstance(inner, str):
            objects = [each for each in inner if isinstance(each, Mapping)]
            if objects and len(objects) == len(inner):
                found.lists.setdefault(path, Listed(path)).by_message.append(objects)
                _look_inside(objects, path, found)
        else:
            found.leaves.setdefault(path, Leaf(path)).values.append(inner)


def _look_inside(objects: Sequence[Mapping[str, Any]], path: Path, found: Structure) -> None:
    """Note lists within a list, as of the parcels of an order, as one list of all."""
    if len(path) > 2:
        return
    flat: dict[str, list[Mapping[str, Any]]] = {}
    for each in objects:
        for key, inner in each.items():
            if isinstance(inner, list) and inner and all(isinstance(e, Mapping) for e in inner):
                flat.setdefault(key, []).extend(inner)
    for key, elements in flat.items():
        inside = (*path[:-1], f"{path[-1]}[]", key)
        found.lists.setdefault(inside, Listed(inside)).by_message.append(elements)


def _is_keyed(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is a list in disguise: an object under each of its numbers."""
    return bool(value) and all(
        key.isdigit() and isinstance(inner, Mapping) for key, inner in value.items()
    )


def expression_of(path: Path) -> str:
    """Return *path* as an expression, with quotes where a key needs them."""
    return ".".join(_written(key) for key in path)


def _written(key: str) -> str:
    if key.endswith("[]"):
        return f"{_written(key[:-2])}[]"
    return key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)
