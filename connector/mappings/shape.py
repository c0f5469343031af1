"""
The shape of a profile: for every field of the external order, the expression that fills it.

A shape mirrors a model: a text is an expression for a field, a mapping the shape of an object
(with ``when``: only if that holds), a mapping with ``each`` the shape of a list's elements. Inside
``each`` names are those of the element, and ``parent`` is what stands around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from pydantic import BaseModel

from connector.errors import ConfigurationError
from connector.mappings.coercion import Coercer, coercer_for, model_in
from connector.mappings.config_file import ConfigFile, nearest
from connector.mappings.expressions import (
    EVALUATION_ERRORS,
    Expression,
    ExpressionError,
    compile_expression,
)

Key = tuple[str | int, ...]
Part: TypeAlias = "Leaf | Names | ObjectShape | ListShape"


class ShapeError(ValueError):
    """A message does not fill the shape: ``field`` of the order, ``expression`` of the profile."""

    def __init__(self, field: str, problem: str, expression: str) -> None:
        self.field, self.problem, self.expression = field, problem, expression
        super().__init__(f"{field}: {problem}")

    def inside(self, where: str) -> ShapeError:
        """Return the same error of something that stands inside *where*."""
        return ShapeError(f"{where}{self.field}", self.problem, self.expression)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One field and the expression that fills it."""

    key: str
    expression: Expression
    coerce: Coercer

    #: The names that it fills below its own, none for a single value.
    names: ClassVar[tuple[str, ...] | None] = None

    @property
    def is_open(self) -> bool:
        """Whether it fills names that only the message knows."""
        return self.coerce is coercer_for(dict[str, str])

    def fill(self, scope: Any) -> Any:
        try:
            return self.coerce(self.expression.run(scope))
        except (*EVALUATION_ERRORS, OverflowError) as error:
            raise ShapeError(self.key, str(error), self.expression.text) from error


@dataclass(frozen=True, slots=True)
class Names:
    """A mapping of names to texts, each by its own expression (``attributes``)."""

    key: str
    leaves: tuple[Leaf, ...]
    is_open: ClassVar[bool] = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names that it fills below its own."""
        return tuple(leaf.key for leaf in self.leaves)

    def fill(self, scope: Any) -> dict[str, str]:
        try:
            filled = {leaf.key: leaf.fill(scope) for leaf in self.leaves}
        except ShapeError as error:
            raise error.inside(f"{self.key}.") from error
        return {name: value for name, value in filled.items() if value != ""}


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """The shape of one object; ``when`` empty means always."""

    key: str
    parts: tuple[Part, ...]
    when: Expression | None = None

    def fill(self, scope: Any, path: str = "") -> dict[str, Any] | None:
        """
        Return the values of the fields that have one; *path* is where the object stands.

        Raises:
            ShapeError: a value is not what the field takes.
        """
        filled: dict[str, Any] = {}
        try:
            if self.when is not None and not self._holds(self.when, scope):
                return None
            for part in self.parts:
                value = part.fill(scope)
                if value is not None and value != "":
                    filled[part.key] = value
        except ShapeError as error:
            prefix = f"{path}{self.key}." if self.key else path
            if not prefix:
                raise
            raise error.inside(prefix) from error
        return filled

    def expression_of(self, names: Sequence[str]) -> str:
        """Return the expression of the field at *names*, from the outermost; empty if none."""
        part = next((each for each in self.parts if names and each.key == names[0]), None)
        match part:
            case Leaf():
                return part.expression.text
            case ObjectShape():
                return part.expression_of(names[1:])
            case ListShape():
                return part.element.expression_of(names[1:])
            case _:
                return ""

    @staticmethod
    def _holds(when: Expression, scope: Any) -> bool:
        try:
            return when.holds(scope)
        except ExpressionError as error:
            raise ShapeError("when", error.problem, when.text) from error


@dataclass(frozen=True, slots=True)
class ListShape:
    """The shape of a list: ``each`` yields the elements, ``element`` fills one."""

    key: str
    each: Expression
    element: ObjectShape
    needs_parent: bool

    def fill(self, scope: Any) -> list[dict[str, Any]]:
        try:
            elements = self.each.run(scope)
        except EVALUATION_ERRORS as error:
            raise ShapeError(self.key, str(error), self.each.text) from error
        if elements is None:
            return []
        if not isinstance(elements, list):
            raise ShapeError(self.key, "is not a list", self.each.text)
        filled = []
        try:
            for element in elements:
                inner = element
                if self.needs_parent and isinstance(element, dict):
                    inner = {**element, "parent": scope}
                values = self.element.fill(inner)
                if values is not None:
                    filled.append(values)
        except ShapeError as error:
            number = next(i for i, each in enumerate(elements) if each is element)
            raise error.inside(f"{self.key}[{number}].") from error
        return filled


def compile_shape(
    file: ConfigFile,
    key: Key,
    model: type[BaseModel],
    node: Any,
    mistakes: list[ConfigurationError] | None = None,
) -> ObjectShape:
    """
    Return the shape at *key* of *file* for *model*.

    With *mistakes* what is wrong with single fields is added there, and they are left out.

    Raises:
        ConfigurationError: a key is not a field of the model, a required field has no expression,
            or an expression is wrong.
    """
    return _Compiling(file, mistakes).object(key, "", model, node)


@dataclass(frozen=True, slots=True)
class _Compiling:
    file: ConfigFile
    mistakes: list[ConfigurationError] | None

    def object(self, key: Key, name: str, model: type[BaseModel], node: Any) -> ObjectShape:
        if not isinstance(node, Mapping):
            raise self.file.error(key, "must be a mapping of fields to expressions")
        parts = []
        for field, content in node.items():
            if field in ("when", "each"):
                continue
            try:
                parts.append(self.part((*key, field), field, model, content))
            except ConfigurationError as error:
                self.mistake(error)
        missing = [
            field
            for field, described in model.model_fields.items()
            if described.is_required() and field not in node
        ]
        if missing:
            self.mistake(
                self.file.error(key, f"has no expression for {', '.join(missing)}", "Add one")
            )
        when = None
        if "when" in node:
            try:
                when = self.compiled((*key, "when"), node["when"])
            except ConfigurationError as error:
                self.mistake(error)
        return ObjectShape(name, tuple(parts), when)

    def mistake(self, error: ConfigurationError) -> None:
        if self.mistakes is None:
            raise error
        self.mistakes.append(error)

    def part(self, key: Key, field: str, model: type[BaseModel], content: Any) -> Part:
        described = model.model_fields.get(field)
        if described is None:
            raise self.file.error(
                key, f"is not a field of {model.__name__}", nearest(field, model.model_fields)
            )
        inner, many = model_in(described.annotation)
        if inner is not None and many:
            if not isinstance(content, Mapping) or "each" not in content:
                raise self.file.error(
                    key, "must be a mapping with `each`", "Say which list it comes from"
                )
            each = self.compiled((*key, "each"), content["each"])
            element = self.object(key, "", inner, content)
            return ListShape(field, each, element, any("parent" in t for t in _texts(content)))
        if inner is not None:
            return self.object(key, field, inner, content)
        if isinstance(content, Mapping):
            if coercer_for(described.annotation) is not coercer_for(dict[str, str]):
                raise self.file.error(key, "must be an expression, not a mapping")
            return Names(
                field,
                tuple(
                    Leaf(str(name), self.compiled((*key, name), text), coercer_for(str))
                    for name, text in content.items()
                ),
            )
        return Leaf(field, self.compiled(key, content), coercer_for(described.annotation))

    def compiled(self, key: Key, content: Any) -> Expression:
        if not isinstance(content, str) or not content.strip():
            raise self.file.error(
                key, "must be a JMESPath expression", "Literals stand in quotes: 'EUR'"
            )
        try:
            return compile_expression(content.strip())
        except ExpressionError as error:
            problem = str(error).removesuffix(f". {error.hint}")
            raise self.file.error(key, problem, error.hint) from error


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for content in node.values():
            yield from _texts(content)
    elif isinstance(node, Sequence):
        for content in node:
            yield from _texts(content)
