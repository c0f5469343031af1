"""Values that rules and tables give, against the fields of the ERP's documents that take them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from connector.mappings.checking.dead_rules import Tables, models_in
from connector.mappings.checking.findings import Finding, finding, in_table
from connector.mappings.config_file import ConfigFile
from connector.mappings.mapped_order import MappedPayment
from connector.mappings.rule_models import (
    AddressRules,
    ConditionRules,
    DocumentRules,
    ItemRules,
    PartnerRules,
    PaymentRules,
    ReferenceDocumentRules,
    ReferenceItemRules,
    RulesFile,
    ScheduleLineRules,
)
from connector.mappings.rules import Key, lookups_in
from connector.mappings.value_rules import ValueRule
from connector.mappings.value_tables import ANY, ValueTable
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.values import DocumentNumber, ItemNumber, Quantity

#: Which model of the ERP's documents each part of the rules fills.
_FILLED: Final[Mapping[type[BaseModel], type[BaseModel]]] = {
    DocumentRules: SalesDocument,
    ItemRules: SalesDocumentItem,
    PartnerRules: Partner,
    AddressRules: Address,
    ConditionRules: Condition,
    ScheduleLineRules: ScheduleLine,
    PaymentRules: MappedPayment,
}
#: Fields that the rules call differently, or that lie deeper.
_ELSEWHERE: Final[Mapping[tuple[type[BaseModel], str], Any]] = {
    **{(DocumentRules, name): SalesArea.model_fields[name] for name in SalesArea.model_fields},
    (ItemRules, "unit"): Quantity.model_fields["unit"],
    (ItemRules, "quantity"): Quantity.model_fields["value"],
    (ItemRules, "requested_delivery_date"): date,
    (ScheduleLineRules, "quantity"): Quantity.model_fields["value"],
    (PartnerRules, "one_time_customer"): Partner.model_fields["customer"],
    (ReferenceDocumentRules, "document"): DocumentNumber,
    (ReferenceItemRules, "document"): DocumentNumber,
    (ReferenceItemRules, "item"): ItemNumber,
}
_SHOWN: Final = 40


def refused_values(file: ConfigFile, rules: RulesFile, tables: Tables) -> Iterator[Finding]:
    """Yield constants, defaults and cells of tables that the field they go to does not take."""
    lookups = _tables_of_lookups(rules)
    for key, node in models_in(rules, ()):
        if isinstance(node, ConditionRules):
            yield from _condition_type(file, key, node)
        for name in type(node).model_fields:
            rule = getattr(node, name)
            if not isinstance(rule, ValueRule):
                continue
            takes = _field(type(node), name)
            if takes is not None:
                yield from _of_rule(file, (*key, name), rule, takes, name)
                cells = _cells(rule, lookups)
                yield from _of_tables((*key, name), cells, takes, tables)


def _condition_type(file: ConfigFile, key: Key, node: ConditionRules) -> Iterator[Finding]:
    if node.currency is None and node.unit is not None:
        yield finding("value-refused", file, (*key, "unit"), "a rate per unit needs a `currency`")


def _of_rule(
    file: ConfigFile, key: Key, rule: ValueRule, takes: TypeAdapter[Any], name: str
) -> Iterator[Finding]:
    for number, choice in enumerate(rule.choices):
        for part, value in (("constant", choice.constant), ("default", choice.default)):
            wrong = _refused(takes, value) if value else ""
            if wrong:
                yield finding(
                    "value-refused",
                    file,
                    (*key, number, part),
                    f"{_cut(value)!r} does not fit {name}: {wrong}",
                )


def _cells(rule: ValueRule, lookups: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Return the tables and columns whose cells *rule* takes as they are."""
    cells: set[tuple[str, str]] = set()
    for choice in rule.choices:
        if choice.lookup is not None:
            cells.add((choice.lookup.table, choice.lookup.column))
        elif choice.value is not None and choice.value.is_path and choice.value.reads:
            read = choice.value.reads[0]
            cells |= {(table, read.rest) for table in lookups.get(read.head, ())}
    return cells


def _of_tables(
    key: Key, cells: set[tuple[str, str]], takes: TypeAdapter[Any], tables: Tables
) -> Iterator[Finding]:
    for name, column in sorted(cells):
        table = tables.get(name)
        if not isinstance(table, ValueTable) or column not in table.columns:
            continue
        for row_key, row in table.rows.items():
            value = row[column]
            wrong = _refused(takes, value) if value and value != ANY else ""
            if wrong:
                yield in_table(
                    "value-refused",
                    table.file,
                    table.lines.get(row_key, 0),
                    f"{column} {_cut(value)!r} does not fit {key[-1]}: {wrong}",
                    f"It is read by {'.'.join(str(part) for part in key)}",
                )


def _tables_of_lookups(rules: RulesFile) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, lookup in lookups_in(rules):
        found.setdefault(str(key[-1]), set()).update(choice.table for choice in lookup.choices)
    return found


def _field(rules: type[BaseModel], name: str) -> TypeAdapter[Any] | None:
    found = _ELSEWHERE.get((rules, name))
    if found is None:
        model = _FILLED.get(rules)
        found = model.model_fields.get(name) if model is not None else None
    if found is None:
        return None
    annotation: Any = getattr(found, "annotation", found)
    for each in getattr(found, "metadata", ()):
        annotation = Annotated[annotation, each]
    return TypeAdapter(annotation)


def most_characters(rules: type[BaseModel], name: str) -> int | None:
    """Return how many characters the field *name* of *rules* may fill, None for no limit."""
    adapter = _field(rules, name)
    if adapter is None:
        return None
    found = adapter.json_schema()
    if "anyOf" in found:
        found = {**found["anyOf"][0], **{k: v for k, v in found.items() if k == "maxLength"}}
    longest = found.get("maxLength")
    return int(longest) if longest is not None else None


def _refused(takes: TypeAdapter[Any], value: str) -> str:
    """Return why the field does not take *value*, empty where it does."""
    try:
        takes.validate_python(value)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return f"{message[0].lower()}{message[1:]}"
    return ""


def _cut(value: str | None) -> str:
    text = value or ""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}.."
