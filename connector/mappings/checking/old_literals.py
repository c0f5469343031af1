"""Texts in backticks: JMESPath takes them for text today, and says that it will not for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from connector.mappings.checking.findings import Finding, finding
from connector.mappings.config_file import ConfigFile

Key = tuple[str | int, ...]
#: Keys whose values are prose, in which backticks mean nothing.
_PROSE: Final = frozenset({"because", "description", "message", "not_orders", "proposal"})
_LITERAL: Final = re.compile(r"`((?:[^`\\]|\\.)*)`")
_RAW_TEXT: Final = re.compile(r"'(?:[^'\\]|\\.)*'")


def old_literals(file: ConfigFile) -> Iterator[Finding]:
    """Yield each literal of *file* that stands in backticks and is no JSON."""
    for key, text in _texts(file.content, ()):
        for literal in _LITERAL.finditer(_RAW_TEXT.sub("''", text)):
            content = literal.group(1)
            if _is_json(content.replace("\\`", "`")):
                continue
            yield finding(
                "old-literal",
                file,
                key,
                f"`{content}` in backticks is no JSON; JMESPath takes it for a text today and will "
                "refuse it one day",
                f"Write '{content}'",
            )


def _texts(value: Any, key: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(value, str):
        if "`" in value:
            yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in _PROSE:
                yield from _texts(inner, (*key, name))
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from _texts(inner, (*key, position))


def _is_json(content: str) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True
