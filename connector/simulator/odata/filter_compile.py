"""
Turns a parsed expression into a function over entities, after checking its types.

Null is SQL's unknown: a comparison with it other than eq and ne, and a calculation, is null, and a
row is kept only where the condition is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connector.simulator.odata.entity_set import Value
from connector.simulator.odata.errors import (
    WRONG_TYPE_IN_FILTER,
    ODataError,
    bad_request,
)
from connector.simulator.odata.expressions import (
    Binary,
    Call,
    Constant,
    Expression,
    Junction,
    Member,
    Unary,
)
from connector.simulator.odata.filter_functions import FUNCTIONS, NUMBER, kind_of
from connector.simulator.odata.schema import Property

#: Gives the value at the end of a path of one entity.
Getter = Callable[[tuple[str, ...]], Value]
#: Finds the property that a path leads to; raises ODataError when there is none.
Resolver = Callable[[tuple[str, ...]], Property]
_Run = Callable[[Getter], Any]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": operator.mod,
}
#: Widths of the numbers that are kept with leading zeros.
_PADDED = (6, 10)
#: Lengths of properties that are converted: document and customer numbers, item numbers.
_NUMBER_LENGTHS = (10, 6)
_UNORDERED = ("boolean", "guid", "binary")


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to run; ``kind`` is what it yields (`filter_functions.KINDS`)."""

    kind: str
    run: _Run


def compile_condition(expression: Expression, resolve: Resolver) -> Callable[[Getter], bool]:
    """Return a function that says whether an entity satisfies *expression*. Raises ODataError."""
    compiled = compile_expression(expression, resolve)
    if compiled.kind not in ("boolean", "null"):
        raise _wrong_type("filter", expression.position)
    run = compiled.run
    return lambda get: run(get) is True


def compile_expression(expression: Expression, resolve: Resolver) -> Compiled:
    """Check the types of *expression* and return what computes it. Raises ODataError (400)."""
    match expression:
        case Constant(literal):
            value = normal(literal.value)
            return Compiled(kind_of(literal.type), lambda get: value)
        case Member(path):
            kind = kind_of(resolve(path).type)
            return Compiled(kind, lambda get: normal(get(path)))
        case Unary():
            return _unary(expression, resolve)
        case Junction():
            return _junction(expression, resolve)
        case Binary():
            return _binary(expression, resolve)
    return _call(expression, resolve)


def normal(value: Value) -> Any:
    """Return *value* in the one form of its kind: numbers Decimal, dates aware datetimes."""
    if isinstance(value, bool) or value is None or isinstance(value, str | datetime):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def _unary(node: Unary, resolve: Resolver) -> Compiled:
    inner = compile_expression(node.operand, resolve)
    wanted = "boolean" if node.operator == "not" else NUMBER
    if inner.kind not in (wanted, "null"):
        raise _wrong_type(node.operator, node.position)
    run = inner.run
    if node.operator == "not":
        return Compiled("boolean", lambda get: None if (v := run(get)) is None else not v)
    return Compiled(NUMBER, lambda get: None if (v := run(get)) is None else -v)


def _junction(node: Junction, resolve: Resolver) -> Compiled:
    operands = [compile_expression(each, resolve) for each in node.operands]
    if any(each.kind not in ("boolean", "null") for each in operands):
        raise _wrong_type(node.operator, node.position)
    runs = [each.run for each in operands]
    decides = node.operator == "or"

    def run(get: Getter) -> bool | None:
        unknown = False
        for each in runs:
            value = each(get)
            if value is None:
                unknown = True
            elif bool(value) is decides:
                return decides
        return None if unknown else not decides

    return Compiled("boolean", run)


def _binary(node: Binary, resolve: Resolver) -> Compiled:
    left, right = compile_expression(node.left, resolve), compile_expression(node.right, resolve)
    kinds = {left.kind, right.kind} - {"null"}
    if node.operator in _CALCULATE:
        if kinds - {NUMBER}:
            raise _wrong_type(node.operator, node.position)
        return Compiled(NUMBER, _calculation(_CALCULATE[node.operator], left.run, right.run))
    if len(kinds) > 1 or (node.operator in _COMPARE and kinds & set(_UNORDERED)):
        raise _wrong_type(node.operator, node.position)
    first, second = left.run, right.run
    if node.operator in ("eq", "ne") and _compares_number(node, resolve):
        first, second = _unpadded(first), _unpadded(second)
    if node.operator == "eq":
        return Compiled("boolean", lambda get: _equal(first(get), second(get)))
    if node.operator == "ne":
        return Compiled("boolean", lambda get: not _equal(first(get), second(get)))
    compare = _COMPARE[node.operator]

    def run(get: Getter) -> bool | None:
        one, two = first(get), second(get)
        return None if one is None or two is None else bool(compare(one, two))

    return Compiled("boolean", run)


def _equal(one: Any, two: Any) -> bool:
    """
    Return whether two values are equal.

    Numbers of documents, customers (10 digits) and items (6) count without their leading zeros, as
    the conversion exits of these fields have it.
    """
    if one == two:
        return True
    if not (isinstance(one, str) and isinstance(two, str) and one.isdigit() and two.isdigit()):
        return False
    longer = max(one, two, key=len)
    padded = len(longer) in _PADDED and longer.startswith("0")
    return padded and one.lstrip("0") == two.lstrip("0")


def _compares_number(node: Binary, resolve: Resolver) -> bool:
    """
    Return whether a document, customer or item number is compared with digits.

    The ERP converts those, so that 4711 finds what is stored as 0000004711, and the other way.
    """
    member, constant = node.left, node.right
    if isinstance(member, Constant):
        member, constant = constant, member
    if not isinstance(member, Member) or not isinstance(constant, Constant):
        return False
    property_, value = resolve(member.path), constant.literal.value
    return property_.length in _NUMBER_LENGTHS and isinstance(value, str) and value.isdecimal()


def _unpadded(run: _Run) -> _Run:
    def unpadded(get: Getter) -> Any:
        value = run(get)
        return value.lstrip("0") if isinstance(value, str) and value.isdecimal() else value

    return unpadded


def _calculation(calculate: Callable[[Any, Any], Any], left: _Run, right: _Run) -> _Run:
    def run(get: Getter) -> Decimal | None:
        one, two = left(get), right(get)
        if one is None or two is None:
            return None
        try:
            result: Decimal = calculate(one, two)
        except ArithmeticError:
            return None
        return result

    return run


def _call(node: Call, resolve: Resolver) -> Compiled:
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise bad_request(f"Unknown function '{node.name[:40]}' (Position: {node.position})")
    arguments = [compile_expression(each, resolve) for each in node.arguments]
    most = len(function.parameters)
    if not most - function.optional <= len(arguments) <= most:
        raise bad_request(
            f"Function '{node.name}' takes {most} parameters, not {len(arguments)} "
            f"(Position: {node.position})"
        )
    for argument, kinds in zip(arguments, function.parameters, strict=False):
        if argument.kind not in (*kinds, "null"):
            text = f"Invalid parametertype used at function '{node.name}'"
            raise bad_request(f"{text} (Position: {node.position})", WRONG_TYPE_IN_FILTER)
    runs, call = [each.run for each in arguments], function.run

    def run(get: Getter) -> Value:
        values = [each(get) for each in runs]
        if any(value is None for value in values):
            return None
        try:
            return call(*values)
        except ArithmeticError:
            return None

    return Compiled(function.returns, run)


def _wrong_type(what: str, position: int) -> ODataError:
    text = f"Invalid parametertype used at operator '{what}' (Position: {position})"
    return bad_request(text, WRONG_TYPE_IN_FILTER)
