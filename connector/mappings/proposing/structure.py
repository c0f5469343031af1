"""What stands where in sample messages: values by their path, and lists of objects."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Path = tuple[str, ...]

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HAS_DIGIT: Final = re.compile(r"\d")
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
    #: Under which name each element has its key, where they stand in an object with an object for
    #: each of them (``{"1": {..}, "2": {..}}``) instead of a list.
    keyed_by: str = ""

    @property
    def elements(self) -> list[Mapping[str, Any]]:
        """All objects."""
        return [each for listed in self.by_message for each in listed]

    @property
    def expression(self) -> str:
        """The path as an expression; lists within lists become one."""
        path = expression_of(self.path)
        if self.keyed_by:
            return f"entries({path}, '{self.keyed_by}')"
        return f"{path}[]" if any(key.endswith("[]") for key in self.path) else path


@dataclass(slots=True)
class Structure:
    """What a number of objects of one kind have."""

    count: int = 0
    leaves: dict[Path, Leaf] = field(default_factory=dict)
    lists: dict[Path, Listed] = field(default_factory=dict)
    objects: dict[Path, int] = field(default_factory=dict)
    #: Objects that are lists in disguise, by the name under which their elements have their keys.
    keyed: Mapping[Path, str] = field(default_factory=dict)


def structure_of(
    objects: Sequence[Mapping[str, Any]], keyed: Mapping[Path, str] | None = None
) -> Structure:
    """Return what *objects* have, by path; *keyed* is what is known to be a list in disguise."""
    found = Structure(keyed=_keyed(objects) if keyed is None else keyed)
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
            if path in found.keyed:
                name = found.keyed[path]
                listed = found.lists.setdefault(path, Listed(path, keyed_by=name))
                listed.by_message.append([{**each, name: key} for key, each in inner.items()])
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


def _keyed(objects: Sequence[Mapping[str, Any]]) -> dict[Path, str]:
    """
    Return the objects that are lists in disguise: an object under each key, and the keys are
    numbers, or others in each message.
    """
    seen: dict[Path, list[Mapping[str, Any]]] = {}
    for each in objects:
        for path, inner in _objects_in(each, ()):
            seen.setdefault(path, []).append(inner)
    found: dict[Path, str] = {}
    for path, all_of in seen.items():
        if any(path[: len(above)] == above for above in found):
            continue
        keys = Counter(key for inner in all_of for key in inner)
        is_number = all(key.isdigit() for key in keys)
        differs = all(_HAS_DIGIT.search(key) for key in keys) and (
            len(all_of) == 1 or max(keys.values()) <= len(all_of) / 2
        )
        if is_number or differs:
            own = {name for inner in all_of for each in inner.values() for name in each}
            found[path] = "key" if "key" not in own else "entry_key"
    return found


def _objects_in(
    value: Mapping[str, Any], above: Path
) -> Iterator[tuple[Path, Mapping[str, Mapping[str, Any]]]]:
    """Yield objects with nothing but objects in them, from the outermost."""
    for key, inner in value.items():
        if not isinstance(inner, Mapping) or not inner or len(above) >= _DEEPEST:
            continue
        path = (*above, key)
        if all(isinstance(each, Mapping) for each in inner.values()):
            yield path, inner
        yield from _objects_in(inner, path)


def expression_of(path: Path) -> str:
    """Return *path* as an expression, with quotes where a key needs them."""
    return ".".join(_written(key) for key in path)


def _written(key: str) -> str:
    if key.endswith("[]"):
        return f"{_written(key[:-2])}[]"
    return key if _PLAIN.fullmatch(key) else json.dumps(key, ensure_ascii=False)
