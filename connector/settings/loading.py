"""
From file and environment to checked settings.

A value of the environment wins over one of the file: `SD_CONNECTOR__ERP__RFC__PASSWORD` is the key
`erp.rfc.password`. Lists and tables are written as JSON there.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from connector.errors import ConfigurationError
from connector.settings.explain import AS_JSON, explain, nearest, refuse_unknown
from connector.settings.fields import FOLDER
from connector.settings.model import Settings
from connector.settings.yaml_file import KeyPath, YamlFile, read_yaml_file

OptionsT = TypeVar("OptionsT")

ENVIRONMENT_PREFIX: Final = "SD_CONNECTOR__"

_SECRET_KEYS: Final = frozenset({"password", "client_secret"})


class _EnvironmentSettings(Settings, BaseSettings):
    """The same keys, as the environment names them."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_nested_delimiter="__")


def load_settings(path: Path) -> Settings:
    """
    Read *path*, let the environment override it, and check all of it.

    Raises:
        ConfigurationError: something is wrong; the message names the file or the variable, the
            key, what was expected and the nearest right name of an unknown key.
    """
    return settings_from(read_yaml_file(path))


def settings_from(file: YamlFile, *, environment: bool = True) -> Settings:
    """Check *file* with what the *environment* overrides; see :func:`load_settings`."""
    _refuse_secrets(file)
    merged = _merge(file.content, _environment() if environment else {})
    try:
        settings = Settings.model_validate(merged, context={FOLDER: file.path.parent.resolve()})
    except ValidationError as error:
        raise explain(error, Settings, file, ENVIRONMENT_PREFIX) from None
    settings.came_from(file)
    return settings


def checked_options(settings: Settings, key: str, model: type[OptionsT], **fixed: Any) -> OptionsT:
    """
    Return the table of options at *key* (``erp.transport``) as the *model* it is meant for.

    *fixed* are values that stand elsewhere in the settings; they may not be given again.

    Raises:
        ConfigurationError: an option does not exist, or is not what *model* expects.
    """
    key_path = tuple(key.split("."))
    values: Any = settings
    for part in key_path:
        values = getattr(values, part)
    for name in fixed.keys() & values.keys():
        raise ConfigurationError(
            f"{settings.file.path}: {key}.{name}", "this is set elsewhere", "Leave it out here"
        )
    refuse_unknown(values, model, settings.file, ENVIRONMENT_PREFIX, key_path)
    try:
        return TypeAdapter(model).validate_python({**values, **fixed})
    except ValidationError as error:
        raise explain(error, model, settings.file, ENVIRONMENT_PREFIX, key_path) from None


def _refuse_secrets(file: YamlFile) -> None:
    for key_path in file.lines:
        if key_path[-1] in _SECRET_KEYS:
            raise ConfigurationError(
                f"{file.path}, line {file.lines[key_path]}: {'.'.join(key_path)}",
                f"a {key_path[-1].replace('_', ' ')} does not belong into the settings file",
                f"Set the environment variable {_variable(key_path)}, or name a file with it in "
                f"{key_path[-1]}_file",
            )


def _variable(key_path: KeyPath) -> str:
    return ENVIRONMENT_PREFIX + "__".join(key_path).upper()


def _environment() -> Mapping[str, Any]:
    for variable in os.environ:
        if variable.upper().startswith(ENVIRONMENT_PREFIX):
            key = variable[len(ENVIRONMENT_PREFIX) :].lower().partition("__")[0]
            if key not in Settings.model_fields:
                raise ConfigurationError(
                    f"environment: {variable}",
                    f"there is no setting {key!r}",
                    nearest(key, Settings.model_fields),
                )
    try:
        return EnvSettingsSource(_EnvironmentSettings)()
    except SettingsError as error:
        section = str(error).partition('"')[2].partition('"')[0]
        variables = [v for v in os.environ if v.upper().startswith(_variable((section,)))]
        raise ConfigurationError(
            f"environment: {' or '.join(sorted(variables))}", "this is no JSON", AS_JSON
        ) from error


def _merge(file: Mapping[str, Any], environment: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(file)
    for key, value in environment.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping | None):
            merged[key] = _merge(below or {}, value)
        else:
            merged[key] = value
    return merged
