"""
The functions that profiles and rules may call, besides those of JMESPath itself.

All are pure and exact: numbers are Decimal, never float, and nothing reads a clock. A function
that cannot make sense of its arguments raises ValueError with a message for the person who wrote
the expression. Empty (null) in gives empty out unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, Final

from connector.mappings import date_functions as dates
from connector.mappings import list_functions as lists
from connector.mappings import number_functions as numbers
from connector.mappings import text_functions as texts


@dataclass(frozen=True, slots=True)
class MappingFunction:
    """A function under the name it has in expressions, with how many arguments it takes."""

    name: str
    call: Callable[..., Any]
    least: int
    most: int | None

    @property
    def description(self) -> str:
        """Usage and meaning, in one paragraph."""
        return " ".join((self.call.__doc__ or "").split())


def _described(name: str, call: Callable[..., Any]) -> MappingFunction:
    parameters = signature(call).parameters.values()
    fixed = [p for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    least = sum(1 for p in fixed if p.default is Parameter.empty)
    return MappingFunction(name, call, least, len(fixed) if len(fixed) == len(parameters) else None)


_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "decimal": numbers.decimal,
    "text": texts.text,
    "trim": texts.trim,
    "upper": texts.upper,
    "lower": texts.lower,
    "left": texts.left,
    "concat": texts.concat,
    "joined": texts.joined,
    "sum": numbers.total,
    "add": numbers.add,
    "subtract": numbers.subtract,
    "multiply": numbers.multiply,
    "negate": numbers.negate,
    "abs": numbers.absolute,
    "rounded": numbers.rounded,
    "prorated": numbers.prorated,
    "ceil": numbers.ceiling,
    "floor": numbers.floor,
    "date": dates.date_of,
    "instant": dates.instant,
    "day": dates.day,
    "add_days": dates.add_days,
    "at": lists.at,
    "unique_by": lists.unique_by,
    "attach": lists.attach,
    "same_taxes": lists.same_taxes,
    "choose": lists.choose,
    "pairs": lists.pairs,
}

#: Every function of ours by its name in expressions.
FUNCTIONS: Final[dict[str, MappingFunction]] = {
    name: _described(name, call) for name, call in _CALLS.items()
}
