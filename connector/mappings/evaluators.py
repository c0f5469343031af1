"""
Make plain functions of JMESPath syntax trees.

jmespath walks its tree anew for every value; rules evaluate the same few expressions for every
line of every order. What is made here means exactly what jmespath's interpreter does (a test
compares both); rarer kinds of nodes are left to the interpreter.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from numbers import Number
from typing import Any, Final

from jmespath.visitor import TreeInterpreter

from connector.mappings.expression_code import CodeWriter, Node

Evaluator = Callable[[Any], Any]
Test = Callable[[Any], bool]

#: What Python's own parser raises for code with too many levels inside one another.
DEEPER_THAN_PYTHON: Final = (RecursionError, SyntaxError, MemoryError)

_EMPTY: Final[tuple[Any, ...]] = ("", [], {})
_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def is_false(value: Any) -> bool:
    """Tell whether *value* counts as false: empty, missing or false itself, but never zero."""
    if value:
        return False
    return value is None or value is False or value in _EMPTY


def _equal(left: Any, right: Any) -> bool:
    """Compare as JMESPath does: true and false are no numbers."""
    return bool(left == right) and (left.__class__ is bool) is (right.__class__ is bool)


def _negated(value: Any) -> bool:
    # Zero is a value in JMESPath, not something false; -0 and 0.00 are zero as well.
    if value or value is False:
        return not value
    return not isinstance(value, Number)


def _is_ordered(value: Any) -> bool:
    return isinstance(value, (Decimal, int, str, Number)) and value.__class__ is not bool


def _ordering(name: str) -> Callable[[Any, Any], bool | None]:
    compare = _ORDERS[name]

    def compared(left: Any, right: Any) -> bool | None:
        return compare(left, right) if _is_ordered(left) and _is_ordered(right) else None

    return compared


def _flat(value: Any) -> Any:
    if not isinstance(value, list):
        return None
    merged: list[Any] = []
    for element in value:
        if isinstance(element, list):
            merged.extend(element)
        else:
            merged.append(element)
    return merged


def _values_of(value: Any) -> Any:
    return list(value.values()) if hasattr(value, "values") else None


def _follow(value: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _not_null(*values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    return None


class Compiler:
    """
    Makes functions of nodes; *interpreter* runs what has no code of its own.

    *call* calls a function of JMESPath by name with its arguments.
    """

    def __init__(self, interpreter: TreeInterpreter, call: Callable[[str, list[Any]], Any]) -> None:
        def contains(subject: Any, search: Any) -> Any:
            if subject.__class__ is list or subject.__class__ is str:
                return search in subject
            return call("contains", [subject, search])

        def starts_with(search: Any, prefix: Any) -> Any:
            if search.__class__ is str and prefix.__class__ is str:
                return search.startswith(prefix)
            return call("starts_with", [search, prefix])

        def length(value: Any) -> Any:
            if value.__class__ is str or value.__class__ is list or value.__class__ is dict:
                return len(value)
            return call("length", [value])

        self._interpreter = interpreter
        self._names: dict[str, Any] = {
            "_is_false": is_false,
            "_equal": _equal,
            "_negated": _negated,
            "_flat": _flat,
            "_values_of": _values_of,
            "_follow": _follow,
            "_visit": interpreter.visit,
            "_call": call,
            "_not_null": _not_null,
            "_contains": contains,
            "_starts_with": starts_with,
            "_length": length,
            **{f"_{name}": _ordering(name) for name in _ORDERS},
        }

    def writer(self) -> CodeWriter:
        """Return a writer whose code finds here what it calls."""
        return CodeWriter(self._names)

    def compile(self, node: Node) -> Evaluator:
        """Return a function of one value that yields what *node* does."""
        writer = self.writer()
        try:
            return writer.function(writer.code(node, "value"))
        except DEEPER_THAN_PYTHON:
            visit = self._interpreter.visit
            return lambda value: visit(node, value)

    def compile_test(self, node: Node) -> Test:
        """Return a function that tells whether what *node* yields over a value counts as true."""
        writer = self.writer()
        try:
            return writer.function(writer.truth(node, "value"))
        except DEEPER_THAN_PYTHON:
            visit = self._interpreter.visit
            return lambda value: not is_false(visit(node, value))
