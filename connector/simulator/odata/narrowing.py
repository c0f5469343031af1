"""What a ``$filter`` demands without alternatives, so that a source can use an index."""

from __future__ import annotations

from datetime import datetime

from connector.simulator.odata.entity_set import Constraint, Narrowing, Value
from connector.simulator.odata.expressions import Binary, Constant, Expression, Junction, Member

_MIRRORED = {"eq": "eq", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}


def narrowing_of(expression: Expression | None) -> Narrowing:
    """Return the constraints on the entity's own properties that every row must meet."""
    if expression is None:
        return Narrowing()
    return Narrowing(tuple(_constraints(expression)))


def _constraints(expression: Expression) -> list[Constraint]:
    if isinstance(expression, Junction):
        if expression.operator == "and":
            return [c for operand in expression.operands for c in _constraints(operand)]
        return _alternatives(expression)
    found = _comparison(expression)
    return [found] if found is not None else []


def _alternatives(junction: Junction) -> list[Constraint]:
    """``A eq 1 or A eq 2`` limits A to two values."""
    values: list[Value] = []
    names: set[str] = set()
    for operand in junction.operands:
        inner = _constraints(operand)
        equal = [c for c in inner if c.operator in ("eq", "in")]
        if len(inner) != 1 or not equal:
            return []
        names.add(equal[0].name)
        values.extend(equal[0].values if equal[0].operator == "in" else (equal[0].value,))
    return [Constraint(names.pop(), "in", values=tuple(values))] if len(names) == 1 else []


def _comparison(expression: Expression) -> Constraint | None:
    if not isinstance(expression, Binary) or expression.operator not in _MIRRORED:
        return None
    left, right, operator = expression.left, expression.right, expression.operator
    if isinstance(left, Constant):
        left, right, operator = right, left, _MIRRORED[operator]
    if not isinstance(left, Member) or not isinstance(right, Constant) or len(left.path) > 1:
        return None
    literal = right.literal
    if literal.type == "Null":
        return None
    value = literal.value
    if literal.type == "DateTime" and isinstance(value, datetime):
        if value.time() != datetime.min.time():
            if operator == "eq":
                return None
            operator = f"{operator[0]}e"  # a day may lie before noon of that day
        value = value.date()
    return Constraint(left.path[0], operator, value)
