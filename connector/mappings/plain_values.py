"""An external order as the plain values that expressions see."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel

from connector.mappings.coercion import plain_type


def plain_values(model: BaseModel) -> dict[str, Any]:
    """
    Return the fields of *model* as it dumps them, with lists for tuples.

    JMESPath knows no other sequence. Nothing in what is returned belongs to the model. Works for
    models whose fields are values, models, tuples of models, and mappings of texts.
    """
    values = dict(model.__dict__)
    for name in _structured(type(model)):
        value = values[name]
        if isinstance(value, tuple):
            values[name] = [plain_values(each) for each in value]
        elif isinstance(value, BaseModel):
            values[name] = plain_values(value)
        elif isinstance(value, dict):
            values[name] = dict(value)
    return values


@cache
def _structured(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of *model* that may hold more than a single value."""
    return tuple(
        name for name, field in model.model_fields.items() if not _is_single(field.annotation)
    )


def _is_single(annotation: Any) -> bool:
    inner = plain_type(annotation)
    return isinstance(inner, type) and issubclass(inner, (str, bool, Decimal, date))
