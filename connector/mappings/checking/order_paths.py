"""Which fields of the external order expressions read, and which a profile fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from connector.mappings.coercion import model_in, plain_type
from connector.mappings.expressions import Expression, compile_expression
from connector.mappings.external_order import ExternalLine, ExternalOrder, ExternalPayment
from connector.mappings.shape import ListShape, ObjectShape

#: A field of the external order as names from its top: ("lines", "sku").
OrderPath = tuple[str, ...]

#: Names of rules that stand for a part of the order, and where that part is.
_PARTS: Final[Mapping[str, tuple[OrderPath, type[BaseModel]]]] = {
    "order": ((), ExternalOrder),
    "line": (("lines",), ExternalLine),
    "payment": (("payments",), ExternalPayment),
}
#: What an item knows of itself beside its line.
_ITEM: Final = frozenset({"number", "material", "unit"})


@dataclass(frozen=True, slots=True)
class Step:
    """A field that was reached: its path, and the name at which the model knew no further."""

    path: OrderPath
    unknown: str = ""
    known: tuple[str, ...] = ()


def reads_of(expression: Expression, entry: Expression | None) -> Iterator[Step]:
    """
    Yield the fields that *expression* reads; *entry* is the list that its `entry` comes from.

    Names that are no part of the order (lookups, calendars) are left out.
    """
    for path in expression.paths:
        parts = _parts(path)
        head = parts[0]
        if head in _PARTS:
            above, model = _PARTS[head]
            yield _followed(above, model, parts[1:])
        elif head == "entry" and entry is not None and entry.paths:
            for step in _entries(entry):
                if step is not None:
                    yield _followed(step[0], step[1], parts[1:])
        elif head == "item" and len(parts) > 1 and parts[1] not in _ITEM:
            yield Step(("item", parts[1]), parts[1], tuple(sorted(_ITEM)))


def _entries(entry: Expression) -> Iterator[tuple[OrderPath, type[BaseModel]] | None]:
    """Yield the list that *entry* reads and the model of its elements, where that is plain."""
    parts = _parts(entry.paths[0])
    if len(entry.paths) != 1 or parts[0] not in _PARTS:
        return
    above, model = _PARTS[parts[0]]
    found: type[BaseModel] | None = model
    for part in parts[1:]:
        if found is None or part not in found.model_fields:
            return
        found, _ = model_in(found.model_fields[part].annotation)
    if found is not None:
        yield (*above, *parts[1:]), found


def _followed(above: OrderPath, model: type[BaseModel], names: list[str]) -> Step:
    path = above
    inner: Any = model
    for name in names:
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            if name not in inner.model_fields:
                return Step((*path, name), name, tuple(inner.model_fields))
            annotation = inner.model_fields[name].annotation
            inner = model_in(annotation)[0] or plain_type(annotation)
        path = (*path, name)
    return Step(path)


def _parts(path: str) -> list[str]:
    """Return the names of a path, without positions in lists and without quotes."""
    node = compile_expression(path)
    return [part.partition("[")[0].strip('"') for part in node.text.split(".")]


def filled_by(shape: ObjectShape | ListShape, above: OrderPath = ()) -> Iterator[OrderPath]:
    """
    Yield the fields that a profile fills, also the objects and lists around them.

    Names of attributes end the path; ``*`` stands for those that cannot be told beforehand.
    """
    if isinstance(shape, ListShape):
        yield from filled_by(shape.element, above)
        return
    for part in shape.parts:
        path = (*above, part.key)
        yield path
        if isinstance(part, ObjectShape | ListShape):
            yield from filled_by(part, path)
        elif part.names is not None:
            for name in part.names:
                yield (*path, name)
        elif part.is_open:
            yield (*path, "*")
