"""
Which field does a person mean? Names of fields of documents, and the nearest of them.

A field is known by its path in the document (``items[0].material``). People leave out positions
(``items.material``), say the last name alone (``material``), the type of a condition (``PR00``),
the function of a partner (``ship_to_party.city``) or the name of OData (``SoldToParty``).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_POSITION: Final = re.compile(r"\[(\d+)\]")
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
#: Below this likeness a name is another word, and not a misspelling.
_NEAR: Final = 0.6


@dataclass(frozen=True, slots=True)
class Choice:
    """The ``paths`` that a name means; ``is_guess`` where no field has just that name."""

    paths: tuple[str, ...]
    is_guess: bool


def without_positions(path: str) -> str:
    """Return *path* without the positions in lists: ``items.material``."""
    return _POSITION.sub("", path)


def names_of(path: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the names of the field at *path*, the most exact first.

    *document* (as plain values) tells the functions of partners and the types of conditions.
    """
    plain = without_positions(path)
    names = [path, plain]
    parts = plain.split(".")
    names += [".".join(parts[start:]) for start in range(1, len(parts))]
    at = document
    for place in re.finditer(r"(\w+)(?:\[(\d+)\])?\.?", path):
        name, position = place.group(1), place.group(2)
        inner: Any = at.get(name) if isinstance(at, Mapping) else None
        if position is not None:
            listed = isinstance(inner, Sequence) and not isinstance(inner, str)
            inner = inner[int(position)] if listed and int(position) < len(inner) else None
        rest = without_positions(path[place.end() :])
        if isinstance(inner, Mapping):
            names += _own_names(inner, rest)
        at = inner if isinstance(inner, Mapping) else {}
    return tuple(dict.fromkeys(names))


def _own_names(element: Mapping[str, Any], rest: str) -> list[str]:
    """Return what people call the field *rest* of a condition, a partner or a text."""
    for kind, usual in (("condition_type", "rate"), ("function", "customer"), ("text_id", "")):
        own = element.get(kind)
        if isinstance(own, str):
            name = _FUNCTIONS.get(own, own) if kind == "function" else own
            names = [f"{name}.{rest}", f"{name}.{rest.rpartition('.')[2]}"] if rest else []
            return [*names, name] if rest == usual else names
    return []


_FUNCTIONS: Final = {
    "AG": "sold_to_party",
    "WE": "ship_to_party",
    "RE": "bill_to_party",
    "RG": "payer",
}


def choose(wanted: str, names: Mapping[str, Iterable[str]]) -> Choice:
    """
    Return the paths that *wanted* means; *names* are those of each path, the most exact first.

    Where no field has that name, the nearest one is taken as a guess; no paths where none is near.
    """
    asked = _normal(wanted)
    exact: dict[int, list[str]] = {}
    known: dict[str, list[str]] = {}
    for path, own in names.items():
        for rank, name in enumerate(own):
            normal = _normal(name)
            known.setdefault(normal, []).append(path)
            if normal == asked:
                exact.setdefault(0 if rank == 0 else 1, []).append(path)
    if exact:
        return Choice(tuple(dict.fromkeys(exact[min(exact)])), is_guess=False)
    close = difflib.get_close_matches(asked, list(known), n=1, cutoff=_NEAR)
    if not close:
        return Choice((), is_guess=True)
    return Choice(tuple(dict.fromkeys(known[close[0]])), is_guess=True)


def _normal(name: str) -> str:
    """Return *name* as our fields are written: SoldToParty and ``sold-to party`` alike."""
    spaced = _CAPITAL.sub("_", name.strip().removeprefix("order."))
    return re.sub(r"[\s_-]+", "_", spaced).replace("[]", "").lower()
