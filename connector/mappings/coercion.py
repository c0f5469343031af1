"""Turn what an expression yielded into the type that a field of the external order has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel

from connector.mappings.date_functions import date_of, instant
from connector.mappings.number_functions import decimal
from connector.mappings.text_functions import text

Coercer = Callable[[Any], Any]


def plain_type(annotation: Any) -> Any:
    """Return *annotation* without Annotated and without ``| None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return plain_type(get_args(annotation)[0])
    if origin in (Union, UnionType):
        inner = [argument for argument in get_args(annotation) if argument is not type(None)]
        return plain_type(inner[0])
    return annotation


def model_in(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that a field holds and whether it holds many of them."""
    inner = plain_type(annotation)
    if get_origin(inner) is tuple:
        element = plain_type(get_args(inner)[0])
        return (element if _is_model(element) else None), True
    return (inner if _is_model(inner) else None), False


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _text(value: Any) -> str:
    return text(value)


def calendar_date(value: Any) -> date | None:
    """Return a calendar date, None for nothing; raises ValueError for a moment."""
    if isinstance(value, datetime):
        raise ValueError("is a moment; use day(value, zone) to say whose calendar counts")
    return date_of(value)


def boolean(value: Any) -> bool | None:
    """Return true or false, None for nothing; raises ValueError for anything else."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise ValueError(f"{str(value)[:40]!r} is neither true nor false")


def _mapping(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("is not a mapping of names to values")
    return {
        str(name): text(content)
        for name, content in value.items()
        if content is not None and content != ""
    }


_COERCERS: Final[dict[Any, Coercer]] = {
    str: _text,
    Decimal: decimal,
    date: calendar_date,
    datetime: instant,
    bool: boolean,
}


def coercer_for(annotation: Any) -> Coercer:
    """
    Return the function that makes a value fit *annotation*.

    It returns None (or the empty text) for an empty value and raises ValueError for one that
    cannot be meant.
    """
    inner = plain_type(annotation)
    if get_origin(inner) is dict:
        return _mapping
    return _COERCERS.get(inner, _text)
