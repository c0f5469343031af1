"""The JSON Schemas of everything that is written in YAML, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from connector.mappings.json_schemas import DIALECT, profile_schema, rules_schema
from connector.settings import Settings
from connector.settings.system_profile import SystemProfile
from connector.sync.plan import Plan

Schema = dict[str, Any]


def plan_schema() -> Schema:
    """Return the schema of plans."""
    schema = Plan.model_json_schema()
    # The file's name is the plan's, unless it says otherwise.
    schema["required"].remove("name")
    changes = schema["$defs"]["ChangePlan"]
    schema["$defs"]["ChangePlan"] = {"anyOf": [changes["properties"]["by"], changes]}
    return {"$schema": DIALECT, **schema}


def settings_schema() -> Schema:
    """Return the schema of the settings."""
    return {"$schema": DIALECT, **Settings.model_json_schema()}


def system_schema() -> Schema:
    """Return the schema of system profiles."""
    return {"$schema": DIALECT, **SystemProfile.model_json_schema()}


#: What `config schema` writes, by name.
SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {
    "plan": plan_schema,
    "profile": profile_schema,
    "rules": rules_schema,
    "settings": settings_schema,
    "system": system_schema,
}


def file_name(name: str) -> str:
    """Return the name of the file that holds the schema *name*."""
    return f"{name}.schema.json"
