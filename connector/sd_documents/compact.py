"""
Many documents in less memory: what is equal for all of a kind is kept once.

Each model remembers which of its fields were given, in a set of its own that is larger than most of
its values. Models of one class nearly always were given the same fields.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel

from connector.sd_documents.model import Frozen

M = TypeVar("M", bound=Frozen)

#: The sets in use, by class. There are as many as ways in which documents are made.
_SETS: Final[dict[type[BaseModel], list[set[str]]]] = {}
_MOST_SETS: Final = 64
_LOCK: Final = threading.Lock()
_set_attribute = object.__setattr__


def compact(model: M) -> M:
    """
    Let *model* and all models in it share what they have in common with others; return it.

    Nothing that anybody sees of it changes: not its fields, nor which of them were given.
    """
    kind = type(model)
    given = model.__pydantic_fields_set__
    for known in _SETS.get(kind, ()):
        if known is given:
            # Shared already, and with it everything inside.
            return model
        if known == given:
            _set_attribute(model, "__pydantic_fields_set__", known)
            break
    else:
        _learn(kind, given)
    values = model.__dict__
    for name in _nesting(kind):
        value = values[name]
        if isinstance(value, Frozen):
            compact(value)
        elif type(value) is tuple:
            for each in value:
                if isinstance(each, Frozen):
                    compact(each)
    return model


def compacted(models: Iterable[M]) -> tuple[M, ...]:
    """Return *models*, each made compact."""
    return tuple(map(compact, models))


def _learn(kind: type[BaseModel], given: set[str]) -> None:
    with _LOCK:
        known = _SETS.get(kind, [])
        if len(known) < _MOST_SETS:
            # A new list, since others may be walking through the old one.
            _SETS[kind] = [*known, set(given)]


@cache
def _nesting(kind: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of *kind* that may hold models."""
    return tuple(
        name for name, field in kind.model_fields.items() if _may_hold_models(field.annotation)
    )


def _may_hold_models(annotation: Any) -> bool:
    parts = get_args(annotation)
    if parts:
        return any(map(_may_hold_models, parts))
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
