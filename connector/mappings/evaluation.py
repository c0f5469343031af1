"""
Evaluate compiled values in a scope, and write down where each came from.

A draft collects the trace, the problems and the notices of what is being mapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from connector.mappings.at_stake import amount_at_stake
from connector.mappings.compiled_rules import CompiledLookup, LookupWay, Table, Value, Way
from connector.mappings.expressions import (
    EVALUATION_ERRORS,
    Expression,
    ExpressionError,
)
from connector.mappings.master_data import MasterDataNotReadError
from connector.mappings.missing_rows import MissingRow
from connector.mappings.problems import Notice, Problem
from connector.mappings.scope import NOWHERE, Origin, Scope, Source
from connector.mappings.text_functions import text
from connector.mappings.trace import FieldTrace, TraceLine
from connector.mappings.value_tables import Match, Row
from connector.sd_documents.values import Money

#: What can always be written as text.
_WRITABLE: Final = frozenset({str, Decimal, int, bool, date, datetime})


@dataclass(slots=True)
class Draft:
    """What mapping has found so far: the trace of one document, all problems and notices."""

    tables: Mapping[str, Table]
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    trace: list[TraceLine] = field(default_factory=list)
    missing_rows: dict[MissingRow, None] = field(default_factory=dict)

    def problem(
        self, code: str, message: str, where: str = "", amount: Money | None = None
    ) -> None:
        """Note a problem, once."""
        found = Problem(code=code, message=message, where=where, amount=amount)
        if found not in self.problems:
            self.problems.append(found)

    def notice(
        self, code: str, message: str, where: str, rule: str, scope: Scope, *, strict: bool = False
    ) -> None:
        """Note what was not certain, once, with the amount it concerns; *strict* makes it hold."""
        amount = amount_at_stake(scope)
        if strict:
            self.problem(code, f"{message} ({rule} is strict)", where, amount)
            return
        found = Notice(code=code, message=message, where=where, rule=rule, amount=amount)
        if found not in self.notices:
            self.notices.append(found)

    def holds(self, when: Expression | None, scope: Scope, where: str) -> bool:
        """Tell whether a condition holds; no condition always does."""
        if when is None:
            return True
        try:
            return when.test(scope.values)
        except EVALUATION_ERRORS as error:
            self._not_valid(when, error, where)
            return False

    def elements(self, each: Expression, scope: Scope, where: str) -> Iterable[tuple[Any, Source]]:
        """Return the elements of a list with the place of each in the external order."""
        try:
            found = each.run(scope.values)
        except EVALUATION_ERRORS as error:
            self._not_valid(each, error, where)
            return ()
        if not found:
            return ()
        if not isinstance(found, list):
            self.problem("VALUE_NOT_VALID", f"`{each.text}` is not a list; correct the rule", where)
            return ()
        listed = each.reads[0].path.run(scope.values) if each.reads else None
        path = scope.path(each)
        return [(element, Source(_place(path, listed, element))) for element in found]

    def value(self, value: Value, scope: Scope, prefix: str = "") -> Any:
        """
        Return *value* for the field that it fills below *prefix*, None where it has none; trace it.

        Nothing found is a problem where the rule says that the value is required.
        """
        found = self._first(value, scope, prefix)
        if found is None and value.required:
            self._missing(value, scope, prefix)
        return found

    def required(self, value: Value, scope: Scope, prefix: str = "") -> Any:
        """As :meth:`value`; nothing found is a problem, unless a lookup has said so already."""
        found = self._first(value, scope, prefix)
        if found is None:
            self._missing(value, scope, prefix)
        return found

    def constant(self, path: str, value: str, rule: str, because: str, file: str) -> None:
        """Trace a value that the rules fix."""
        self._traced(path, value, rule, NOWHERE, (because, file))

    def derived(
        self, path: str, value: str, rule: tuple[str, str], source: tuple[str, str]
    ) -> None:
        """Trace a value that *rule* (and its file) makes of the field *source* of the order."""
        self._traced(path, value, rule[0], (*source, "", ""), ("", rule[1]))

    def lookup(self, lookup: CompiledLookup, scope: Scope) -> Scope:
        """Return *scope* with the row that *lookup* finds under its name."""
        found = self._row(lookup, scope)
        if found is None:
            return scope.without(lookup.name)
        return scope.with_name(lookup.name, *found)

    def _first(self, value: Value, scope: Scope, prefix: str) -> Any:
        only = value.only
        if only is not None:
            # Nearly all values: no condition, no second way, and something that is there.
            try:
                found = only.run(scope.values)
            except EVALUATION_ERRORS:
                found = None
            if found and found.__class__ in _WRITABLE:
                self.trace.append((prefix, value.name, found, value.ways[0], only, scope))
                return found
            return self._evaluated(value.ways[0], only, value, scope, prefix)
        for way in value.ways:
            if way.when is not None and not self.holds(way.when, scope, prefix + value.name):
                continue
            expression = way.expression
            if expression is not None:
                found = self._evaluated(way, expression, value, scope, prefix)
            elif way.cell is not None:
                found = self._cell(way, way.cell, value, scope, prefix)
            else:
                found = way.constant
                self._traced(prefix + value.name, found, way.rule, NOWHERE, (way.because, way.file))
            if found is not None and found != "":
                return found
        return None

    def _evaluated(
        self, way: Way, expression: Expression, value: Value, scope: Scope, prefix: str
    ) -> Any:
        try:
            found = expression.run(scope.values)
        except EVALUATION_ERRORS as error:
            path = prefix + value.name
            failed = ExpressionError(expression.text, str(error))
            self.problem(
                "VALUE_NOT_VALID", f"{path}: {failed} ({value.key}); correct the rule", path
            )
            return None
        if found is None or found == "":
            return self._default(way, value, scope, prefix, scope.depends_on_missing(expression))
        if found.__class__ is not str:
            if isinstance(found, dict | list):
                path = prefix + value.name
                self.problem(
                    "VALUE_NOT_VALID",
                    f"{path}: `{expression.text}` ({value.key}) yields a structure, not a value",
                    path,
                )
                return None
            if found.__class__ not in _WRITABLE:
                text(found)  # raises ValueError for what is no value
        self.trace.append((prefix, value.name, found, way, expression, scope))
        return found

    def _cell(self, way: Way, cell: CompiledLookup, value: Value, scope: Scope, prefix: str) -> Any:
        found = self._row(cell, scope)
        if found is None or not found[0].get(cell.column):
            return self._default(way, value, scope, prefix, is_missing=True)
        row, source = found
        shown = row[cell.column]
        origin = (source.path, source.value, source.row, source.because)
        self._traced(
            prefix + value.name, shown, way.rule, origin, (way.because or source.because, way.file)
        )
        return shown

    def _default(
        self, way: Way, value: Value, scope: Scope, prefix: str, is_missing: bool
    ) -> str | None:
        if way.default is None:
            return None
        path = prefix + value.name
        if is_missing:
            self.notice(
                "DEFAULT_WITHOUT_ROW",
                f"{path} is {way.default!r}, the default of {value.key}: its table has no row",
                path,
                value.key,
                scope,
                strict=way.strict,
            )
        self._traced(path, way.default, way.rule_default, NOWHERE, (way.because, way.file))
        return way.default

    def _missing(self, value: Value, scope: Scope, prefix: str) -> None:
        for way in value.ways:
            if way.expression is not None and scope.depends_on_missing(way.expression):
                return
            if way.cell is not None and (
                way.cell.missing is not None
                or any(scope.depends_on_missing(by) for each in way.cell.ways for by in each.by)
            ):
                return
        path = prefix + value.name
        cell = next(filter(None, (scope.cell(each.expression) for each in value.ways)), "")
        self.problem(
            "VALUE_MISSING",
            f"{path} is empty: {cell} is not filled in; fill it in and retry"
            if cell
            else f"{path} is empty: {value.key} reads {value.shown}; give the rule a default or "
            "complete the order in the channel",
            path,
        )

    def _row(self, lookup: CompiledLookup, scope: Scope) -> tuple[Row, Source] | None:
        """Return the row that *lookup* finds and where it stands; note what keeps it from one."""
        tried: list[str] = []
        lacking: list[MissingRow] = []
        for way in lookup.ways:
            if way.when is not None and not self.holds(way.when, scope, lookup.key):
                continue
            values = self._key_values(lookup, way, scope)
            if values is None:
                continue
            table = self.tables[way.table]
            path = ", ".join([found for by in way.by if (found := scope.path(by))])
            shown = " / ".join(values)
            try:
                match = table.match(values)
            except MasterDataNotReadError:
                self.problem(
                    "MASTER_DATA_NOT_READ",
                    f"{path} {shown!r} is looked up in {table.label}, which was not asked; map "
                    "where the ERP may be read",
                    path,
                )
                return None
            if match is not None:
                if match.is_ambiguous:
                    self._ambiguous(path, shown, table, match)
                    return None
                if match.by_default:
                    row = MissingRow(
                        way.table, table.label, tuple(values), path, lookup.key,
                        "DEFAULT_ROW" if lookup.strict else "", by_default=True,
                    )  # fmt: skip
                    self.missing_rows[row] = None
                    self._by_default(lookup, f"{path} {shown!r}", table, match, scope)
                which = f"{table.label}: {' / '.join([match.row[c] for c in table.key])}"
                return match.row, Source(path, which, shown, match.row.get("because", ""))
            tried.append(_not_found(way, values, table, path, scope))
            row = MissingRow(
                way.table, table.label, tuple(values), path, lookup.key, lookup.missing or ""
            )
            lacking.append(row)
        self.missing_rows.update(dict.fromkeys(lacking))
        if lookup.missing is not None and tried:
            where = next((path for by in lookup.ways[-1].by if (path := scope.path(by))), "")
            self.problem(
                lookup.missing, f"{'; '.join(tried)}; add a row to the table and retry", where
            )
        return None

    def _key_values(self, lookup: CompiledLookup, way: LookupWay, scope: Scope) -> list[str] | None:
        """Return what is looked up; note why where it cannot be worked out, and return None."""
        try:
            return [text(by.run(scope.values)) for by in way.by]
        except EVALUATION_ERRORS as error:
            path, said = _read(way.by, scope)
            message = f"{path} {said!r}: {error} ({lookup.key}); correct it there, or the rule"
            self.problem("VALUE_NOT_VALID", message, path or lookup.key)
            return None

    def _ambiguous(self, path: str, shown: str, table: Table, match: Match) -> None:
        rows = (match.row, *match.rivals)
        self.problem(
            "AMBIGUOUS_LOOKUP",
            f"{path} {shown!r} has {len(rows)} rows in {table.label}: {_differing(rows)}; leave "
            "one of them, or look it up by more columns",
            path,
        )

    def _by_default(
        self,
        lookup: CompiledLookup,
        what: str,
        table: Table,
        match: Match,
        scope: Scope,
    ) -> None:
        path = what.partition(" ")[0]
        row = " / ".join(match.row[column] for column in table.key)
        self.notice(
            "DEFAULT_ROW",
            f"{what} has no row of its own in {table.label}: the row {row} was taken",
            path,
            lookup.key,
            scope,
            strict=lookup.strict,
        )
        if match.rivals:
            others = ", ".join(" / ".join(row[c] for c in table.key) for row in match.rivals)
            self.notice(
                "TWO_CANDIDATES",
                f"{what} fits {row} in {table.label} as well as {others}: the one whose "
                "* stand further right was taken",
                path,
                lookup.key,
                scope,
                strict=lookup.strict,
            )

    def _not_valid(self, expression: Expression, error: Exception, where: str) -> None:
        failed = ExpressionError(expression.text, str(error))
        self.problem("VALUE_NOT_VALID", f"{failed}; correct the rule", where)

    def _traced(
        self, path: str, value: Any, rule: str, origin: Origin, reason: tuple[str, str]
    ) -> None:
        because, file = reason
        source_path, source_value, row, _ = origin
        shown = value if value.__class__ is str else text(value)
        rule = f"{rule} [{row}]" if row else rule
        self.trace.append(FieldTrace(path, shown, rule, source_path, source_value, because, file))


def _not_found(way: LookupWay, values: list[str], table: Table, path: str, scope: Scope) -> str:
    # What the rule itself gives, such as whose number it is, makes no value of it.
    if any(v.strip() for by, v in zip(way.by, values, strict=True) if scope.path(by)):
        what = f"{path} {' / '.join(values)!r} is not in {table.label}"
    else:
        what = f"{path} is empty{_title(scope)}, so {table.label} has no row for it"
    return f"{what} (key {' / '.join(table.key)})"


def _title(scope: Scope) -> str:
    """Return what the line is called, for those who only have that."""
    line = scope.values.get("line")
    title = line["title"] if isinstance(line, dict) else ""
    return f" ({title[:60]})" if title else ""


def _read(by: tuple[Expression, ...], scope: Scope) -> tuple[str, str]:
    """Return where what *by* reads stands, and what stands there."""
    found = [origin for each in by if (origin := scope.origin(each))[0]]
    return ", ".join(path for path, *_ in found), " / ".join(value for _, value, *_ in found)


def _differing(rows: tuple[Row, ...]) -> str:
    columns = [c for c in rows[0] if len({row.get(c, "") for row in rows}) > 1] or list(rows[0])
    return " and ".join(", ".join(f"{c} {row.get(c, '')}" for c in columns) for row in rows)


def _place(path: str, listed: Any, element: Any) -> str:
    """Return the path of *element*, with its position where it stands in *listed* as it is."""
    if isinstance(listed, list):
        for number, candidate in enumerate(listed):
            if candidate is element:
                return f"{path}[{number}]"
    return path
