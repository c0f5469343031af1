"""
Values of the rules as written in YAML: expressions, constants, cells of tables, and lookups.

Every value of a document is a :class:`ValueRule`. Written as a text it is a JMESPath expression;
as a mapping it may have a condition, a default and a reason; as a list the first choice whose
condition holds decides. Expressions see ``order`` (the external order), the names of the lookups,
``calendars``, and where it applies ``line``, ``entry`` (the element of ``each``), ``item``
(material, unit and number so far) and ``payment``.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from connector.mappings.expressions import Expression, ExpressionError, compile_expression
from connector.mappings.problems import HoldCode
from connector.sd_documents.model import Frozen

ScopeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


def _expression(value: Any) -> Expression:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a JMESPath expression; a fixed text goes into `constant`")
    try:
        return compile_expression(value.strip())
    except ExpressionError as error:
        raise ValueError(str(error)) from None


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _literal(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


Expr = Annotated[
    Expression,
    PlainValidator(_expression),
    WithJsonSchema({"type": "string", "minLength": 1, "description": "A JMESPath expression"}),
]
#: One expression per key column; a table with one key column needs no list.
KeyExprs = Annotated[tuple[Expr, ...], BeforeValidator(_listed)]
Literal_ = Annotated[
    str,
    BeforeValidator(_literal),
    WithJsonSchema({"type": ["string", "number"], "description": "A fixed text"}),
]


class Rule(Frozen):
    """A part of the rules; it may hold compiled expressions."""

    model_config = ConfigDict(arbitrary_types_allowed=True)


class LookupChoice(Rule):
    """A row of ``table`` by the values of ``by``, one expression per key column."""

    table: str
    by: KeyExprs
    when: Expr | None = None


class Cell(Rule):
    """
    One cell of a value table, for a single use: ``column`` of the row that ``by`` finds.

    ``missing`` is the hold reason where there is no row; without it the value is empty then.
    """

    table: str
    by: KeyExprs
    column: Annotated[str, StringConstraints(min_length=1)]
    missing: HoldCode | None = None


class Choice(Rule):
    """
    One way to a value: an expression, a constant or a cell of a table.

    It counts if ``when`` holds; ``default`` takes the place of an empty result. ``required`` holds
    the order where the whole rule finds nothing, ``strict`` where a default stands in for a row
    that a table does not have. ``because`` is the reason that explanations give.
    """

    value: Expr | None = None
    constant: Literal_ | None = None
    lookup: Cell | None = None
    when: Expr | None = None
    default: Literal_ | None = None
    required: bool = False
    strict: bool = False
    because: str = ""

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        given = [part for part in (self.value, self.constant, self.lookup) if part is not None]
        if len(given) != 1:
            raise ValueError("needs either `value` (an expression) or `constant`, or `lookup`")
        return self


class ValueRule(Rule):
    """Where a value comes from: the first choice that applies and yields something."""

    choices: Annotated[tuple[Choice, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"choices": [{"value": v} if isinstance(v, str) else v for v in value]}
        if isinstance(value, dict) and "choices" not in value:
            return {"choices": [value]}
        if not isinstance(value, dict):
            return {"choices": [{"value": value}]}
        return value


class Lookup(Rule):
    """
    A row of a value table, seen in expressions under the lookup's name.

    The first choice with a row decides; without any the order is held with ``missing``, or the
    name stays empty where ``missing`` is empty. A row found by ``*`` is a default: it is listed
    with the amount it concerns, and with ``strict`` holds the order.
    """

    choices: Annotated[tuple[LookupChoice, ...], Field(min_length=1)]
    missing: HoldCode | None = None
    strict: bool = False

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        if isinstance(value, dict) and "choices" not in value:
            common = ("missing", "strict")
            inner = {name: part for name, part in value.items() if name not in common}
            return {"choices": [inner], **{k: v for k, v in value.items() if k in common}}
        return value


Lookups = dict[ScopeName, Lookup]
