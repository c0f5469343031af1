"""Rows of text turned into typed records, with errors that name table, line and field."""

from __future__ import annotations

import csv
import dataclasses
import difflib
import functools
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from connector.errors import ConfigurationError

Rows = Iterable[Mapping[str, object]]

_TRUE, _FALSE = ("x", "true", "yes", "1"), ("", "false", "no", "0")


def read_rows(path: Path) -> list[dict[str, str]]:
    """
    Return the rows of a CSV file with a header line, UTF-8, comma separated.

    Raises ConfigurationError naming file and line when it cannot be read as such.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    raise ConfigurationError(
                        f"{path.name}, line {reader.line_num}",
                        f"expected {len(reader.fieldnames or ())} columns",
                        "Count the commas; text with a comma needs double quotes",
                    )
                rows.append(row)
            return rows
    except OSError as error:
        raise ConfigurationError(str(path), error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(path), str(error), "Save it as CSV in UTF-8") from error


def parse(record: Any, rows: Rows, table: str) -> list[Any]:
    """
    Return *rows* as instances of *record*; values may be text or already typed.

    Raises ConfigurationError naming table, line (the header is line 1) and field.
    """
    converters, required = _columns(record)
    parsed = []
    for line, row in enumerate(rows, start=2):
        where = f"{table}, line {line}"
        for column in row:
            if column not in converters:
                near = difflib.get_close_matches(column, converters, n=1)
                hint = f"Did you mean {near[0]}" if near else f"Known: {', '.join(converters)}"
                raise ConfigurationError(where, f"unknown column {column!r}", hint)
        values: dict[str, Any] = {}
        for column, convert in converters.items():
            given = row.get(column, "")
            if isinstance(given, str):
                given = given.strip()
            if given in ("", None):
                if column in required:
                    raise ConfigurationError(f"{where}, field {column}", "must not be empty")
                continue
            try:
                values[column] = convert(given)
            except (ValueError, InvalidOperation) as error:
                raise ConfigurationError(
                    f"{where}, field {column}", f"cannot read {given!r}", str(error)
                ) from error
        parsed.append(record(**values))
    return parsed


@functools.cache
def _columns(record: Any) -> tuple[dict[str, Callable[[Any], Any]], frozenset[str]]:
    hints = typing.get_type_hints(record)
    fields = dataclasses.fields(record)
    converters = {field.name: _converter(hints[field.name]) for field in fields}
    required = frozenset(field.name for field in fields if field.default is dataclasses.MISSING)
    return converters, required


def _converter(hint: Any) -> Callable[[Any], Any]:
    if isinstance(hint, types.UnionType):
        hint = next(each for each in typing.get_args(hint) if each is not type(None))
    if typing.get_origin(hint) is tuple:
        return _words
    return {str: _text, int: _int, bool: _bool, Decimal: _decimal, date: _date}[hint]


def _text(value: Any) -> str:
    return str(value)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


def _int(value: Any) -> int:
    return int(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float):
        raise ValueError("expected a decimal number as text, not a float")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("expected a finite number")
    return number


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError("expected X or nothing")


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)
