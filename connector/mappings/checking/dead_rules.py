"""Rules that nothing reaches or uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel

from connector.mappings.checking.findings import Finding, finding, in_table
from connector.mappings.config_file import ConfigFile
from connector.mappings.evaluators import is_false
from connector.mappings.expressions import Expression
from connector.mappings.master_data import MasterDataTable
from connector.mappings.rule_models import RulesFile
from connector.mappings.rules import Key, cells_in, expressions_in, lookups_in
from connector.mappings.value_rules import Choice, Lookup, ValueRule
from connector.mappings.value_tables import ValueTable

Tables = Mapping[str, ValueTable | MasterDataTable]

#: Columns for people: why a row is there. They need not be read by any rule.
REMARKS: Final = frozenset({"because", "comment", "description", "note", "remark"})


def unused(file: ConfigFile, rules: RulesFile, tables: Tables) -> Iterator[Finding]:
    """Yield tables, columns, lookups and calendars that nothing uses."""
    columns: dict[str, set[str]] = {name: set() for name in tables}
    used_tables = {cell.table for _, cell in cells_in(rules, ())}
    for _, cell in cells_in(rules, ()):
        columns.setdefault(cell.table, set()).add(cell.column)
    reads = list(_reads(rules))
    for key, lookup in lookups_in(rules):
        name = str(key[-1])
        found = [rest for read_key, head, rest in reads if head == name and _within(key, read_key)]
        for choice in lookup.choices:
            used_tables.add(choice.table)
            columns.setdefault(choice.table, set()).update(found)
        if not found and lookup.missing is None:
            yield finding(
                "unused-lookup", file, key, f"nothing reads the lookup {name!r}", "Remove it"
            )
    for name, table in tables.items():
        if name not in used_tables:
            yield finding(
                "unused-table", file, ("tables", name), f"no lookup uses {name!r}", "Remove it"
            )
        elif isinstance(table, ValueTable) and "" not in columns[name]:
            yield from _unused_columns(table, columns[name])
    calendars = {rest for _, head, rest in reads if head == "calendars"}
    for name in rules.calendars:
        if name not in calendars:
            yield finding(
                "unused-calendar", file, ("calendars", name), f"nothing reads {name!r}", "Remove it"
            )


def _unused_columns(table: ValueTable, used: set[str]) -> Iterator[Finding]:
    for column in table.columns:
        if column and column not in used and column not in table.key and column not in REMARKS:
            yield in_table(
                "unused-column",
                table.file,
                1,
                f"no rule reads the column {column!r}",
                "Use it, remove it, or call it `because` if it is a remark",
            )


def _reads(rules: RulesFile) -> Iterator[tuple[Key, str, str]]:
    """Yield key, first name and second name of everything that expressions read."""
    for key, expression in expressions_in(rules, ()):
        for read in expression.reads:
            yield key, read.head, read.rest.partition(".")[0]


def _within(lookup: Key, reader: Key) -> bool:
    """Tell whether what stands at *reader* can see the lookup at *lookup*."""
    around = lookup[:-2]
    return reader[: len(around)] == around and reader[: len(lookup)] != lookup


def unreachable(file: ConfigFile, rules: RulesFile) -> Iterator[Finding]:
    """Yield choices after one that always decides, and conditions that never hold."""
    for key, node in models_in(rules, ()):
        when = getattr(node, "when", None)
        if isinstance(when, Expression) and not when.paths and _never(when):
            yield finding("unreachable", file, (*key, "when"), f"`{when.text}` never holds")
        if isinstance(node, ValueRule):
            yield from _after_the_last(file, key, node)
        if isinstance(node, Lookup):
            yield from _repeated_ways(file, key, node)
    seen: dict[tuple[str, str], int] = {}
    for number, hold in enumerate(rules.holds):
        same = seen.setdefault((hold.code, hold.when.text), number)
        if same != number:
            yield finding(
                "unreachable", file, ("holds", number), f"says the same as hold {same + 1}"
            )


def _never(when: Expression) -> bool:
    # Without a path there is nothing that an order could change.
    return not when.reads and "(" not in when.text and is_false(when.evaluate({}))


def _after_the_last(file: ConfigFile, key: Key, rule: ValueRule) -> Iterator[Finding]:
    conditions: dict[str, int] = {}
    for number, choice in enumerate(rule.choices):
        following = len(rule.choices) - number - 1
        if choice.when is None and _always(choice) and following:
            yield finding(
                "unreachable",
                file,
                (*key, number + 1),
                f"is never reached: choice {number + 1} before it always has a value",
                "Put it first, or give the other a `when`",
            )
            return
        if choice.when is not None:
            same = conditions.setdefault(choice.when.text, number)
            if same != number and _always(rule.choices[same]):
                yield finding(
                    "unreachable",
                    file,
                    (*key, number),
                    f"is never reached: choice {same + 1} has the same `when`",
                )


def _always(choice: Choice) -> bool:
    return bool(choice.constant) or bool(choice.default)


def _repeated_ways(file: ConfigFile, key: Key, lookup: Lookup) -> Iterator[Finding]:
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    for number, choice in enumerate(lookup.choices):
        way = (
            choice.table,
            tuple(by.text for by in choice.by),
            choice.when.text if choice.when is not None else "",
        )
        if way in seen:
            yield finding(
                "unreachable", file, (*key, "choices", number), "looks up what was not there before"
            )
        seen.add(way)


def without_default(file: ConfigFile, rules: RulesFile) -> Iterator[Finding]:
    """
    Yield lookups that may find nothing without anybody hearing of it.

    Fields that a document cannot be without are left out: they hold the order by themselves. So
    are those that are filled only where the lookup has a row.
    """
    silent = [(key, lookup) for key, lookup in lookups_in(rules) if lookup.missing is None]
    for key, rule, conditions in _optional_values(rules, (), ()):
        last = rule.choices[-1]
        if _always(last) or any(choice.required for choice in rule.choices):
            continue
        if last.lookup is not None and last.lookup.missing is None:
            yield finding(
                "no-default",
                file,
                key,
                f"looks into {last.lookup.table} and has no default: without a row it stays empty",
                "Give it `default`, `required` or, in the lookup, `missing`",
            )
        asked = {read.head for when in (*conditions, last.when) if when for read in when.reads}
        for lookup_key, _ in silent:
            name = str(lookup_key[-1])
            reads = last.value.reads if last.value is not None else ()
            if name in asked or not _within(lookup_key, key):
                continue
            if any(read.head == name for read in reads):
                yield finding(
                    "no-default",
                    file,
                    lookup_key,
                    f"has no `missing`, and {_dotted(key)} no default: without a row it stays "
                    "empty",
                    "Give the lookup `missing`, or the value a `default` or `required`",
                )


def _optional_values(
    node: Any, key: Key, conditions: tuple[Expression, ...]
) -> Iterator[tuple[Key, ValueRule, tuple[Expression, ...]]]:
    """Yield the values of fields that may stay empty, with the conditions they stand under."""
    if isinstance(node, BaseModel):
        when = getattr(node, "when", None)
        under = (*conditions, when) if isinstance(when, Expression) else conditions
        for name, field in type(node).model_fields.items():
            value = getattr(node, name)
            if isinstance(value, ValueRule):
                if not field.is_required() and name in node.model_fields_set:
                    yield (*key, name), value, under
            elif name in node.model_fields_set:
                yield from _optional_values(value, (*key, name), under)
    elif isinstance(node, Mapping):
        for name, content in node.items():
            yield from _optional_values(content, (*key, name), conditions)
    elif isinstance(node, tuple):
        for number, content in enumerate(node):
            yield from _optional_values(content, (*key, number), conditions)


def _dotted(key: Key) -> str:
    return ".".join(str(part) for part in key)


def models_in(node: Any, key: Key) -> Iterator[tuple[Key, BaseModel]]:
    """Yield every model in *node* that was written down, with its key."""
    if isinstance(node, BaseModel):
        yield key, node
        for name in type(node).model_fields:
            if name in node.model_fields_set:
                yield from models_in(getattr(node, name), (*key, name))
    elif isinstance(node, Mapping):
        for name, content in node.items():
            yield from models_in(content, (*key, name))
    elif isinstance(node, tuple):
        for number, content in enumerate(node):
            yield from models_in(content, (*key, number))
