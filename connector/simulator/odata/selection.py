"""Filters, orders, counts and pages a collection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from connector.simulator.odata.entity_set import Entity
from connector.simulator.odata.errors import bad_request
from connector.simulator.odata.expressions import (
    Binary,
    Call,
    Expression,
    Junction,
    Member,
    Unary,
)
from connector.simulator.odata.filter_compile import (
    compile_condition,
    compile_expression,
)
from connector.simulator.odata.options import QueryOptions
from connector.simulator.odata.schema import Set
from connector.simulator.odata.source import Source


@dataclass(slots=True)
class Selection:
    """
    One page: its entities, the number of all of them when it was asked for, and the offset at
    which the next page starts (None: this is the last).
    """

    entities: list[Entity]
    count: int | None = None
    next: int | None = None


def select(
    source: Source, set_: Set, rows: Iterable[Entity], options: QueryOptions, page_size: int
) -> Selection:
    """Return the page of *rows* that *options* ask for. Raises ODataError (400)."""
    filtered: Iterable[Entity] = filtering(source, set_, options.filter)(rows)
    count = None
    if options.inlinecount:
        filtered = list(filtered)
        count = len(filtered)
    for expression, descending in reversed(options.orderby):
        filtered = sorted(filtered, key=_order(source, set_, expression), reverse=descending)
    left = None if options.top is None else max(0, options.top - options.skiptoken)
    wanted = page_size if left is None else left if not page_size else min(page_size, left)
    start = options.skip + options.skiptoken
    if not wanted and left is None:
        return Selection(list(islice(filtered, start, None)), count)
    page = list(islice(filtered, start, start + wanted + 1))
    more = len(page) > wanted and (left is None or left > wanted)
    return Selection(page[:wanted], count, options.skiptoken + wanted if more else None)


def filtering(
    source: Source, set_: Set, expression: Expression | None
) -> Callable[[Iterable[Entity]], Iterator[Entity]]:
    """Return what lets those entities pass that satisfy *expression*. Raises ODataError (400)."""
    if expression is None:
        return iter
    _check_filterable(source, set_, expression)
    condition = compile_condition(expression, lambda path: source.property_at(set_, path))
    return lambda rows: (row for row in rows if condition(source.getter(set_, row)))


def _order(source: Source, set_: Set, expression: Expression) -> Callable[[Entity], Any]:
    compiled = compile_expression(expression, lambda path: source.property_at(set_, path))
    run = compiled.run

    def key(entity: Entity) -> tuple[bool, Any]:
        value = run(source.getter(set_, entity))
        return (value is not None, 0 if value is None else value)

    return key


def _check_filterable(source: Source, set_: Set, expression: Expression) -> None:
    """
    Refuse properties that are described as not filterable.

    A type that describes all of its properties so (those of the delivery service) says nothing by
    it: that is what a gateway writes where nobody described them, and clients do filter by them.
    """
    if not any(each.filterable for each in set_.type.properties.values()):
        return
    for member in _members(expression):
        property_ = source.property_at(set_, member.path)
        if not property_.filterable:
            raise bad_request(f"Property '{property_.name}' cannot be used in $filter")


def _members(expression: Expression) -> Iterator[Member]:
    match expression:
        case Member():
            yield expression
        case Unary(_, operand):
            yield from _members(operand)
        case Binary(_, left, right):
            yield from _members(left)
            yield from _members(right)
        case Junction(_, operands) | Call(_, operands):
            for each in operands:
                yield from _members(each)
