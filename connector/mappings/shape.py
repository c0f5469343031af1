"""
The shape of a profile: for every field of the external order, the expression that fills it.

A shape mirrors a model: a text is an expression for a field, a mapping the shape of an object
(with ``when``: only if that holds), a mapping with ``each`` the shape of a list's elements. Inside
``each`` names are those of the element, and ``parent`` is what stands around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from connector.mappings.coercion import Coercer, coercer_for, model_in
from connector.mappings.config_file import ConfigFile, nearest
from connector.mappings.expressions import Expression, ExpressionError, compile_expression

Key = tuple[str | int, ...]


class ShapeError(ValueError):
    """A message does not fill the shape: ``field`` of the order, ``expression`` of the profile."""

    def __init__(self, field: str, problem: str, expression: str) -> None:
        self.field, self.problem, self.expression = field, problem, expression
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, slots=True)
class _Leaf:
    key: str
    expression: Expression
    coerce: Coercer

    def fill(self, scope: Any, path: str) -> Any:
        where = f"{path}{self.key}"
        try:
            return self.coerce(self.expression.evaluate(scope))
        except ExpressionError as error:
            raise ShapeError(where, error.problem, self.expression.text) from error
        except (ValueError, OverflowError) as error:
            raise ShapeError(where, str(error), self.expression.text) from error


@dataclass(frozen=True, slots=True)
class _Names:
    """A mapping of names to texts, each by its own expression (``attributes``)."""

    key: str
    leaves: tuple[_Leaf, ...]

    def fill(self, scope: Any, path: str) -> dict[str, str]:
        filled = {leaf.key: leaf.fill(scope, f"{path}{self.key}.") for leaf in self.leaves}
        return {name: value for name, value in filled.items() if value != ""}


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """The shape of one object; ``when`` empty means always."""

    key: str
    parts: tuple[_Leaf | _Names | ObjectShape | ListShape, ...]
    when: Expression | None = None

    def fill(self, scope: Any, path: str) -> dict[str, Any] | None:
        """
        Return the values of the fields that have one.

        Raises:
            ShapeError: a value is not what the field takes.
        """
        if self.when is not None and not self.when.holds(scope):
            return None
        prefix = f"{path}{self.key}." if self.key else path
        filled: dict[str, Any] = {}
        for part in self.parts:
            value = part.fill(scope, prefix)
            if value is not None and value != "":
                filled[part.key] = value
        return filled


@dataclass(frozen=True, slots=True)
class ListShape:
    """The shape of a list: ``each`` yields the elements, ``element`` fills one."""

    key: str
    each: Expression
    element: ObjectShape
    needs_parent: bool

    def fill(self, scope: Any, path: str) -> list[dict[str, Any]]:
        where = f"{path}{self.key}"
        try:
            elements = self.each.evaluate(scope)
        except ExpressionError as error:
            raise ShapeError(where, error.problem, self.each.text) from error
        if elements is None:
            return []
        if not isinstance(elements, list):
            raise ShapeError(where, "is not a list", self.each.text)
        filled = []
        for number, element in enumerate(elements):
            inner = element
            if self.needs_parent and isinstance(element, dict):
                inner = {**element, "parent": scope}
            values = self.element.fill(inner, f"{where}[{number}].")
            if values is not None:
                filled.append(values)
        return filled


def compile_shape(file: ConfigFile, key: Key, model: type[BaseModel], node: Any) -> ObjectShape:
    """
    Return the shape at *key* of *file* for *model*.

    Raises:
        ConfigurationError: a key is not a field of the model, a required field has no expression,
            or an expression is wrong.
    """
    return _object(file, key, "", model, node)


def _object(
    file: ConfigFile, key: Key, name: str, model: type[BaseModel], node: Any
) -> ObjectShape:
    if not isinstance(node, Mapping):
        raise file.error(key, "must be a mapping of fields to expressions")
    parts = tuple(
        _part(file, (*key, field), field, model, content)
        for field, content in node.items()
        if field not in ("when", "each")
    )
    missing = [
        field
        for field, described in model.model_fields.items()
        if described.is_required() and field not in node
    ]
    if missing:
        raise file.error(key, f"has no expression for {', '.join(missing)}", "Add one")
    when = _compiled(file, (*key, "when"), node["when"]) if "when" in node else None
    return ObjectShape(name, parts, when)


def _part(
    file: ConfigFile, key: Key, field: str, model: type[BaseModel], content: Any
) -> _Leaf | _Names | ObjectShape | ListShape:
    described = model.model_fields.get(field)
    if described is None:
        raise file.error(
            key, f"is not a field of {model.__name__}", nearest(field, model.model_fields)
        )
    inner, many = model_in(described.annotation)
    if inner is not None and many:
        if not isinstance(content, Mapping) or "each" not in content:
            raise file.error(key, "must be a mapping with `each`", "Say which list it comes from")
        each = _compiled(file, (*key, "each"), content["each"])
        element = _object(file, key, "", inner, content)
        return ListShape(field, each, element, any("parent" in t for t in _texts(content)))
    if inner is not None:
        return _object(file, key, field, inner, content)
    if isinstance(content, Mapping):
        if coercer_for(described.annotation) is not coercer_for(dict[str, str]):
            raise file.error(key, "must be an expression, not a mapping")
        return _Names(
            field,
            tuple(
                _Leaf(str(name), _compiled(file, (*key, name), text), coercer_for(str))
                for name, text in content.items()
            ),
        )
    return _Leaf(field, _compiled(file, key, content), coercer_for(described.annotation))


def _compiled(file: ConfigFile, key: Key, content: Any) -> Expression:
    if not isinstance(content, str) or not content.strip():
        raise file.error(key, "must be a JMESPath expression", "Literals stand in quotes: 'EUR'")
    try:
        return compile_expression(content.strip())
    except ExpressionError as error:
        raise file.error(key, str(error).removesuffix(f". {error.hint}"), error.hint) from error


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for content in node.values():
            yield from _texts(content)
    elif isinstance(node, Sequence):
        for content in node:
            yield from _texts(content)
