"""
What a caller gets back: canonical values as pyrfc shows them under its three options.

``rstrip`` (default on) cuts CHAR on the right, ``dtime`` turns dates and times into Python
objects (an initial date into None), ``return_import_params`` adds the import parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from connector.simulator.rfc.dictionary import FieldType, Function, Row, Structure
from connector.simulator.rfc.exceptions import RFCError

Wrapper = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Options:
    """The configuration of a connection; the names are pyrfc's."""

    dtime: bool = False
    rstrip: bool = True
    return_import_params: bool = False
    check_date: bool = True
    check_time: bool = True
    timeout: int | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any] | None) -> Options:
        """Read pyrfc's ``config=``; RFCError names an option that it does not know."""
        config = config or {}
        for name in config:
            if name not in cls.__dataclass_fields__:
                raise RFCError(f"Connection configuration option '{name}' is not supported")
        return cls(**config)


def wrap(function: Function, imports: Row, results: Row, options: Options) -> dict[str, Any]:
    """
    Return the answer of a call with every field of every structure filled in.

    A table that the function left alone comes back as it was sent.
    """
    answer: dict[str, Any] = {}
    wanted = function.parameters.values() if options.return_import_params else function.results
    for parameter in wanted:
        name, kind = parameter.name, parameter.type
        value = results[name] if name in results else imports.get(name)
        if isinstance(kind, FieldType):
            value = kind.initial() if value is None else value
            wrapper = _wrapper(kind.rfc, kind.length, options)
            answer[name] = wrapper(value) if wrapper else value
        elif parameter.is_table:
            answer[name] = [_row(kind, row, options) for row in value or ()]
        else:
            answer[name] = _row(kind, value or {}, options)
    return answer


def _row(structure: Structure, row: Row, options: Options) -> Row:
    template, wrappers = _plan(structure, options.rstrip, options.dtime)
    answer = template.copy()
    if not wrappers:
        answer.update(row)
        return answer
    for name, value in row.items():
        wrapper = wrappers.get(name)
        answer[name] = wrapper(value) if wrapper else value
    return answer


@cache
def _plan(structure: Structure, rstrip: bool, dtime: bool) -> tuple[Row, Mapping[str, Wrapper]]:
    options = Options(rstrip=rstrip, dtime=dtime)
    wrappers = {
        name: wrapper
        for name, kind in structure.fields.items()
        if (wrapper := _wrapper(kind.rfc, kind.length, options))
    }
    template = {
        name: wrappers[name](value) if name in wrappers else value
        for name, value in structure.initial.items()
    }
    return template, wrappers


def _wrapper(rfc: str, length: int, options: Options) -> Wrapper | None:
    if rfc == "CHAR" and not options.rstrip:
        return lambda value: value.ljust(length)
    if rfc == "DATE" and options.dtime:
        return _as_date
    if rfc == "TIME" and options.dtime:
        return _as_time
    return None


def _as_date(value: str) -> Any:
    return datetime.strptime(value, "%Y%m%d").replace(tzinfo=UTC).date() if value else None


def _as_time(value: str) -> Any:
    return datetime.strptime(value, "%H%M%S").replace(tzinfo=UTC).time()
