"""Whatever the connector asks for or reads is in the table, or a replay would go another way."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import connector.erp
from connector.erp.recording.fields import Protocol, shipped_fields
from connector.erp.rfc import tables
from connector.mappings.external_order import ExternalOrder
from connector.resources import shipped

FIELDS = shipped_fields()
[ERP] = connector.erp.__path__
#: Rows of a table as one text, which is taken apart; structures and parameters without a value.
_TAKEN_APART = {"WA"}


def words_in(*folders: str) -> set[str]:
    """Return the words in all texts and names of arguments in the code of *folders*."""
    found: set[str] = set()
    for folder in folders:
        for module in (Path(ERP) / folder).glob("*.py"):
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found |= set(re.findall(r"[A-Za-z][A-Za-z0-9_]*", node.value))
                if isinstance(node, ast.keyword) and node.arg:
                    found.add(node.arg)
    return found


def fields_of_facts(pattern: str) -> Iterator[str]:
    """Yield the fields of structures and tables that are described with the interfaces."""
    for file in shipped("fixtures/sap").glob(pattern):
        yield from json.loads(file.read_text("utf-8"))["fields"]


def test_every_field_of_a_table_that_is_read_is_known() -> None:
    read = {
        field
        for table in vars(tables).values()
        if isinstance(table, tables.Table)
        for field in table.fields
    }
    assert {field for field in read if not FIELDS.knows(Protocol.RFC, field)} == set()


def test_every_field_of_a_function_that_the_code_names_is_known() -> None:
    facts = {*fields_of_facts("structures/*.json"), *fields_of_facts("tables/*.json")}
    used = facts & words_in("rfc", "soap", ".")
    unknown = {field for field in used if not FIELDS.knows(Protocol.RFC, field)}
    assert unknown - _TAKEN_APART == set()


def test_every_property_of_a_service_that_the_code_names_is_known() -> None:
    facts = {
        name
        for file in shipped("fixtures/sap").glob("odata/*.json")
        for kind in json.loads(file.read_text("utf-8"))["types"].values()
        for name in kind["properties"]
    }
    used = facts & words_in("odata")
    assert {name for name in used if not FIELDS.knows(Protocol.ODATA, name)} == set()


def test_every_field_of_an_order_is_known() -> None:
    schema = ExternalOrder.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    values = {
        name
        for part in parts
        for name, kind in part.get("properties", {}).items()
        if "$ref" not in json.dumps(kind) and name != "attributes"
    }
    assert {name for name in values if not FIELDS.knows(Protocol.ORDER, name)} == set()
