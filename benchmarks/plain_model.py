"""A plain pydantic model of a message, equal in content: the floor of reading and checking it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import BaseModel, create_model


def plain_model(name: str, examples: Iterable[Mapping[str, Any]]) -> type[BaseModel]:
    """
    Return a model with a field for every member that any of *examples* has, at every level.

    Texts that are numbers become Decimal and those that are moments datetime, as a program that
    works with them would declare them; everything may be missing.
    """
    values: dict[str, list[Any]] = {}
    for example in examples:
        for key, value in example.items():
            values.setdefault(key, []).append(value)
    fields: dict[str, Any] = {
        key: (_type_of(f"{name}_{key}", found) | None, None) for key, found in values.items()
    }
    return create_model(name, **fields)


def _type_of(name: str, values: list[Any]) -> Any:
    found = [value for value in values if value is not None]
    if any(isinstance(value, dict) for value in found):
        return plain_model(name, [value for value in found if isinstance(value, dict)])
    if any(isinstance(value, list) for value in found):
        elements = [element for value in found for element in value]
        return list[_type_of(name, elements)] if elements else list[str]  # type: ignore[misc]
    for kind in (bool, int, Decimal, datetime):
        if found and all(_fits(value, kind) for value in found):
            return kind
    return str


def _fits(value: Any, kind: type) -> bool:
    if kind in (bool, int):
        return type(value) is kind
    try:
        if kind is Decimal:
            Decimal(str(value))
        else:
            datetime.fromisoformat(value)
    except (InvalidOperation, ValueError, TypeError):
        return False
    return True
