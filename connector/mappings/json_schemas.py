"""
JSON Schemas of profiles and rules, made from their models, so that editors complete and underline.

The short forms that the models accept (a text for a value, one column for a key) are part of them.
A file that includes others, or that has no channel because others include it, may leave out what
is required of a whole one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final, get_args

from pydantic import BaseModel

from connector.mappings.coercion import coercer_for, model_in
from connector.mappings.external_order import ExternalOrder
from connector.mappings.profile import ProfileFile
from connector.mappings.rule_models import DocumentName, RulesFile

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_INCLUDE: Final[Schema] = {
    "description": "Files beside this one, whose keys hold where this one has none of its own",
    "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
}
#: Parts of the rules that included files may complete.
_PARTIAL: Final = (
    "RulesFile", "DocumentRules", "ItemRules", "PartnerRules", "AddressRules", "ConditionRules",
    "TextRules", "HoldRule", "PaymentRules", "ReferenceRules", "ScheduleLineRules",
    "ReferenceDocumentRules", "ReferenceItemRules",
)  # fmt: skip
_NAMED: Final = ("PartnerRules", "ConditionRules", "TextRules", "HoldRule")


def rules_schema() -> Schema:
    """Return the schema of mapping rules."""
    whole = RulesFile.model_json_schema()
    parts: dict[str, Schema] = whole.pop("$defs")
    parts["RulesFile"] = whole
    whole["properties"]["include"] = _INCLUDE
    _accept_short_forms(parts)
    document = parts["DocumentRules"]
    document["properties"]["like"] = {
        "enum": list(get_args(DocumentName)),
        "description": "Another document, whose keys hold where this one has none of its own",
    }
    incomplete = {f"Partial{name}": _partial(name, parts) for name in _PARTIAL if name in parts}
    document["if"] = {"required": ["like"]}
    document["else"] = {"required": document.pop("required")}
    return {
        "$schema": DIALECT,
        "title": "Mapping rules",
        "type": "object",
        "if": {"required": ["channel"], "not": {"required": ["include"]}},
        "then": {"$ref": "#/$defs/RulesFile"},
        "else": {"$ref": "#/$defs/PartialRulesFile"},
        "$defs": {**parts, **incomplete},
    }


def profile_schema() -> Schema:
    """Return the schema of channel profiles."""
    schema = ProfileFile.model_json_schema()
    parts: dict[str, Schema] = schema.pop("$defs", {})
    properties = schema["properties"]
    properties["include"] = _INCLUDE
    order = _shape(ExternalOrder, left_out="channel")
    properties["order"] = order
    required = schema.pop("required")
    for names in (required, order["required"]):
        names.sort()
    return {
        "$schema": DIALECT,
        **schema,
        "title": "Channel profile",
        # One without a channel is there to be included.
        "if": {"required": ["channel"], "not": {"required": ["include"]}},
        "then": {
            "required": required,
            "properties": {"order": {"required": order.pop("required")}},
        },
        "$defs": parts,
    }


def _accept_short_forms(parts: dict[str, Schema]) -> None:
    choice = {"$ref": "#/$defs/Choice"}
    expression = {**_TEXT, "description": "A JMESPath expression"}
    parts["ValueRule"] = {
        "title": "ValueRule",
        "description": parts["ValueRule"]["description"],
        "anyOf": [
            expression,
            choice,
            {"type": "array", "minItems": 1, "items": {"anyOf": [expression, choice]}},
        ],
    }
    for name in ("LookupChoice", "Cell"):
        by = parts[name]["properties"]["by"]
        parts[name]["properties"]["by"] = {"anyOf": [expression, {**by, "minItems": 1}]}
    key = parts["TableRules"]["properties"]["key"]
    parts["TableRules"]["properties"]["key"] = {"anyOf": [_TEXT, key]}
    for name in ("Choice", "TableRules"):
        alternatives = {
            "Choice": ("value", "constant", "lookup"),
            "TableRules": ("file", "master_data"),
        }
        parts[name]["oneOf"] = [{"required": [each]} for each in alternatives[name]]
    lookup = parts["Lookup"]
    single = copy.deepcopy(parts["LookupChoice"])
    single["properties"] |= {name: lookup["properties"][name] for name in ("missing", "strict")}
    parts["Lookup"] = {
        "title": "Lookup",
        "description": lookup.pop("description"),
        "if": {"required": ["choices"]},
        "then": lookup,
        "else": single,
    }


def _partial(name: str, parts: dict[str, Schema]) -> Schema:
    """Return the part *name* as an including or included file may write it."""
    part = copy.deepcopy(parts[name])
    part.pop("required", None)
    part.pop("minItems", None)
    for reference in _references(part):
        inner = reference["$ref"].removeprefix("#/$defs/")
        if inner in _PARTIAL:
            reference["$ref"] = f"#/$defs/Partial{inner}"
    if name in _NAMED:
        part["properties"]["leave_out"] = {
            "const": True,
            "description": "Take this element of the included list away",
        }
    return part


def _references(node: Any) -> Iterator[Schema]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _shape(model: type[BaseModel], left_out: str = "") -> Schema:
    """Return the schema of the shape that fills *model*."""
    return {
        "type": "object",
        "description": " ".join((model.__doc__ or "").split()),
        "properties": {
            name: _filled(field.annotation)
            for name, field in model.model_fields.items()
            if name != left_out
        },
        "required": [
            name
            for name, field in model.model_fields.items()
            if field.is_required() and name != left_out
        ],
        "additionalProperties": False,
    }


def _filled(annotation: Any) -> Schema:
    model, many = model_in(annotation)
    expression = {**_TEXT, "description": "A JMESPath expression over the message"}
    if model is None:
        if coercer_for(annotation) is not coercer_for(dict[str, str]):
            return expression
        names: Schema = {"type": "object", "additionalProperties": expression}
        return {"anyOf": [expression, names]}
    shape = _shape(model)
    name = "each" if many else "when"
    meaning = (
        "Which list the elements come from: a JMESPath expression"
        if many
        else "Fill this only where that holds: a JMESPath expression"
    )
    shape["properties"] = {name: {**_TEXT, "description": meaning}, **shape["properties"]}
    if many:
        shape["required"] = ["each", *shape["required"]]
        shape["properties"]["when"] = {
            **_TEXT,
            "description": "Keep only elements for which that holds",
        }
    return shape
