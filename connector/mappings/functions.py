"""
The functions that profiles and rules may call, besides those of JMESPath itself.

All are pure and exact: numbers are Decimal, never float, and nothing reads a clock. A function
that cannot make sense of its arguments raises ValueError with a message for the person who wrote
the expression. Empty (null) in gives empty out unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import Parameter, signature
from typing import Any, Final

from connector.mappings import calendars, units
from connector.mappings import date_functions as dates
from connector.mappings import list_functions as lists
from connector.mappings import matching_functions as matching
from connector.mappings import number_functions as numbers
from connector.mappings import text_functions as texts


@dataclass(frozen=True, slots=True)
class MappingFunction:
    """
    A function under the name it has in expressions, with how many arguments it takes.

    ``package`` names the distribution that brought it, empty for the connector's own.
    """

    name: str
    call: Callable[..., Any]
    least: int
    most: int | None
    package: str = ""

    @property
    def description(self) -> str:
        """Usage and meaning, in one paragraph."""
        return " ".join((self.call.__doc__ or "").split())


def described(name: str, call: Callable[..., Any], package: str = "") -> MappingFunction:
    """Return *call* with the number of its arguments as its signature says."""
    parameters = signature(call).parameters.values()
    fixed = [p for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    least = sum(1 for p in fixed if p.default is Parameter.empty)
    most = len(fixed) if len(fixed) == len(parameters) else None
    return MappingFunction(name, call, least, most, package)


_CALLS: Final[dict[str, Callable[..., Any]]] = {
    "decimal": numbers.decimal,
    "text": texts.text,
    "trim": texts.trim,
    "upper": texts.upper,
    "lower": texts.lower,
    "left": texts.left,
    "behind": texts.behind,
    "concat": texts.concat,
    "joined": texts.joined,
    "sum": numbers.total,
    "add": numbers.add,
    "subtract": numbers.subtract,
    "multiply": numbers.multiply,
    "negate": numbers.negate,
    "abs": numbers.absolute,
    "divided": matching.divided,
    "rounded": numbers.rounded,
    "from_minor": numbers.from_minor,
    "prorated": numbers.prorated,
    "ceil": numbers.ceiling,
    "floor": numbers.floor,
    "date": dates.date_of,
    "instant": dates.instant,
    "day": dates.day,
    "add_days": dates.add_days,
    "working_day": calendars.working_day,
    "add_working_days": calendars.add_working_days,
    "at": lists.at,
    "entries": lists.entries,
    "numbered": lists.numbered,
    "unique_by": lists.unique_by,
    "attach": lists.attach,
    "match": matching.match,
    "same_taxes": lists.same_taxes,
    "choose": lists.choose,
    "pairs": lists.pairs,
    "iso_unit": units.iso_unit,
}

#: Every function of the connector's own by its name in expressions.
FUNCTIONS: Final[dict[str, MappingFunction]] = {
    name: described(name, call) for name, call in _CALLS.items()
}


@cache
def all_functions() -> Mapping[str, MappingFunction]:
    """
    Return every function beside JMESPath's: the connector's own, then those of packages.

    Read once: what is installed while the process runs is seen by the next one.

    Raises:
        ConfigurationError: a package's function is not what it must be.
    """
    from connector.mappings.function_packages import installed_functions

    return {**FUNCTIONS, **installed_functions(FUNCTIONS)}


def function_named(name: str) -> MappingFunction | None:
    """Return the function *name*, None where neither we nor a package have it."""
    return FUNCTIONS.get(name) or all_functions().get(name)
