"""Turn what pydantic says about wrong settings into words that name file, key and remedy."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from collections.abc import Collection
from dataclasses import is_dataclass
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from connector.errors import ConfigurationError
from connector.settings.fields import sections_in
from connector.settings.yaml_file import KeyPath, YamlFile

#: How pydantic names the key of a table where the key itself is wrong.
_KEY: Final = "[key]"
_QUOTED: Final = re.compile("'([^']*)'")

AS_JSON: Final = 'Write lists and tables as JSON, for example ["1000"]'


def nearest(name: str, known: Collection[str]) -> str:
    """Return a hint at the name that was probably meant, or at all that there are."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known))}"


def explain(
    error: ValidationError, model: type, file: YamlFile, prefix: str, below: KeyPath = ()
) -> ConfigurationError:
    """
    Return one error for all that *error* found, each on a line of its own.

    *below* is where the values of *model* stand in the settings.
    """
    errors = error.errors()
    found = [
        _one(details, model, file, prefix, below)
        for details in errors
        if not _is_consequence(details, errors)
    ]
    if len(found) == 1:
        return found[0]
    lines = "".join(f"\n  {each}" for each in found)
    return ConfigurationError(str(file.path), f"{len(found)} settings are wrong:{lines}")


def _is_consequence(details: ErrorDetails, errors: Collection[ErrorDetails]) -> bool:
    """A list whose entries are wrong counts as empty as well; the entries are what is to blame."""
    place = details["loc"]
    return details["type"] == "too_short" and any(
        len(each["loc"]) > len(place) and each["loc"][: len(place)] == place for each in errors
    )


def _one(
    details: ErrorDetails, model: type, file: YamlFile, prefix: str, below: KeyPath
) -> ConfigurationError:
    location = tuple(str(part) for part in details["loc"])
    if location[-1:] == (_KEY,):
        return _wrong_key(details, location[:-1], file, prefix, below)
    where = _where((*below, *location), file, prefix)
    if details["type"] == "extra_forbidden":
        known = _keys_of(model, location[:-1])
        return ConfigurationError(where, "there is no such setting", nearest(location[-1], known))
    if details["type"] == "missing":
        return ConfigurationError(where, "this setting is missing", "Add it")
    number = details.get("input")
    if details["type"] == "string_type" and type(number) in (int, float):
        return ConfigurationError(where, _wording(details, location), f'Quote it: "{number}"')
    is_table = details["type"] in ("tuple_type", "dict_type", "model_type")
    hint = AS_JSON if is_table and where.startswith("environment") else ""
    return ConfigurationError(where, _wording(details, location), hint)


def _wrong_key(
    details: ErrorDetails, location: KeyPath, file: YamlFile, prefix: str, below: KeyPath
) -> ConfigurationError:
    """Of a table with given keys: name the nearest of them."""
    known = _QUOTED.findall(str(details.get("ctx", {}).get("expected", "")))
    where = _where((*below, *location), file, prefix)
    hint = nearest(location[-1], known) if known else details["msg"]
    return ConfigurationError(where, "there is no such setting", hint)


def refuse_unknown(
    values: Collection[str], model: type, file: YamlFile, prefix: str, below: KeyPath
) -> None:
    """Raise ConfigurationError for a key that *model* does not have; dataclasses ignore those."""
    known = field_names(model)
    for key in values:
        if key not in known:
            where = _where((*below, key), file, prefix)
            raise ConfigurationError(where, "there is no such setting", nearest(key, known))


def _where(key_path: KeyPath, file: YamlFile, prefix: str) -> str:
    """The environment is to blame when the variable of the key, or of one around it, is set."""
    variables = {variable.upper(): variable for variable in os.environ}
    for length in range(len(key_path), 0, -1):
        variable = prefix + "__".join(key_path[:length]).upper()
        if variable in variables:
            return f"environment: {variables[variable]}"
    if not key_path:
        return str(file.path)
    line = file.line_of(key_path)
    position = f", line {line}" if line else ""
    return f"{file.path}{position}: {'.'.join(key_path)}"


def _wording(details: ErrorDetails, key_path: KeyPath) -> str:
    message = details["msg"].removeprefix("Value error, ")
    expected = message.replace("Input should be", "expected", 1)
    value = details.get("input")
    is_secret = any("password" in part or "secret" in part for part in key_path)
    if expected == message or is_secret or not isinstance(value, str | int | float | bool | None):
        return expected
    return f"{value!r} is not allowed, {expected}"


def _keys_of(model: type, location: KeyPath) -> Collection[str]:
    """Return the keys that may stand at *location*; keys of tables count as one step."""
    models: list[type] = [model]
    for key in location:
        models = [
            section
            for each in models
            for section in (
                sections_in(each.model_fields[key].annotation)
                if issubclass(each, BaseModel) and key in each.model_fields
                else [each]
            )
        ]
    return sorted({name for each in models for name in field_names(each)})


def field_names(model: type) -> Collection[str]:
    """Return the names that a pydantic model or a dataclass can be given."""
    if issubclass(model, BaseModel):
        return list(model.model_fields)
    return [each.name for each in dataclasses.fields(model)] if is_dataclass(model) else []
