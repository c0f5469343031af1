"""Records to JSON and back: amounts as text, dates in ISO form, nothing that could run."""

from __future__ import annotations

import dataclasses
import functools
import json
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_READERS: dict[Any, Callable[[Any], Any]] = {
    str: str,
    int: int,
    bool: bool,
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def encoded(record: Any) -> str:
    """Return a record as JSON; fields at their default are left out."""
    return json.dumps(_plain(record), separators=(",", ":"), ensure_ascii=False)


def decoded(record_type: type[Any], text: str) -> Any:
    """Return the record that `encoded` wrote."""
    hint: Any = record_type
    return _reader(hint)(json.loads(text))


def _plain(value: Any) -> Any:
    kind: Any = type(value)
    if kind in (str, int, bool) or value is None:
        return value
    if kind is Decimal:
        return str(value)
    if kind is tuple:
        return [_plain(each) for each in value]
    if kind is datetime or kind is date:
        return value.isoformat()
    plain = {}
    for name, default in _defaults(kind):
        field = getattr(value, name)
        if field is not default and field != default:
            plain[name] = _plain(field)
        elif type(field) is Decimal and str(field) != str(default):
            # 0 and 0.00 are equal but not the same to whoever reads the amount.
            plain[name] = str(field)
    return plain


@functools.cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((field.name, field.default) for field in dataclasses.fields(kind))


@functools.cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, types.UnionType):
        inner = _reader(next(each for each in typing.get_args(hint) if each is not type(None)))
        return lambda value: None if value is None else inner(value)
    if typing.get_origin(hint) is tuple:
        inner = _reader(typing.get_args(hint)[0])
        return lambda value: tuple(inner(each) for each in value)
    if hint in _READERS:
        return _READERS[hint]
    record: Any = hint
    hints = typing.get_type_hints(record)
    readers = {field.name: _reader(hints[field.name]) for field in dataclasses.fields(hint)}
    return lambda value: hint(**{name: readers[name](each) for name, each in value.items()})
