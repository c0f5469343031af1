"""
What expressions of the rules see, and where it stands in the external order.

A scope holds names with their values; for each it knows the place in the order, or the row of a
value table, so that the trace can say where a value came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.mappings.expressions import Expression, compile_expression
from connector.mappings.text_functions import text


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where a name of a scope stands: ``path`` in the external order (empty for the order itself).

    For a row of a table ``row`` says which, and ``paths`` and ``value`` are those of its key.
    """

    path: str = ""
    row: str = ""
    value: str = ""


@dataclass(slots=True)
class Scope:
    """The names that expressions see. ``missing`` are lookups that found nothing."""

    values: dict[str, Any]
    sources: dict[str, Source]
    missing: frozenset[str] = frozenset()

    def with_name(self, name: str, value: Any, source: Source) -> Scope:
        """Return a scope in which *name* is *value* as well."""
        return Scope(
            {**self.values, name: value}, {**self.sources, name: source}, self.missing - {name}
        )

    def with_own(self, name: str, value: Any) -> Scope:
        """Return a scope in which *name* is *value*, which is not from the external order."""
        return Scope({**self.values, name: value}, self.sources, self.missing)

    def without(self, name: str) -> Scope:
        """Return a scope in which the lookup *name* found nothing."""
        values = {**self.values, name: None}
        return Scope(values, self.sources, self.missing | {name})

    def origin(self, expression: Expression) -> tuple[str, str, str]:
        """Return source path, source value and table row of what *expression* reads."""
        paths: list[str] = []
        found: list[str] = []
        rows: list[str] = []
        for path in expression.paths:
            head, dot, rest = path.partition(".")
            source = self.sources.get(head)
            if source is None:
                continue
            if source.row:
                paths.append(source.path)
                found.append(source.value)
                rows.append(source.row)
                continue
            paths.append(f"{source.path}.{rest}" if source.path and dot else source.path or rest)
            found.append(_shown(compile_expression(path).evaluate(self.values)))
        if len(paths) == 1:
            return paths[0], found[0], rows[0] if rows else ""
        return (
            ", ".join(dict.fromkeys(paths)),
            ", ".join(text for text in found if text),
            ", ".join(dict.fromkeys(rows)),
        )

    def reason(self, expression: Expression) -> str:
        """Return what the table rows that *expression* reads say in a column `because`."""
        rows = (self.values.get(path.partition(".")[0]) for path in expression.paths)
        found = (row.get("because") for row in rows if isinstance(row, dict))
        return "; ".join(dict.fromkeys(text for text in found if isinstance(text, str) and text))

    def depends_on_missing(self, expression: Expression) -> bool:
        """Tell whether *expression* reads a lookup that found nothing."""
        return bool(self.missing) and any(
            path.partition(".")[0] in self.missing for path in expression.paths
        )


def _shown(value: Any) -> str:
    return "" if isinstance(value, dict | list) else text(value)
