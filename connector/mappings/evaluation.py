"""
Evaluate value rules in a scope, and write down where each value came from.

A draft collects the trace and the problems of what is being mapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connector.mappings.expressions import Expression, ExpressionError, compile_expression
from connector.mappings.mapped_order import FieldTrace
from connector.mappings.problems import Problem
from connector.mappings.rule_models import Choice, Lookup, ValueRule
from connector.mappings.scope import Scope, Source
from connector.mappings.text_functions import text
from connector.mappings.value_tables import ValueTable
from connector.sd_documents.values import Money


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
                values = [text(by.evaluate(scope.values)) for by in choice.by]
            except (ExpressionError, ValueError) as error:
                self.problem("VALUE_NOT_VALID", f"{key}: {error}; correct the rule", key)
                continue
            path = ", ".join(scope.origin(by)[0] for by in choice.by)
            shown = " / ".join(values)
            row = table.find(values)
            if row is not None:
                which = f"{table.label}: {' / '.join(row[column] for column in table.key)}"
                return scope.with_name(name, row, Source(path, which, shown))
            if any(value.strip() for value in values):
                what = f"{path} {shown!r} is not in {table.label}"
            else:
                what = f"{path} is empty, so {table.label} has no row for it"
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
                value=text(value),
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
