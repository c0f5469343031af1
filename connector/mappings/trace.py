"""
Where each field of a document comes from.

While an order is mapped only what was found is written down, with the rule and the scope that it
was found in: the words are made when somebody reads them, as most traces are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, overload

from connector.mappings.compiled_rules import Way
from connector.mappings.expressions import Expression
from connector.mappings.scope import Scope
from connector.mappings.text_functions import text


class FieldTrace(NamedTuple):
    """
    Where one field of a document comes from.

    ``path`` is the field in the document (``items[0].material``), ``rule`` the key of the rule and
    what it does, ``source_path`` and ``source_value`` what it read from the external order (empty
    for a constant), ``because`` the reason that the rules give, ``file`` where the rule that won
    is written (``shop.yaml:12``).
    """

    path: str
    value: str
    rule: str
    source_path: str = ""
    source_value: str = ""
    because: str = ""
    file: str = ""


#: What an expression of a rule yielded: prefix and name of the field, the value, its way, the
#: expression and the scope that it was evaluated in. A plain tuple: one is made for every value.
Evaluated: TypeAlias = tuple[str, str, Any, Way, Expression, Scope]
TraceLine: TypeAlias = FieldTrace | Evaluated


def written(line: TraceLine) -> FieldTrace:
    """Return *line* in words."""
    if line.__class__ is FieldTrace:
        return line
    prefix, name, value, way, expression, scope = line  # type: ignore[misc]
    source_path, source_value, row, because = scope.origin(expression, value)
    return FieldTrace(
        prefix + name,
        value if value.__class__ is str else text(value),
        f"{way.rule} [{row}]" if row else way.rule,
        source_path,
        source_value,
        way.because or because,
        way.file,
    )


class Trace(Sequence[FieldTrace]):
    """The origin of each field of a document, in words as soon as somebody looks."""

    __slots__ = ("_lines", "_written")

    def __init__(self, lines: Iterable[TraceLine] = ()) -> None:
        self._lines: Iterable[TraceLine] = lines
        self._written: tuple[FieldTrace, ...] | None = None

    def _all(self) -> tuple[FieldTrace, ...]:
        if self._written is None:
            self._written = tuple(map(written, self._lines))
            # What it was written from holds on to the whole order.
            self._lines = ()
        return self._written

    @overload
    def __getitem__(self, index: int) -> FieldTrace: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[FieldTrace, ...]: ...

    def __getitem__(self, index: int | slice) -> FieldTrace | tuple[FieldTrace, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[FieldTrace]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Trace | tuple):
            return self._all() == tuple(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def __reduce__(self) -> tuple[type[Trace], tuple[tuple[FieldTrace, ...]]]:
        return Trace, (self._all(),)
