"""
Functions that other packages bring: the one way to extend mapping by code.

A package names its functions as entry points of the group ``sd_connector.mapping_functions``; the
name of the entry point is the function's name in expressions. Such a function is typed: its
parameters and its result are ``str``, ``Decimal``, ``int``, ``bool``, ``date`` or ``datetime``
(each may be ``| None``), its docstring begins with how it is called. It must be pure: equal
arguments give equal results, and it reads no clock, file or network.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from importlib.metadata import EntryPoint, entry_points
from inspect import Parameter, signature
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from connector.errors import ConfigurationError
from connector.mappings.coercion import Coercer, boolean, calendar_date
from connector.mappings.date_functions import instant
from connector.mappings.functions import MappingFunction, described
from connector.mappings.number_functions import decimal
from connector.mappings.text_functions import text

GROUP: Final = "sd_connector.mapping_functions"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


def _whole(value: Any) -> int | None:
    number = decimal(value)
    if number is not None and number != number.to_integral_value():
        raise ValueError(f"{number:f} is not a whole number")
    return None if number is None else int(number)


_CONVERTERS: Final[Mapping[Any, Coercer]] = {
    str: text,
    Decimal: decimal,
    int: _whole,
    bool: boolean,
    date: calendar_date,
    datetime: instant,
}
#: What a package's function may raise about its arguments, and what its mistakes raise.
_FAILURES: Final = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, OSError)


def installed_functions(taken: Collection[str]) -> dict[str, MappingFunction]:
    """
    Return the functions of installed packages by name; *taken* are names they must not have.

    Raises:
        ConfigurationError: a function cannot be imported, is not typed as it must be, or has a
            name that is taken; names package and entry point.
    """
    return functions_of(entry_points(group=GROUP), taken)


def functions_of(found: Iterable[EntryPoint], taken: Collection[str]) -> dict[str, MappingFunction]:
    """Return the functions that the entry points *found* name; see :func:`installed_functions`."""
    functions: dict[str, MappingFunction] = {}
    for point in sorted(found, key=lambda point: point.name):
        package = point.dist.name if point.dist is not None else point.module
        where = f"{package}: entry point {point.name} = {point.value}"
        if not _NAME.fullmatch(point.name):
            raise ConfigurationError(where, "is not a name such as net_weight", "Rename it")
        if point.name in taken or point.name in functions:
            raise ConfigurationError(
                where, f"there is a function {point.name}() already", "Give it another name"
            )
        try:
            call = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                where, f"cannot be imported ({error})", f"Install {package} anew"
            ) from error
        functions[point.name] = described(point.name, _typed(call, where, point.name), package)
    return functions


def _typed(call: Any, where: str, name: str) -> Callable[..., Any]:
    """Return *call* so that its arguments come as its annotations say."""
    if not callable(call):
        raise ConfigurationError(where, "is not a function")
    if not (call.__doc__ or "").strip():
        raise ConfigurationError(where, "has no docstring", f"Begin it with `{name}(..)`: what")
    hints = get_type_hints(call)
    parameters = list(signature(call).parameters.values())
    fixed = [
        _converter(hints.get(parameter.name), where, f"its parameter {parameter.name}")
        for parameter in parameters
        if parameter.kind is not Parameter.VAR_POSITIONAL
    ]
    rest = [
        _converter(hints.get(parameter.name), where, f"its parameter *{parameter.name}")
        for parameter in parameters
        if parameter.kind is Parameter.VAR_POSITIONAL
    ]
    _converter(hints.get("return"), where, "its result")
    if any(p.kind in (Parameter.KEYWORD_ONLY, Parameter.VAR_KEYWORD) for p in parameters):
        raise ConfigurationError(where, "has keyword arguments, which expressions cannot give")

    @wraps(call)
    def typed(*arguments: Any) -> Any:
        converters = fixed + rest * max(0, len(arguments) - len(fixed))
        values = [
            convert(argument) for convert, argument in zip(converters, arguments, strict=False)
        ]
        try:
            return call(*values)
        except _FAILURES as error:
            raise ValueError(f"{name}() failed: {type(error).__name__}: {error}") from error

    return typed


def _converter(annotation: Any, where: str, what: str) -> Coercer:
    inner = annotation
    is_optional = False
    if get_origin(annotation) in (Union, UnionType):
        others = [part for part in get_args(annotation) if part is not type(None)]
        is_optional = len(others) < len(get_args(annotation))
        inner = others[0] if len(others) == 1 else annotation
    convert = _CONVERTERS.get(inner)
    if convert is None:
        known = ", ".join(kind.__name__ for kind in _CONVERTERS)
        named = getattr(annotation, "__name__", str(annotation))
        raise ConfigurationError(
            where,
            f"{what} is annotated as {named}" if annotation is not None else f"{what} has no type",
            f"Annotate it as one of {known}",
        )
    if is_optional or inner is str:
        return convert

    def required(value: Any) -> Any:
        converted = convert(value)
        if converted is None:
            raise ValueError(f"{what.removeprefix('its ')} is empty")
        return converted

    return required
