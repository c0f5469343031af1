"""
Write a shape as one function of Python that fills an order from a message.

The function knows no errors: where a value cannot be used it raises whatever comes, and the shape
itself is then asked, which says where and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from connector.mappings.coercion import Coercer, boolean, coercer_for
from connector.mappings.date_functions import instant
from connector.mappings.evaluators import DEEPER_THAN_PYTHON
from connector.mappings.expression_code import CodeWriter
from connector.mappings.expressions import EVALUATION_ERRORS, code_writer
from connector.mappings.number_functions import decimal
from connector.mappings.shape import Leaf, ListShape, Names, ObjectShape, Part

_TEXT: Final = coercer_for(str)
#: Functions whose results their coercer leaves as they are.
_FITTING: Final[dict[Coercer, str]] = {decimal: "decimal", instant: "instant"}

Fill = Callable[[Any], dict[str, Any] | None]


class Filler:
    """Fills *shape*; what that takes is written with the first message."""

    __slots__ = ("_fill", "_shape")

    def __init__(self, shape: ObjectShape) -> None:
        self._shape = shape
        self._fill: Fill | None = None

    def fill(self, content: Any) -> dict[str, Any] | None:
        """
        Return the values of the fields that have one, as the shape does.

        Raises:
            ShapeError: a value is not what the field takes.
        """
        if self._fill is None:
            self._fill = _written(self._shape)
        try:
            return self._fill(content)
        except (*EVALUATION_ERRORS, OverflowError):
            return self._shape.fill(content)


def _written(shape: ObjectShape) -> Fill:
    writer = code_writer()
    lines = [*_unless(writer, shape, "value", "return None"), *_object(writer, shape, "value", "o")]
    try:
        fill: Fill = writer.defined("fill", [*lines, "return o"])
    except DEEPER_THAN_PYTHON:
        return shape.fill
    return fill


def _elements_of(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError("is not a list")
    return value


def _deeper(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _unless(writer: CodeWriter, shape: ObjectShape, value: str, leave: str) -> Iterator[str]:
    if shape.when is not None:
        yield f"if not {writer.truth(shape.when.node, value)}: {leave}"


def _object(writer: CodeWriter, shape: ObjectShape, value: str, filled: str) -> Iterator[str]:
    yield f"{filled} = {{}}"
    for part in shape.parts:
        yield from _part(writer, part, value, filled)


def _part(writer: CodeWriter, part: Part, value: str, filled: str) -> Iterator[str]:
    if isinstance(part, Leaf):
        yield from _leaf(writer, part, value, filled)
        return
    inner = writer.fresh("o")
    keep = f"{filled}[{part.key!r}] = {inner}"
    if isinstance(part, ListShape):
        yield from _list(writer, part, value, inner)
        yield keep
    elif isinstance(part, Names):
        yield f"{inner} = {{}}"
        for leaf in part.leaves:
            yield from _leaf(writer, leaf, value, inner)
        yield keep
    else:
        lines = [*_object(writer, part, value, inner), keep]
        if part.when is None:
            yield from lines
        else:
            yield f"if {writer.truth(part.when.node, value)}:"
            yield from _deeper(lines)


def _leaf(writer: CodeWriter, leaf: Leaf, value: str, filled: str) -> Iterator[str]:
    found, node = writer.fresh("x"), leaf.expression.node
    yield f"{found} = {writer.code(node, value)}"
    if leaf.coerce is _TEXT:
        yield f"if {found}.__class__ is not str: {found} = {writer.bound(_TEXT)}({found})"
        yield f"if {found}: {filled}[{leaf.key!r}] = {found}"
        return
    if node["type"] != "function_expression" or node["value"] != _FITTING.get(leaf.coerce):
        unless = f"{found} is not None"
        if leaf.coerce is boolean:
            unless += f" and {found}.__class__ is not bool"
        yield f"if {unless}: {found} = {writer.bound(leaf.coerce)}({found})"
    yield f"if {found} is not None: {filled}[{leaf.key!r}] = {found}"


def _list(writer: CodeWriter, shape: ListShape, value: str, rows: str) -> Iterator[str]:
    element, inner = writer.fresh("v"), writer.fresh("o")
    elements = f"{writer.bound(_elements_of)}({writer.code(shape.each.node, value)})"
    yield f"{rows} = []"
    yield f"for {element} in {elements}:"
    lines = []
    if shape.needs_parent:
        lines.append(
            f"if isinstance({element}, dict): {element} = {{**{element}, 'parent': {value}}}"
        )
    lines += _unless(writer, shape.element, element, "continue")
    lines += _object(writer, shape.element, element, inner)
    yield from _deeper([*lines, f"{rows}.append({inner})"])
