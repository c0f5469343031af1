"""
JMESPath expressions over plain values, exact and checked when they are read.

Numbers are Decimal or int throughout, in literals too; a misspelt function is found when the file
is loaded and not with the first order that meets it. Expressions cannot loop over anything but
their input and cannot call anything but the functions listed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from jmespath.parser import Parser
from jmespath.visitor import Options, TreeInterpreter

from connector.mappings.config_file import nearest
from connector.mappings.evaluators import Compiler, Evaluator, Test, is_false
from connector.mappings.expression_code import CodeWriter, Node
from connector.mappings.functions import all_functions, function_named

#: Functions of JMESPath that would turn exact numbers into floats, or that ours replace.
_NOT_OFFERED: Final = frozenset({"avg", "to_number", "to_string"})

#: Levels of an expression inside one another. Longer chains of `||` and pipes are levels as well.
_MAX_DEPTH: Final = 100
_TOO_DEEP: Final = f"has more than {_MAX_DEPTH} levels inside one another"

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

#: Nodes that reach into what their first child yields.
_REACHING: Final = frozenset(
    {"subexpression", "index_expression", "projection", "filter_projection", "flatten"}
)


#: What evaluating may raise: a function that cannot use what it was given.
EVALUATION_ERRORS: Final = (
    JMESPathError,
    ValueError,
    TypeError,
    ArithmeticError,
    AttributeError,
    LookupError,
)


class ExpressionError(ValueError):
    """An expression is wrong, or failed on a value; ``hint`` says what may be meant."""

    def __init__(self, expression: str, problem: str, hint: str = "") -> None:
        self.expression, self.problem, self.hint = expression, problem, hint
        super().__init__(f"`{expression}`: {problem}" + (f". {hint}" if hint else ""))


class _ExactFunctions(Functions):
    """
    JMESPath's functions with Decimal as a number, and ours beside them.

    The two methods with a leading underscore are jmespath's own seams for types, the same since
    its 0.9; its stubs leave them out.
    """

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        ours = function_named(function_name)
        if ours is not None:
            return ours.call(*resolved_args)
        return super().call_function(function_name, resolved_args)

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, subtypes = super()._get_allowed_pytypes(types)  # type: ignore[misc]
        exact = [(*names, "Decimal") if "int" in names else names for names in subtypes]
        return ([*allowed, "Decimal"] if "int" in allowed else allowed), exact

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        if pyobject == "Decimal":
            return "number"
        return str(super()._convert_to_jmespath_type(pyobject))  # type: ignore[misc]


_FUNCTIONS: Final = _ExactFunctions()
_COMPILER: Final = Compiler(
    TreeInterpreter(Options(custom_functions=_FUNCTIONS)), _FUNCTIONS.call_function
)


def code_writer() -> CodeWriter:
    """Return a writer of code for the nodes of expressions."""
    return _COMPILER.writer()


def function_names() -> tuple[str, ...]:
    """Return every function an expression may call, sorted."""
    return tuple(sorted((set(_FUNCTIONS.FUNCTION_TABLE) - _NOT_OFFERED) | set(all_functions())))


class Read(NamedTuple):
    """One path that an expression reads: its first name, the rest, and what gets its value."""

    head: str
    rest: str
    path: Expression


class Expression:
    """
    A compiled expression.

    ``paths`` are the fields it reads, as far as they can be told from its text, for the trace;
    ``is_path`` tells that it is nothing but one of them. ``run`` is what :meth:`evaluate` calls,
    with its errors as they are, and ``test`` tells whether that counts as true; ``node`` is its
    syntax tree. Make one with :func:`compile_expression`.
    """

    __slots__ = ("is_path", "node", "paths", "reads", "run", "test", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        self.paths: tuple[str, ...] = tuple(dict.fromkeys(_paths(node)))
        self.is_path = self.paths == (text,)
        self.run: Evaluator = self._first_run
        self.test: Test = self._first_test
        self.reads: tuple[Read, ...] = tuple(
            Read(*_split(path), self if self.is_path else compile_expression(path))
            for path in self.paths
        )

    def _first_run(self, value: Any) -> Any:
        """Compile what runs from now on: many expressions of a profile never run by themselves."""
        self.run = _COMPILER.compile(self.node)
        return self.run(value)

    def _first_test(self, value: Any) -> bool:
        self.test = _COMPILER.compile_test(self.node)
        return self.test(value)

    def evaluate(self, value: Any) -> Any:
        """
        Return what the expression yields over *value*, None where it leads nowhere.

        Raises:
            ExpressionError: a function could not use what it was given.
        """
        try:
            return self.run(value)
        except EVALUATION_ERRORS as error:
            raise ExpressionError(self.text, str(error)) from error

    def holds(self, value: Any) -> bool:
        """Tell whether the result counts as true: not empty, false or missing."""
        return not is_false(self.evaluate(value))

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """
    Return *text* compiled; equal texts share one.

    Raises:
        ExpressionError: the syntax is wrong, or a function is unknown or has the wrong number of
            arguments.
    """
    try:
        node = Parser().parse(text).parsed
    except JMESPathError as error:
        problem = str(error).partition("\n")[0].rstrip(" :")
        raise ExpressionError(text, f"is not a JMESPath expression: {problem}") from None
    except RecursionError:
        raise ExpressionError(text[:60], _TOO_DEEP) from None
    if _is_deeper(node, _MAX_DEPTH):
        raise ExpressionError(text[:60], _TOO_DEEP)
    node = _exact(node)
    _check_negations(text, node)
    _check_functions(text, node)
    return Expression(text, node)


def _split(path: str) -> tuple[str, str]:
    head, _, rest = path.partition(".")
    return head, rest


def _is_deeper(root: Node, most: int) -> bool:
    """Tell whether a tree has more levels than *most*, without using the stack for them."""
    level: list[Any] = [root]
    for _ in range(most):
        level = [
            child
            for node in level
            if isinstance(node, dict)
            for child in node.get("children", ())
            if isinstance(child, dict)
        ]
        if not level:
            return False
    return True


def _exact(node: Any) -> Any:
    """Return a copy of the tree whose literals hold Decimal where JSON had a fraction."""
    if isinstance(node, dict):
        return {key: _exact(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_exact(value) for value in node]
    return Decimal(repr(node)) if isinstance(node, float) else node


def _walk(node: Any) -> Iterator[Node]:
    if isinstance(node, dict) and "type" in node:
        yield node
        for child in node.get("children", ()):
            yield from _walk(child)


def _check_negations(text: str, root: Node) -> None:
    """Refuse ``!a.b``: it means ``(!a).b``, which is always empty and never what was meant."""
    for node in _walk(root):
        children: list[Any] = node.get("children") or []
        inside = node["type"] in _REACHING
        if inside and isinstance(children[0], dict) and children[0]["type"] == "not_expression":
            raise ExpressionError(text, "`!` takes only the name behind it", "Write !(a.b)")


def _check_functions(text: str, root: Node) -> None:
    for node in _walk(root):
        if node["type"] != "function_expression":
            continue
        name, given = node["value"], len(node["children"])
        ours = function_named(name)
        if ours is not None:
            least, most = ours.least, ours.most
        elif name in _FUNCTIONS.FUNCTION_TABLE and name not in _NOT_OFFERED:
            arguments = _FUNCTIONS.FUNCTION_TABLE[name]["signature"]
            least = len(arguments)
            most = None if arguments and arguments[-1].get("variadic") else least
        else:
            raise ExpressionError(
                text, f"there is no function {name}()", nearest(name, function_names())
            )
        if given < least or (most is not None and given > most):
            wanted = str(least) if least == most else f"{least} to {most or 'any number of'}"
            noun = "argument" if wanted == "1" else "arguments"
            raise ExpressionError(text, f"{name}() takes {wanted} {noun}, not {given}")


def _written(name: str) -> str:
    """Return *name* as it stands in an expression: in quotes where it is no plain word."""
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _paths(node: Node) -> Iterator[str]:
    kind = node["type"]
    if kind == "field":
        yield _written(node["value"])
    elif kind in ("subexpression", "index_expression"):
        path = ""
        for position, child in enumerate(node["children"]):
            if child["type"] == "field":
                name = _written(child["value"])
                path += f".{name}" if path else name
            elif child["type"] == "index":
                path += f"[{child['value']}]"
            elif position == 0:
                path = next(iter(_paths(child)), "")
            else:
                break
        if path:
            yield path
    elif kind in ("projection", "filter_projection", "flatten", "value_projection", "pipe"):
        yield from _paths(node["children"][0])
    elif kind not in ("literal", "expref", "current", "identity"):
        for child in node["children"]:
            if isinstance(child, dict):
                yield from _paths(child)
