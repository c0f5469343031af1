"""
The reference page of the settings, made from the code that it describes.

`docs/reference/settings.md` holds what this returns; a test compares them, and fails for a setting
without description.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

_COMMENT: Final = re.compile(r"^\s*#:\s?(.*)$")
_FIELD: Final = re.compile(r"^\s{4}(\w+)\s*:")
_KINDS: Final[Mapping[Any, str]] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    Decimal: "decimal number",
    SecretStr: "secret",
    Any: "anything",
}


@dataclasses.dataclass(frozen=True, slots=True)
class SettingEntry:
    """One setting: its key, type and default as text, and its description."""

    key: str
    kind: str
    default: str
    description: str


def settings_reference() -> str:
    """Return the page of all settings as Markdown."""
    from connector.bootstrap.options import OPTION_TABLES

    lines = [
        "# Settings",
        "Made from the code: `make golden` writes it anew. Relative paths start from the folder of "
        "the settings file. Each key can be set in the environment as well, which wins: "
        "`erp.rfc.password` is `SD_CONNECTOR__ERP__RFC__PASSWORD`; lists and tables are written as "
        "JSON there. Passwords come from the environment or from files, never from this file.",
        "",
    ]
    section = ""
    for entry in setting_entries():
        heading = entry.key.rpartition(".")[0]
        if heading != section:
            lines += ["", f"## {heading}", *_about(heading, OPTION_TABLES), ""]
            lines += ["| key | meaning | type | default |", "|---|---|---|---|"]
            section = heading
        elif len(lines) == 3:
            lines += ["| key | meaning | type | default |", "|---|---|---|---|"]
        name = entry.key.rpartition(".")[2]
        lines.append(f"| `{name}` | {entry.description} | {entry.kind} | {entry.default} |")
    return "\n".join(lines).rstrip() + "\n"


def setting_entries() -> Iterator[SettingEntry]:
    """Yield every setting and every option of the tables of options, section by section."""
    from connector.bootstrap.options import OPTION_TABLES, SET_ELSEWHERE
    from connector.settings import Settings

    yield from _section(Settings, "")
    for key, model in OPTION_TABLES.items():
        for entry in _options(model, key):
            if entry.key.rpartition(".")[2] not in SET_ELSEWHERE.get(key, ()):
                yield entry


def _section(model: type[BaseModel], prefix: str) -> Iterator[SettingEntry]:
    from connector.settings.fields import sections_in

    later: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        sections = list(sections_in(field.annotation))
        for section in sections:
            later.append((f"{prefix}{name}." + ("NAME." if name == "channels" else ""), section))
        if not sections:
            yield SettingEntry(
                f"{prefix}{name}",
                _kind(field.annotation),
                _default(field.get_default(call_default_factory=True)),
                _one_line(field.description or ""),
            )
    for key, section in later:
        yield from _section(section, key)


def _options(model: type, prefix: str) -> Iterator[SettingEntry]:
    from connector.settings.explain import field_names

    comments = _comments(model)
    if issubclass(model, BaseModel):
        for name, field in model.model_fields.items():
            default = _default(field.get_default(call_default_factory=True))
            text = _one_line(field.description or comments.get(name, ""))
            yield SettingEntry(f"{prefix}.{name}", _kind(field.annotation), default, text)
        return
    made, kinds = model(), get_type_hints(model)
    for name in field_names(model):
        default = _default(getattr(made, name))
        text = comments.get(name, "")
        yield SettingEntry(f"{prefix}.{name}", _kind(kinds[name]), default, text)


def _comments(model: type) -> dict[str, str]:
    """Return the `#:` comment above each field; fields right below each other share one."""
    found: dict[str, str] = {}
    for above in model.__bases__:
        if above is not BaseModel and issubclass(above, BaseModel):
            found |= _comments(above)
    comment: list[str] = []
    is_open = False
    for line in inspect.getsource(model).splitlines():
        if matched := _COMMENT.match(line):
            if not is_open:
                comment = []
            is_open = True
            comment.append(matched.group(1))
        elif (matched := _FIELD.match(line)) and comment:
            found[matched.group(1)] = _one_line(" ".join(comment))
            is_open = False
        elif not line.strip():
            comment = []
    return found


def _about(heading: str, tables: Any) -> Iterator[str]:
    from connector.settings import Settings
    from connector.settings.fields import sections_in

    if heading in tables:
        return
    model: type[BaseModel] = Settings
    for part in heading.split("."):
        if part in model.model_fields:
            model = next(sections_in(model.model_fields[part].annotation))
    yield _one_line(model.__doc__ or "")


def _kind(annotation: Any) -> str:
    """Return a type as people write it: without its checks and the modules it lives in."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _plain_kind(annotation)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return ", ".join(map(str, arguments))
    if origin in (Union, UnionType):
        return " or ".join(_kind(each) for each in arguments if each is not NoneType)
    several = "list" if origin in (tuple, frozenset, list) else "table"
    return f"{several} of {_kind(arguments[0 if several == 'list' else -1])}"


def _plain_kind(annotation: Any) -> str:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return ", ".join(str(each.value) for each in annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"table of {', '.join(annotation.model_fields)}"
    return _KINDS.get(annotation, getattr(annotation, "__name__", str(annotation)).lower())


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or value == "" or value in ((), {}):
        return ""
    if isinstance(value, frozenset | tuple):
        return "`" + ", ".join(sorted(map(str, value))) + "`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
