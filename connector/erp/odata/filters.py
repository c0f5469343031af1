"""``$filter`` expressions, and how many of a list of values go into one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from connector.erp.odata.values import Literal, literal


def compared(field: str, operator: str, value: Literal) -> str:
    """Return ``field operator literal``; *operator* is eq, ne, ge, gt, le or lt."""
    return f"{field} {operator} {literal(value)}"


def any_of(field: str, values: Iterable[Literal]) -> str:
    """Return that *field* is one of *values*, in parentheses; OData v2 has no ``in``."""
    terms = [compared(field, "eq", value) for value in values]
    return either(*terms)


def either(*terms: str) -> str:
    """Return that one of *terms* holds."""
    if not terms:
        raise ValueError("a filter without terms would select everything")
    return terms[0] if len(terms) == 1 else f"({' or '.join(terms)})"


def both(*terms: str) -> str:
    """Return that all of *terms* hold; empty ones are left out."""
    return " and ".join(term for term in terms if term)


def chunks(values: Iterable[str], size: int) -> Iterator[Sequence[str]]:
    """Yield *values* without repetitions, in pieces of at most *size*."""
    each_once = list(dict.fromkeys(values))
    for start in range(0, len(each_once), size):
        yield each_once[start : start + size]
