"""
Evaluate value rules over an order and write down where each value came from.

A scope holds the names that expressions see and, for each, where it stands in the external order;
a draft collects values, trace and problems of what is being mapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connector.mappings import functions
from connector.mappings.expressions import Expression, ExpressionError, compile_expression
from connector.mappings.mapped_order import FieldTrace
from connector.mappings.problems import Problem
from connector.mappings.rule_models import Choice, Lookup, ValueRule
from connector.mappings.value_tables import ValueTable
from connector.sd_documents.values import Money


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


class At(NamedTuple):
    """Where a value goes, and by which rule: ``path`` in the document, ``key`` in the rules."""

    path: str
    key: str

    def field(self, name: str) -> At:
        """Return the place of a field of what is here, which its rule calls the same."""
        return At(f"{self.path}.{name}" if self.path else name, f"{self.key}.{name}")

    def named(self, path: str, key: str) -> At:
        """Return the place of something that document and rules call differently."""
        return At(f"{self.path}.{path}" if self.path else path, f"{self.key}.{key}")


def _shown(value: Any) -> str:
    return "" if isinstance(value, dict | list) else functions.text(value)


@dataclass(slots=True)
class Draft:
    """What mapping has found so far: the trace of one document and all problems."""

    tables: Mapping[str, ValueTable]
    problems: list[Problem] = field(default_factory=list)
    trace: list[FieldTrace] = field(default_factory=list)

    def problem(
        self, code: str, message: str, where: str = "", amount: Money | None = None
    ) -> None:
        """Note a problem, once."""
        found = Problem(code=code, message=message, where=where, amount=amount)
        if found not in self.problems:
            self.problems.append(found)

    def holds(self, when: Expression | None, scope: Scope, where: str) -> bool:
        """Tell whether a condition holds; no condition always does."""
        if when is None:
            return True
        try:
            return when.holds(scope.values)
        except ExpressionError as error:
            self.problem("VALUE_NOT_VALID", f"{error}; correct the rule", where)
            return False

    def elements(self, each: Expression, scope: Scope, where: str) -> Iterable[tuple[Any, Source]]:
        """Return the elements of a list with the place of each in the external order."""
        try:
            found = each.evaluate(scope.values)
        except ExpressionError as error:
            self.problem("VALUE_NOT_VALID", f"{error}; correct the rule", where)
            return ()
        if found is None:
            return ()
        if not isinstance(found, list):
            self.problem("VALUE_NOT_VALID", f"`{each.text}` is not a list; correct the rule", where)
            return ()
        listed = compile_expression(each.paths[0]).evaluate(scope.values) if each.paths else None
        path, _, _ = scope.origin(each)
        return [(element, Source(_place(path, listed, element))) for element in found]

    def value(self, rule: ValueRule, scope: Scope, at: At, because: str = "") -> Any:
        """Return the value of *rule* for the field *at*, None where it has none; trace it."""
        for choice in rule.choices:
            if not self.holds(choice.when, scope, at.path):
                continue
            found = self._chosen(choice, scope, at, because)
            if found is not None and found != "":
                return found
        return None

    def required(self, rule: ValueRule, scope: Scope, at: At, because: str = "") -> Any:
        """As :meth:`value`; nothing found is a problem, unless a lookup has said so already."""
        found = self.value(rule, scope, at, because)
        if found is None and not any(
            choice.value is not None and scope.depends_on_missing(choice.value)
            for choice in rule.choices
        ):
            reads = " or ".join(f"`{c.value.text}`" for c in rule.choices if c.value is not None)
            self.problem(
                "VALUE_MISSING",
                f"{at.path} is empty: {at.key} reads {reads or 'nothing that applies'}; give the "
                "rule a default or complete the order in the channel",
                at.path,
            )
        return found

    def constant(self, at: At, value: str, because: str = "") -> None:
        """Trace a value that the rules fix."""
        self._traced(at.path, value, f"{at.key} = constant", because=because)

    def derived(self, at: At, value: str, source: str, source_value: str) -> None:
        """Trace a value that is made of the field *source* of the order."""
        self._traced(at.path, value, at.key, (source, source_value))

    def lookup(self, name: str, lookup: Lookup, scope: Scope, key: str) -> Scope:
        """Return *scope* with the row that *lookup* finds under *name*."""
        tried: list[str] = []
        for choice in lookup.choices:
            if not self.holds(choice.when, scope, key):
                continue
            table = self.tables[choice.table]
            try:
                values = [functions.text(by.evaluate(scope.values)) for by in choice.by]
            except (ExpressionError, ValueError) as error:
                self.problem("VALUE_NOT_VALID", f"{key}: {error}; correct the rule", key)
                continue
            path = ", ".join(scope.origin(by)[0] for by in choice.by)
            shown = " / ".join(values)
            row = table.find(values)
            if row is not None:
                which = f"{table.file.name}: {' / '.join(row[column] for column in table.key)}"
                return scope.with_name(name, row, Source(path, which, shown))
            if any(value.strip() for value in values):
                what = f"{path} {shown!r} is not in {table.file.name}"
            else:
                what = f"{path} is empty, so {table.file.name} has no row for it"
            tried.append(f"{what} (key {' / '.join(table.key)})")
        if lookup.missing is not None and tried:
            where = scope.origin(lookup.choices[-1].by[0])[0]
            self.problem(
                lookup.missing, f"{'; '.join(tried)}; add a row to the table and retry", where
            )
        return scope.without(name)

    def _chosen(self, choice: Choice, scope: Scope, at: At, because: str) -> Any:
        because = choice.because or because
        if choice.value is None:
            self._traced(at.path, choice.constant, f"{at.key} = constant", because=because)
            return choice.constant
        try:
            found = choice.value.evaluate(scope.values)
        except ExpressionError as error:
            self.problem(
                "VALUE_NOT_VALID", f"{at.path}: {error} ({at.key}); correct the rule", at.path
            )
            return None
        if found is None or found == "":
            if choice.default is not None:
                self._traced(at.path, choice.default, f"{at.key} = default", because=because)
            return choice.default
        if isinstance(found, dict | list):
            self.problem(
                "VALUE_NOT_VALID",
                f"{at.path}: `{choice.value.text}` ({at.key}) yields a structure, not a value",
                at.path,
            )
            return None
        source, value, row = scope.origin(choice.value)
        rule = f"{at.key} = {choice.value.text}" + (f" [{row}]" if row else "")
        self._traced(at.path, found, rule, (source, value), because or scope.reason(choice.value))
        return found

    def _traced(
        self,
        path: str,
        value: Any,
        rule: str,
        source: tuple[str, str] = ("", ""),
        because: str = "",
    ) -> None:
        self.trace.append(
            FieldTrace.model_construct(
                path=path,
                value=functions.text(value),
                rule=rule,
                source_path=source[0],
                source_value=source[1],
                because=because,
            )
        )


def _place(path: str, listed: Any, element: Any) -> str:
    """Return the path of *element*, with its position where it stands in *listed* as it is."""
    if isinstance(listed, list):
        for number, candidate in enumerate(listed):
            if candidate is element:
                return f"{path}[{number}]"
    return path
