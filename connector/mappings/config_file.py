"""Read a YAML file of the configuration and say exactly where it is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from connector.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = str(key_node.value)
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key!r} is given twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known name most like *name*, or lists the known ones."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known are: {', '.join(choices) or 'none'}"


class ConfigFile:
    """
    A parsed YAML file: its content, and where each key stands in it.

    Raises:
        ConfigurationError: the file is missing, not readable, or not YAML with a mapping on top.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = path.read_text("utf-8")
        except OSError as error:
            raise ConfigurationError(
                str(path), f"cannot be read ({error.strerror})", "Check the path and permissions"
            ) from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(str(path), "is not UTF-8 text", "Save it as UTF-8") from error
        try:
            self._root = yaml.compose(text, Loader=_StrictLoader)
            # The loader is a safe one: it builds plain values only.
            content = yaml.load(text, Loader=_StrictLoader)  # noqa: S506
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            problem = getattr(error, "problem", None) or "is not YAML"
            raise ConfigurationError(
                f"{path}{line}", str(problem), "Correct the YAML there"
            ) from error
        if not isinstance(content, dict):
            raise ConfigurationError(str(path), "must be a mapping of keys to values")
        self.content: dict[str, Any] = content

    def error(self, key: Sequence[str | int], problem: str, hint: str = "") -> ConfigurationError:
        """
        Return the error that names this file, *key* and its line.

        Parts of *key* that are not in the file are left out: they are names of alternatives.
        """
        key = self._in_file(key)
        dotted = ".".join(str(part) for part in key)
        where = f"{self.path}: {dotted}" if dotted else str(self.path)
        line = self._line_of(key)
        return ConfigurationError(f"{where} (line {line})" if line else where, problem, hint)

    def validate(self, model: type[Model]) -> Model:
        """
        Return the content as *model*.

        Raises:
            ConfigurationError: for the first thing that is wrong, with key, line and hint.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            raise self._explained(error, model) from None

    def _explained(self, error: ValidationError, model: type[BaseModel]) -> ConfigurationError:
        # A misspelt key also makes the right one missing: the misspelling is what to tell.
        errors = sorted(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
        found = errors[0]
        key = found["loc"]
        if found["type"] == "extra_forbidden":
            known = _fields_at(model, key[:-1])
            hint = nearest(str(key[-1]), known) if known else "Remove it"
            return self.error(key, "is not a known key", hint)
        if found["type"] == "missing":
            return self.error(key[:-1], f"has no {key[-1]!r}", "Add it")
        return self.error(key, found["msg"].removeprefix("Value error, "))

    def _in_file(self, key: Sequence[str | int]) -> list[str | int]:
        found: list[str | int] = []
        for part in key:
            if self._line_of([*found, part]):
                found.append(part)
        return found

    def _line_of(self, key: Sequence[str | int]) -> int | None:
        node = self._root
        line: int | None = None
        for part in key:
            if isinstance(node, yaml.MappingNode):
                pair = next((p for p in node.value if p[0].value == str(part)), None)
                if pair is None:
                    return None
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                if part >= len(node.value):
                    return None
                node = node.value[part]
                line = node.start_mark.line + 1
            else:
                return None
        return line


def _fields_at(model: type[BaseModel], key: Sequence[str | int]) -> set[str]:
    """Return the field names of the model that *key* leads to, empty where that is not clear."""
    found: Any = model
    for part in key:
        found = _step(found, part)
    inner = _model_in(found)
    return set(inner.model_fields) if inner is not None else set()


def _step(annotation: Any, part: str | int) -> Any:
    """Return the annotation of the element *part* of something that is *annotation*."""
    if isinstance(part, str):
        model = _model_in(annotation)
        mapping = _mapping_value(annotation)
        if mapping is not None:
            return mapping
        if model is not None and part in model.model_fields:
            return model.model_fields[part].annotation
        # pydantic puts the name of the alternative it tried into the location.
        return annotation
    return annotation if _model_in(annotation) is None else _model_in(annotation)


def _mapping_value(annotation: Any) -> Any:
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    for argument in get_args(annotation):
        found = _mapping_value(argument)
        if found is not None:
            return found
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
