"""Read a settings file, keeping the line of every key for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from connector.errors import ConfigurationError

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of a settings file, and on which line each of its keys stands."""

    path: Path
    content: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line_of(self, key_path: KeyPath) -> int | None:
        """Return the line of a key, or of the nearest key around it; None for the whole file."""
        while key_path:
            if key_path in self.lines:
                return self.lines[key_path]
            key_path = key_path[:-1]
        return None


def read_yaml_file(path: Path) -> YamlFile:
    """
    Return what stands in *path*; an empty file has no content.

    Raises:
        ConfigurationError: it is missing, unreadable, no UTF-8, no YAML, no mapping, or a key
            stands in it twice.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            str(path),
            "there is no such file",
            "Name the settings file with --config or the environment variable SD_CONNECTOR_CONFIG",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            str(path), f"the file cannot be read: {error.strerror}", "Check its permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            str(path),
            f"the file is not UTF-8 (byte {error.start + 1})",
            "Save it as UTF-8",
        ) from error
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return YamlFile(path, {}, {})
        lines: dict[KeyPath, int] = {}
        _note_lines(path, node, (), lines)
        content = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigurationError(str(path), f"this is no YAML: {_position(error)}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(
            str(path),
            "there are no keys in it",
            "Expected such as `time_zone: UTC`",
        )
    return YamlFile(path, content, lines)


def _note_lines(path: Path, node: yaml.Node, key_path: KeyPath, lines: dict[KeyPath, int]) -> None:
    """YAML readers let the last of equal keys win, silently; here it is an error."""
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            _note_lines(path, each, (*key_path, str(index)), lines)
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        here = (*key_path, str(key.value))
        line = key.start_mark.line + 1
        if here in lines:
            raise ConfigurationError(
                f"{path}, line {line}: {'.'.join(here)}",
                f"the key stands there twice, first on line {lines[here]}",
                "Keep one of them",
            )
        lines[here] = line
        _note_lines(path, value, here, lines)


def _position(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)
