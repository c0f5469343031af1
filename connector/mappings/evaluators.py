"""
Compile a JMESPath syntax tree into plain functions.

jmespath walks its tree anew for every value; rules evaluate the same few expressions for every
line of every order. What is compiled here means exactly what jmespath's interpreter does (a test
compares both); rarer kinds of nodes are left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any, Final

from jmespath.visitor import TreeInterpreter

from connector.mappings.functions import function_named

Evaluator = Callable[[Any], Any]
#: A node of jmespath's syntax tree: type, children and often a value.
Node = Any

_EMPTY: Final[tuple[Any, ...]] = ("", [], {})
#: Arguments of this kind are not values but expressions: the interpreter makes them.
_EXPRESSION: Final = "expref"


def is_false(value: Any) -> bool:
    """Tell whether *value* counts as false: empty, missing or false itself, but never zero."""
    if value:
        return False
    return value is None or value is False or value in _EMPTY


def _equal(left: Any, right: Any) -> bool:
    """Compare as JMESPath does: true and false are no numbers."""
    return bool(left == right) and (left.__class__ is bool) is (right.__class__ is bool)


def field_names(node: Node) -> tuple[str, ...]:
    """Return the names of a plain path such as ``a.b.c``, empty for anything else."""
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    names: tuple[str, ...] = ()
    for child in node["children"]:
        inner = field_names(child)
        if not inner:
            return ()
        names += inner
    return names


def _getter(names: tuple[str, ...]) -> Evaluator:
    """Return a function that follows *names* through mappings."""
    first = names[0]
    if len(names) == 1:
        return lambda value: value.get(first) if isinstance(value, dict) else None
    second = names[1]
    if len(names) == 2:

        def two(value: Any) -> Any:
            if isinstance(value, dict):
                value = value.get(first)
                if isinstance(value, dict):
                    return value.get(second)
            return None

        return two

    def many(value: Any) -> Any:
        for name in names:
            if not isinstance(value, dict):
                return None
            value = value.get(name)
        return value

    return many


class Compiler:
    """
    Makes functions of nodes; *interpreter* runs what is not compiled.

    *call* calls a function of JMESPath by name with its arguments.
    """

    def __init__(self, interpreter: TreeInterpreter, call: Callable[[str, list[Any]], Any]) -> None:
        self._interpreter = interpreter
        self._call = call

    def compile(self, node: Node) -> Evaluator:
        """Return a function of one value that yields what *node* does."""
        make: Callable[[Node], Evaluator] = getattr(self, f"_{node['type']}", self._other)
        return make(node)

    def _other(self, node: Node) -> Evaluator:
        visit = self._interpreter.visit
        return lambda value: visit(node, value)

    def _field(self, node: Node) -> Evaluator:
        return _getter((node["value"],))

    def _literal(self, node: Node) -> Evaluator:
        literal = node["value"]
        return lambda value: literal

    def _current(self, node: Node) -> Evaluator:
        return lambda value: value

    _identity = _current

    def _index(self, node: Node) -> Evaluator:
        index = node["value"]

        def at(value: Any) -> Any:
            if not isinstance(value, list) or not -len(value) <= index < len(value):
                return None
            return value[index]

        return at

    def _subexpression(self, node: Node) -> Evaluator:
        names = field_names(node)
        if names:
            return _getter(names)
        steps = [self.compile(child) for child in node["children"]]
        if len(steps) == 2:
            first, second = steps
            return lambda value: second(first(value))

        def chain(value: Any) -> Any:
            for step in steps:
                value = step(value)
            return value

        return chain

    _pipe = _subexpression
    _index_expression = _subexpression

    def _or_expression(self, node: Node) -> Evaluator:
        left, right = (self.compile(child) for child in node["children"])

        def either(value: Any) -> Any:
            found = left(value)
            return right(value) if is_false(found) else found

        return either

    def _and_expression(self, node: Node) -> Evaluator:
        left, right = (self.compile(child) for child in node["children"])

        def both(value: Any) -> Any:
            found = left(value)
            return found if is_false(found) else right(value)

        return both

    def _comparator(self, node: Node) -> Evaluator:
        if node["value"] not in ("eq", "ne"):
            return self._other(node)
        left, right = (self.compile(child) for child in node["children"])
        if node["value"] == "ne":
            return lambda value: not _equal(left(value), right(value))
        return lambda value: _equal(left(value), right(value))

    def _not_expression(self, node: Node) -> Evaluator:
        inner = self.compile(node["children"][0])

        def negated(value: Any) -> Any:
            found = inner(value)
            # Zero is a value in JMESPath, not something false; -0 and 0.00 are zero as well.
            if found or found is False:
                return not found
            return not isinstance(found, Number)

        return negated

    def _multi_select_list(self, node: Node) -> Evaluator:
        parts = [self.compile(child) for child in node["children"]]
        return lambda value: None if value is None else [part(value) for part in parts]

    def _multi_select_dict(self, node: Node) -> Evaluator:
        parts = [(part["value"], self.compile(part["children"][0])) for part in node["children"]]
        return lambda value: None if value is None else {name: of(value) for name, of in parts}

    def _flatten(self, node: Node) -> Evaluator:
        base = self.compile(node["children"][0])

        def flat(value: Any) -> Any:
            elements = base(value)
            if not isinstance(elements, list):
                return None
            merged: list[Any] = []
            for element in elements:
                if isinstance(element, list):
                    merged.extend(element)
                else:
                    merged.append(element)
            return merged

        return flat

    def _projection(self, node: Node) -> Evaluator:
        base, each = (self.compile(child) for child in node["children"])

        def project(value: Any) -> Any:
            elements = base(value)
            if not isinstance(elements, list):
                return None
            return [found for found in map(each, elements) if found is not None]

        return project

    def _filter_projection(self, node: Node) -> Evaluator:
        base, each, condition = (self.compile(child) for child in node["children"])

        def project(value: Any) -> Any:
            elements = base(value)
            if not isinstance(elements, list):
                return None
            kept = (each(element) for element in elements if not is_false(condition(element)))
            return [found for found in kept if found is not None]

        return project

    def _function_expression(self, node: Node) -> Evaluator:
        children = node["children"]
        if any(child["type"] == _EXPRESSION for child in children):
            return self._other(node)
        arguments = [self.compile(child) for child in children]
        ours = function_named(node["value"])
        if ours is None:
            name, standard = node["value"], self._call
            return lambda value: standard(name, [argument(value) for argument in arguments])
        call = ours.call
        if len(arguments) == 1:
            only = arguments[0]
            return lambda value: call(only(value))
        if len(arguments) == 2:
            first, second = arguments
            return lambda value: call(first(value), second(value))
        return lambda value: call(*[argument(value) for argument in arguments])
