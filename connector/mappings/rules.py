"""Mapping rules, read and checked: what :func:`~connector.mappings.map_order.map_order` needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connector.errors import ConfigurationError
from connector.mappings.calendars import WEEKDAYS, WorkingCalendar, read_holidays
from connector.mappings.compile_rules import compile_rules
from connector.mappings.compiled_rules import CompiledRules
from connector.mappings.config_file import ConfigFile, nearest
from connector.mappings.expressions import Expression
from connector.mappings.master_data import MASTER_DATA_COLUMNS, MasterData, MasterDataTable
from connector.mappings.rule_models import (
    CalendarRules,
    DocumentRules,
    HoldRule,
    PaymentRules,
    ReferenceRules,
    RulesFile,
    TableRules,
    category_of,
)
from connector.mappings.value_rules import Cell, Lookup, Lookups
from connector.mappings.value_tables import ValueTable, read_table
from connector.sd_documents.values import DocumentCategory

Key = tuple[str | int, ...]

#: What every expression may start with, beside the names of lookups.
_ORDER_NAMES = frozenset({"order"})
_NAMES_AT = {"items": {"line", "item"}, "payments": {"payment"}, "among": {"line"}}
#: What included rules define and these complete; everything else is replaced as a whole.
_STRUCTURE = frozenset(
    {
        "documents", "items", "lookups", "tables", "calendars", "payments", "reference", "holds",
        "partners", "conditions", "texts", "address", "schedule_lines",
    }
)  # fmt: skip
_LISTS = frozenset({"documents", "holds", "partners", "conditions", "texts"})
_TABLES = frozenset({"lookups", "tables", "calendars"})


def merges(key: Key) -> bool:
    """Tell whether rules complete what included rules have at *key*, or replace it."""
    if not key:
        return True
    above = key[-2] if len(key) > 1 else ""
    return above not in _TABLES and (key[-1] in _STRUCTURE or above in _LISTS)


@dataclass(frozen=True, slots=True)
class MappingRules:
    """
    Checked rules of one channel with their value tables and calendars.

    ``compiled`` is what mapping runs, ``files`` all that was read: rules, tables, holidays.
    ``proposal`` is not empty while nobody has confirmed them.
    """

    path: Path
    channel: str
    reference: ReferenceRules
    lookups: Lookups
    holds: tuple[HoldRule, ...]
    documents: Mapping[DocumentCategory, DocumentRules]
    payments: PaymentRules | None
    tables: Mapping[str, ValueTable | MasterDataTable]
    calendars: Mapping[str, WorkingCalendar]
    compiled: CompiledRules
    files: tuple[Path, ...]
    proposal: str = ""

    @property
    def asks_the_erp(self) -> bool:
        """Tell whether a lookup needs master data of the ERP."""
        return any(isinstance(table, MasterDataTable) for table in self.tables.values())

    def with_master_data(self, source: MasterData) -> MappingRules:
        """Return these rules with the ERP's master data from *source*."""
        tables = {
            name: table.reading(source) if isinstance(table, MasterDataTable) else table
            for name, table in self.tables.items()
        }
        return replace(self, tables=tables)


def load_rules(path: Path, tables_from: Path | None = None) -> MappingRules:
    """
    Read and check the rules at *path* with the value tables that they name.

    A table's file is looked for in *tables_from* first, where given (a history brings its own
    customers), then beside the rules.

    Raises:
        ConfigurationError: unreadable, or wrong; names file, key, line and the nearest right name.
    """
    file = ConfigFile(path, merges)
    expand_likeness(file)
    written = file.validate(RulesFile)
    if written.include:
        raise file.error(("include",), "stands in an included file's place", "Name a file")
    tables = {
        name: read_rule_table(file, name, table, tables_from)
        for name, table in written.tables.items()
    }
    calendars = {
        name: read_calendar(file, name, calendar) for name, calendar in written.calendars.items()
    }
    for wrong in wrong_names(file, written, tables):
        raise wrong
    beside = path.parent

    def written_at(key: Key) -> str:
        place = file.place(key)
        if place is None:
            return path.name
        inside = place.file.is_relative_to(beside)
        name = place.file.relative_to(beside) if inside else place.file
        return f"{name.as_posix()}:{place.line}"

    return MappingRules(
        path=path,
        channel=written.channel,
        reference=written.reference,
        lookups=written.lookups,
        holds=written.holds,
        documents={category_of(name): rules for name, rules in written.documents.items()},
        payments=written.payments,
        tables=tables,
        calendars=calendars,
        compiled=compile_rules(written, written_at),
        files=(
            *file.files,
            *(table.file for table in tables.values() if isinstance(table, ValueTable)),
            *(
                _beside(file, ("calendars", name, "file"), calendar.file)
                for name, calendar in written.calendars.items()
                if calendar.file is not None
            ),
        ),
        proposal=written.proposal,
    )


def read_rule_table(
    file: ConfigFile, name: str, table: TableRules, tables_from: Path | None
) -> ValueTable | MasterDataTable:
    """Read the table that *file* calls *name*; ConfigurationError for what is wrong with it."""
    if table.master_data is not None:
        columns = MASTER_DATA_COLUMNS[table.master_data]
        for column in table.key:
            if column not in columns:
                raise file.error(
                    ("tables", name, "key"),
                    f"{table.master_data} has no column {column!r}",
                    nearest(column, columns),
                )
        return MasterDataTable(name, table.master_data, table.key)
    assert table.file is not None
    key = ("tables", name, "file")
    source = _beside(file, key, table.file)
    label = table.file
    own = tables_from / source.name if tables_from is not None else None
    if own is not None and own.is_file():
        source, label = own, str(own)
    if not source.is_file():
        raise file.error(key, f"there is no file {table.file}")
    return read_table(
        name, source, table.key, label, sheet=table.sheet, repeats=table.repeats == "hold"
    )


def read_calendar(file: ConfigFile, name: str, calendar: CalendarRules) -> WorkingCalendar:
    """Read the calendar that *file* calls *name*; ConfigurationError for what is wrong with it."""
    holidays = frozenset(calendar.holidays)
    if calendar.file is not None:
        key = ("calendars", name, "file")
        source = _beside(file, key, calendar.file)
        if not source.is_file():
            raise file.error(key, f"there is no file {calendar.file}")
        holidays |= read_holidays(source)
    until = calendar.until
    if until is None and holidays:
        until = date(max(holidays).year, 12, 31)
    free = frozenset(WEEKDAYS.index(day) for day in calendar.weekend)
    return WorkingCalendar(name, free, holidays, until)


def _beside(file: ConfigFile, key: Key, name: str) -> Path:
    """Return the file *name*, which lies beside the rules that name it at *key*."""
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ConfigurationError(name, "must lie beside the rules", "Give a path without ..")
    place = file.place(key)
    return (place.file if place is not None else file.path).parent / relative


def expand_likeness(file: ConfigFile) -> None:
    """Replace ``like: other`` of a document by the keys of that document which it lacks."""
    documents = file.content.get("documents")
    if not isinstance(documents, dict):
        return
    likeness = {
        name: str(content["like"])
        for name, content in documents.items()
        if isinstance(content, dict) and "like" in content
    }
    for name, other in likeness.items():
        if other not in documents:
            raise file.error(
                ("documents", name, "like"),
                f"there is no document {other!r} in these rules",
                nearest(other, set(documents) - {name}),
            )
    for name in likeness:
        _expand(file, likeness, name, ())


def _expand(
    file: ConfigFile, likeness: Mapping[str, str], name: str, above: tuple[str, ...]
) -> None:
    """Expand *name*, after that which it is like; *above* are those that wait for it."""
    content = file.content["documents"][name]
    if not isinstance(content, dict) or "like" not in content:
        return
    if name in above:
        circle = " -> ".join((*above[above.index(name) :], name))
        raise file.error(
            ("documents", name, "like"),
            f"is like itself ({circle})",
            "Write one of them out",
        )
    other = likeness[name]
    _expand(file, likeness, other, (*above, name))
    file.complete(("documents", name), ("documents", other), without="like")


def wrong_names(
    file: ConfigFile, rules: RulesFile, tables: Mapping[str, ValueTable | MasterDataTable]
) -> Iterator[ConfigurationError]:
    """Yield what *rules* read that is not there: tables, columns, names that nobody fills."""
    columns: dict[str, tuple[str, ...]] = {}
    for key, lookup in lookups_in(rules):
        for choice in lookup.choices:
            table = tables.get(choice.table)
            if table is None:
                yield _no_table(file, key, choice.table, rules)
                continue
            if len(choice.by) != len(table.key):
                yield _other_key(file, (*key, "by"), choice.table, table.key)
            name = str(key[-1])
            columns[name] = (*columns.get(name, ()), *table.columns)
    for key, cell in cells_in(rules, ()):
        table = tables.get(cell.table)
        if table is None:
            yield _no_table(file, (*key, "table"), cell.table, rules)
            continue
        if len(cell.by) != len(table.key):
            yield _other_key(file, (*key, "by"), cell.table, table.key)
        if cell.column not in table.columns:
            yield file.error(
                (*key, "column"),
                f"{cell.table} has no column {cell.column!r}",
                nearest(cell.column, table.columns),
            )
    for key, expression in expressions_in(rules, ()):
        yield from _wrong_heads(file, rules, columns, key, expression)


def lookups_in(rules: RulesFile) -> Iterator[tuple[Key, Lookup]]:
    """Yield the named lookups of *rules*, each with its key."""
    places: list[tuple[Key, Lookups]] = [(("lookups",), rules.lookups)]
    for document, wanted in rules.documents.items():
        places.append((("documents", document, "items", "lookups"), wanted.items.lookups))
    if rules.payments is not None:
        places.append((("payments", "lookups"), rules.payments.lookups))
    for key, lookups in places:
        for name, lookup in lookups.items():
            yield (*key, name), lookup


def _no_table(file: ConfigFile, key: Key, name: str, rules: RulesFile) -> ConfigurationError:
    return file.error(key, f"there is no table {name!r}", nearest(name, rules.tables))


def _other_key(
    file: ConfigFile, key: Key, name: str, columns: tuple[str, ...]
) -> ConfigurationError:
    return file.error(
        key, f"{name} has the key columns {', '.join(columns)}", "Give one expression for each"
    )


def _wrong_heads(
    file: ConfigFile,
    rules: RulesFile,
    columns: Mapping[str, tuple[str, ...]],
    key: Key,
    expression: Expression,
) -> Iterator[ConfigurationError]:
    """Yield names that *expression* starts with and nobody fills, and columns that no table has."""
    names = set(_ORDER_NAMES) | set(columns) | {"entry"}
    if rules.calendars:
        names.add("calendars")
    for place, more in _NAMES_AT.items():
        if place in key:
            names |= more
    for path in expression.paths:
        head, _, rest = path.partition(".")
        head = head.partition("[")[0]
        column = rest.partition(".")[0]
        if head not in names:
            problem, known = f"there is no {head!r} here", set(names)
            column = head
        elif head == "calendars" and column not in rules.calendars:
            problem, known = f"there is no calendar {column!r}", set(rules.calendars)
        elif head in columns and column and column not in columns[head]:
            problem, known = f"the table has no column {column!r}", set(columns[head])
        else:
            continue
        yield file.error(key, f"`{expression.text}`: {problem}", nearest(column, known))


def expressions_in(node: Any, key: Key) -> Iterator[tuple[Key, Expression]]:
    """Yield every expression of *node*, which stands at *key*, with its key."""
    for inner, found in _leaves(node, key):
        if isinstance(found, Expression):
            yield inner, found


def cells_in(node: Any, key: Key) -> Iterator[tuple[Key, Cell]]:
    """Yield every lookup of a single cell in *node*, with its key."""
    for inner, found in _leaves(node, key):
        if isinstance(found, Cell):
            yield inner, found


def _leaves(node: Any, key: Key) -> Iterator[tuple[Key, Any]]:
    if isinstance(node, Expression):
        yield key, node
    elif isinstance(node, BaseModel):
        if isinstance(node, Cell):
            yield key, node
        for name in type(node).model_fields:
            if name in node.model_fields_set:
                yield from _leaves(getattr(node, name), (*key, name))
    elif isinstance(node, Mapping):
        for name, content in node.items():
            yield from _leaves(content, (*key, name))
    elif isinstance(node, tuple):
        for number, content in enumerate(node):
            yield from _leaves(content, (*key, number))
