"""
System profiles: which transport does what on a kind of ERP.

A profile is a YAML file. Those of a folder `systems` beside the settings come first, so that an
installation can have its own; the shipped ones are in `config/systems/`.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ValidationError

from connector.errors import ConfigurationError
from connector.ports.capabilities import ErpOperation, Transport
from connector.resources import shipped
from connector.settings.explain import explain
from connector.settings.fields import Section
from connector.settings.yaml_file import read_yaml_file

FOLDER_NAME: Final = "systems"

#: The environment overrides settings, not profiles: no variable starts like this.
_NO_VARIABLE: Final = "\0"


def _or_none(value: Any) -> Any:
    return None if value == "none" else value


#: A transport, or `none`: the connector does not do it.
Route = Annotated[
    Transport | None,
    BeforeValidator(_or_none, json_schema_input_type=Transport | Literal["none"] | None),
]
RouteTable = dict[ErpOperation, Route]


class SystemProfile(Section):
    """One profile. ``release`` is what a simulated ERP shows over RFC."""

    description: str = ""
    release: Literal["ecc", "s4"]
    routes: RouteTable

    def with_routes(self, others: Mapping[ErpOperation, Transport | None]) -> Routes:
        """Return the routes with *others* in their place, without those that lead nowhere."""
        merged = {**self.routes, **others}
        return {operation: way for operation, way in merged.items() if way is not None}


Routes = Mapping[ErpOperation, Transport]


def system_profile(name: str, folder: Path) -> SystemProfile:
    """
    Return the profile *name* of the folder `systems` below *folder*, else the shipped one.

    Raises:
        ValueError: there is none of that name; the text names the nearest.
        ConfigurationError: its file is wrong.
    """
    files = {file.stem: file for file in _files(folder)}
    if name not in files:
        near = difflib.get_close_matches(name, files, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(files))}"
        raise ValueError(f"there is no system profile {name!r}; {hint}")
    file = read_yaml_file(files[name])
    try:
        return SystemProfile.model_validate(file.content)
    except ValidationError as error:
        raise explain(error, SystemProfile, file, _NO_VARIABLE) from None


def _files(folder: Path) -> list[Path]:
    """Return the files of all profiles; of equal names the one beside the settings comes last."""
    try:
        delivered = shipped(f"config/{FOLDER_NAME}")
    except ConfigurationError:
        return sorted((folder / FOLDER_NAME).glob("*.yaml"))
    return [*sorted(delivered.glob("*.yaml")), *sorted((folder / FOLDER_NAME).glob("*.yaml"))]
