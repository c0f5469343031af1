"""Read a YAML file of the configuration and say exactly where it is wrong."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from connector.errors import ConfigurationError
from connector.mappings.yaml_merging import Merges
from connector.mappings.yaml_nodes import Place
from connector.mappings.yaml_tree import read_tree

Model = TypeVar("Model", bound=BaseModel)

#: What pydantic calls a key of a mapping in the place of an error that is about the key itself.
_ITSELF: Final = "[key]"
#: Errors that list what is known, and how they list it.
_CHOICES: Final = ("enum", "literal_error")
_CHOICE: Final = re.compile(r"'([^']*)'")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that names the known name most like *name*, or lists the known ones."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known are: {', '.join(choices) or 'none'}"


class WrongKeyError(ConfigurationError):
    """A key of a file is wrong; ``place`` is where it is written, ``key`` its dotted name."""

    def __init__(self, where: str, problem: str, hint: str, place: Place | None, key: str) -> None:
        super().__init__(where, problem, hint)
        self.place, self.key = place, key


class ConfigFile:
    """
    A YAML file of the configuration: its content, and where each key stands in it.

    With *merges* the file may ``include`` others beside it, whose keys hold where it has none of
    its own; *merges* tells of a key (``*`` for any name) whether what stands under it is merged
    name by name, or replaced as a whole.

    Raises:
        ConfigurationError: a file is missing, not readable, or not YAML with a mapping on top; it
            includes itself, or two included files define the same key differently.
    """

    def __init__(self, path: Path, merges: Merges | None = None) -> None:
        self.path = path
        self.tree = read_tree(path, merges)

    @property
    def files(self) -> tuple[Path, ...]:
        """The file itself, then those that it includes."""
        return self.tree.files

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content as plain values."""
        return self.tree.content()

    def complete(self, key: Sequence[str], by: Sequence[str], without: str) -> None:
        """Add to the mapping at *key* what it lacks of the one at *by*, and drop *without*."""
        self.tree.complete(key, by, without)
        self.__dict__.pop("content", None)

    def place(self, key: Sequence[str | int]) -> Place | None:
        """Return file and line of *key*, or of the last part of it that is written down."""
        return self.tree.place(key)

    def error(self, key: Sequence[str | int], problem: str, hint: str = "") -> ConfigurationError:
        """
        Return the error that names this file, *key* and its line.

        Parts of *key* that are not in the file are left out: they are names of alternatives.
        """
        key = self.tree.written(key)
        dotted = ".".join(str(part) for part in key)
        place = self.tree.place(key) if key else None
        file = place.file if place is not None else self.path
        where = f"{file}: {dotted}" if dotted else str(file)
        return WrongKeyError(
            f"{where} (line {place.line})" if place else where, problem, hint, place, dotted
        )

    def validate(self, model: type[Model]) -> Model:
        """
        Return the content as *model*.

        Raises:
            ConfigurationError: for the first thing that is wrong, with key, line and hint.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            raise self.errors_of(error, model)[0] from None

    def errors_of(self, error: ValidationError, model: type[BaseModel]) -> list[ConfigurationError]:
        """Return what *error* says of this file, the worst first."""
        return [self.error(*found) for found in explained(error, model)]


def explained(
    error: ValidationError, model: type[BaseModel]
) -> list[tuple[tuple[str | int, ...], str, str]]:
    """Return key, problem and hint of everything that *error* says is wrong, worst first."""
    found: list[tuple[tuple[str | int, ...], str, str]] = []
    all_errors = error.errors()
    # What stands under a name that is none of the known ones says nothing more.
    unknown = [each["loc"][:-1] for each in all_errors if each["loc"][-1:] == (_ITSELF,)]
    # A misspelt key also makes the right one missing: the misspelling is what to tell.
    for each in sorted(all_errors, key=lambda each: each["type"] != "extra_forbidden"):
        key = each["loc"]
        if key[-1:] != (_ITSELF,) and any(key[: len(above)] == above for above in unknown):
            continue
        names = _CHOICE.findall(each["ctx"]["expected"]) if each["type"] in _CHOICES else []
        if key[-1:] == (_ITSELF,) and names:
            found.append((key[:-1], "is not a known key", nearest(str(key[-2]), names)))
        elif names:
            problem = f"{each['input']!r} is not a known value"
            found.append((key, problem, nearest(str(each["input"]), names)))
        elif each["type"] == "extra_forbidden":
            known = _fields_at(model, key[:-1])
            hint = nearest(str(key[-1]), known) if known else "Remove it"
            found.append((key, "is not a known key", hint))
        elif each["type"] == "missing":
            found.append((key[:-1], f"has no {key[-1]!r}", "Add it"))
        else:
            said = each["msg"].removeprefix("Value error, ")
            found.append((key, said.replace("Input should", "should", 1), ""))
    return found


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
