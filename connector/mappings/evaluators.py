"""
Compile a JMESPath syntax tree into plain functions.

jmespath walks its tree anew for every value; rules evaluate the same few expressions for every
line of every order. What is compiled here means exactly what jmespath's interpreter does (a test
compares both); rarer kinds of nodes are left to the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from jmespath.visitor import TreeInterpreter

from connector.mappings.functions import FUNCTIONS

Evaluator = Callable[[Any], Any]
#: A node of jmespath's syntax tree: type, children and often a value.
Node = Any

_FALSE: Final[tuple[Any, ...]] = ("", [], {})


def is_false(value: Any) -> bool:
    """Tell whether *value* counts as false: empty, missing or false itself, but never zero."""
    return value is None or value is False or value in _FALSE


class Compiler:
    """Makes functions of nodes; *interpreter* runs what is not compiled."""

    def __init__(self, interpreter: TreeInterpreter) -> None:
        self._interpreter = interpreter

    def compile(self, node: Node) -> Evaluator:
        """Return a function of one value that yields what *node* does."""
        make: Callable[[Node], Evaluator] = getattr(self, f"_{node['type']}", self._other)
        return make(node)

    def _other(self, node: Node) -> Evaluator:
        visit = self._interpreter.visit
        return lambda value: visit(node, value)

    def _field(self, node: Node) -> Evaluator:
        name = node["value"]
        return lambda value: value.get(name) if isinstance(value, dict) else None

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
        compare = TreeInterpreter.COMPARATOR_FUNC[node["value"]]
        left, right = (self.compile(child) for child in node["children"])
        return lambda value: compare(left(value), right(value))

    def _multi_select_list(self, node: Node) -> Evaluator:
        parts = [self.compile(child) for child in node["children"]]
        return lambda value: None if value is None else [part(value) for part in parts]

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
        ours = FUNCTIONS.get(node["value"])
        if ours is None:
            return self._other(node)
        call = ours.call
        arguments = [self.compile(child) for child in node["children"]]
        if len(arguments) == 1:
            only = arguments[0]
            return lambda value: call(only(value))
        return lambda value: call(*[argument(value) for argument in arguments])
