"""
What expressions of the rules see, and where it stands in the external order.

A scope holds names with their values; for each it knows the place in the order, or the row of a
value table, so that the trace can say where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from connector.mappings.expressions import Expression
from connector.mappings.text_functions import text


class Source(NamedTuple):
    """
    Where a name of a scope stands: ``path`` in the external order (empty for the order itself).

    For a row of a table ``row`` says which, ``paths`` and ``value`` are those of its key, and
    ``because`` is what its column of that name says.
    """

    path: str = ""
    row: str = ""
    value: str = ""
    because: str = ""


#: Source path, source value, table row and reason of what an expression reads. A plain tuple: one
#: is made for every value of every document.
Origin = tuple[str, str, str, str]

NOWHERE: Final[Origin] = ("", "", "", "")


@dataclass(slots=True)
class Scope:
    """The names that expressions see. ``missing`` are lookups that found nothing."""

    values: dict[str, Any]
    sources: dict[str, Source]
    missing: frozenset[str] = frozenset()

    def with_name(self, name: str, value: Any, source: Source) -> Scope:
        """Return a scope in which *name* is *value* as well."""
        missing = self.missing - {name} if self.missing else self.missing
        return Scope({**self.values, name: value}, {**self.sources, name: source}, missing)

    def with_own(self, name: str, value: Any) -> Scope:
        """Return a scope in which *name* is *value*, which is not from the external order."""
        return Scope({**self.values, name: value}, self.sources, self.missing)

    def without(self, name: str) -> Scope:
        """Return a scope in which the lookup *name* found nothing."""
        values = {**self.values, name: None}
        return Scope(values, self.sources, self.missing | {name})

    def origin(self, expression: Expression, found: Any = None) -> Origin:
        """
        Return where what *expression* reads comes from.

        *found* is what it yielded: for an expression that is but a path, that is what it read.
        """
        reads = expression.reads
        if len(reads) != 1:
            return self._origins(expression)
        head, rest, read = reads[0]
        source = self.sources.get(head)
        if source is None:
            return NOWHERE
        if source.row:
            return source.path, source.value, source.row, source.because
        path = f"{source.path}.{rest}" if source.path and rest else source.path or rest
        if not expression.is_path:
            found = read.run(self.values)
        return path, found if found.__class__ is str else _shown(found), "", ""

    def _origins(self, expression: Expression) -> Origin:
        paths: dict[str, None] = {}
        found: list[str] = []
        rows: dict[str, None] = {}
        because: dict[str, None] = {}
        for head, rest, read in expression.reads:
            source = self.sources.get(head)
            if source is None:
                continue
            if source.row:
                paths[source.path] = None
                found.append(source.value)
                rows[source.row] = None
                if source.because:
                    because[source.because] = None
                continue
            path = f"{source.path}.{rest}" if source.path and rest else source.path or rest
            paths[path] = None
            found.append(_shown(read.run(self.values)))
        if not paths:
            return NOWHERE
        return (
            ", ".join(paths),
            ", ".join([value for value in found if value]),
            ", ".join(rows),
            "; ".join(because),
        )

    def path(self, expression: Expression) -> str:
        """Return where what *expression* reads stands in the external order."""
        reads = expression.reads
        if len(reads) != 1:
            return self._origins(expression)[0]
        head, rest, _ = reads[0]
        source = self.sources.get(head)
        if source is None:
            return ""
        if source.row:
            return source.path
        return f"{source.path}.{rest}" if source.path and rest else source.path or rest

    def cell(self, expression: Expression | None) -> str:
        """Return which cell of which row *expression* is, empty where it is more than that."""
        if expression is None or not expression.is_path:
            return ""
        head, column, _ = expression.reads[0]
        source = self.sources.get(head)
        return f"the column {column} of {source.row}" if source and source.row else ""

    def depends_on_missing(self, expression: Expression) -> bool:
        """Tell whether *expression* reads a lookup that found nothing."""
        return bool(self.missing) and any(read.head in self.missing for read in expression.reads)


def _shown(value: Any) -> str:
    return "" if isinstance(value, dict | list) else text(value)
