"""Mapping rules, read and checked: what :func:`~connector.mappings.map_order.map_order` needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from connector.errors import ConfigurationError
from connector.mappings.config_file import ConfigFile, nearest
from connector.mappings.expressions import Expression
from connector.mappings.rule_models import (
    DocumentRules,
    HoldRule,
    Lookups,
    PaymentRules,
    ReferenceRules,
    RulesFile,
    category_of,
)
from connector.mappings.value_tables import ValueTable, read_table
from connector.sd_documents.values import DocumentCategory

Key = tuple[str | int, ...]

#: What every expression may start with, beside the names of lookups.
_ORDER_NAMES = frozenset({"order"})
_NAMES_AT = {"items": {"line", "item"}, "payments": {"payment"}}


@dataclass(frozen=True, slots=True)
class MappingRules:
    """Checked rules of one channel with their value tables."""

    path: Path
    channel: str
    reference: ReferenceRules
    lookups: Lookups
    holds: tuple[HoldRule, ...]
    documents: Mapping[DocumentCategory, DocumentRules]
    payments: PaymentRules | None
    tables: Mapping[str, ValueTable]


def load_rules(path: Path, tables_from: Path | None = None) -> MappingRules:
    """
    Read and check the rules at *path* with the value tables that they name.

    A table's file is looked for in *tables_from* first, where given (a history brings its own
    customers), then beside the rules.

    Raises:
        ConfigurationError: unreadable, or wrong; names file, key, line and the nearest right name.
    """
    file = ConfigFile(path)
    _expand_likeness(file)
    written = file.validate(RulesFile)
    tables: dict[str, ValueTable] = {}
    for name, table in written.tables.items():
        source = _table_path(path.parent, table.file, tables_from)
        if not source.is_file():
            raise file.error(("tables", name, "file"), f"there is no file {table.file}")
        label = table.file if source.parent != tables_from else str(source)
        tables[name] = read_table(name, source, table.key, label)
    _check_lookups(file, written, tables)
    return MappingRules(
        path=path,
        channel=written.channel,
        reference=written.reference,
        lookups=written.lookups,
        holds=written.holds,
        documents={category_of(name): rules for name, rules in written.documents.items()},
        payments=written.payments,
        tables=tables,
    )


def _table_path(beside: Path, name: str, first: Path | None) -> Path:
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise ConfigurationError(name, "must lie beside the rules", "Give a path without ..")
    if first is not None and (first / relative.name).is_file():
        return first / relative.name
    return beside / relative


def _expand_likeness(file: ConfigFile) -> None:
    """Replace ``like: other`` of a document by the keys of that document which it lacks."""
    documents = file.content.get("documents")
    if not isinstance(documents, dict):
        return
    for name, content in documents.items():
        if not isinstance(content, dict) or "like" not in content:
            continue
        other = content.pop("like")
        if other not in documents or "like" in (documents[other] or {}):
            raise file.error(
                ("documents", name, "like"),
                f"{other!r} is not a document that stands by itself",
                nearest(str(other), set(documents) - {name}),
            )
        documents[name] = {**documents[other], **content}


def _check_lookups(file: ConfigFile, rules: RulesFile, tables: Mapping[str, ValueTable]) -> None:
    places: list[tuple[Key, Lookups]] = [(("lookups",), rules.lookups)]
    for document, wanted in rules.documents.items():
        places.append((("documents", document, "items", "lookups"), wanted.items.lookups))
    if rules.payments is not None:
        places.append((("payments", "lookups"), rules.payments.lookups))
    columns: dict[str, tuple[str, ...]] = {}
    for key, lookups in places:
        for name, lookup in lookups.items():
            for choice in lookup.choices:
                table = tables.get(choice.table)
                if table is None:
                    raise file.error(
                        (*key, name),
                        f"there is no table {choice.table!r}",
                        nearest(choice.table, tables),
                    )
                if len(choice.by) != len(table.key):
                    raise file.error(
                        (*key, name, "by"),
                        f"{choice.table} has the key columns {', '.join(table.key)}",
                        "Give one expression for each",
                    )
                columns[name] = (*columns.get(name, ()), *table.columns)
    _check_names(file, rules, columns)


def _check_names(
    file: ConfigFile, rules: RulesFile, columns: Mapping[str, tuple[str, ...]]
) -> None:
    """Refuse expressions that start with a name nobody fills, or read a column no table has."""
    for key, expression in _expressions(rules, ()):
        names = set(_ORDER_NAMES) | set(columns) | {"entry"}
        for place, more in _NAMES_AT.items():
            if place in key:
                names |= more
        for path in expression.paths:
            head, _, rest = path.partition(".")
            head = head.partition("[")[0]
            if head not in names:
                raise file.error(
                    key, f"`{expression.text}`: there is no {head!r} here", nearest(head, names)
                )
            column = rest.partition(".")[0]
            if head in columns and column and column not in columns[head]:
                raise file.error(
                    key,
                    f"`{expression.text}`: the table has no column {column!r}",
                    nearest(column, columns[head]),
                )


def _expressions(node: Any, key: Key) -> Iterator[tuple[Key, Expression]]:
    if isinstance(node, Expression):
        yield key, node
    elif isinstance(node, BaseModel):
        for name in type(node).model_fields:
            if name in node.model_fields_set:
                yield from _expressions(getattr(node, name), (*key, name))
    elif isinstance(node, Mapping):
        for name, content in node.items():
            yield from _expressions(content, (*key, name))
    elif isinstance(node, tuple):
        for number, content in enumerate(node):
            yield from _expressions(content, (*key, number))
