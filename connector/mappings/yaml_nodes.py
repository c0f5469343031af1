"""Nodes of YAML trees: what they say, and where each of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import yaml

Key = tuple[str | int, ...]
Pair = tuple[yaml.Node, yaml.Node]

_NAME: Final = "name"


class Place(NamedTuple):
    """Where something is written."""

    file: Path
    line: int


def elements_by_name(node: yaml.Node) -> dict[str, yaml.Node]:
    """Return the elements of a list by their ``name``, nothing unless each has its own."""
    if not isinstance(node, yaml.SequenceNode):
        return {}
    found: dict[str, yaml.Node] = {}
    for element in node.value:
        named = node_at(element, (_NAME,))
        if named is None or not isinstance(named[1], yaml.ScalarNode):
            return {}
        found[named[1].value] = element
    return found if len(found) == len(node.value) else {}


def node_at(node: yaml.Node, key: Sequence[str | int]) -> Pair | None:
    """Return the node that names *key* and the node of its value, None where it is not there."""
    found: Pair = (node, node)
    for part in key:
        inner = found[1]
        if isinstance(inner, yaml.MappingNode):
            pair = next((pair for pair in inner.value if text_of(pair[0]) == str(part)), None)
            if pair is None:
                return None
            found = pair
        elif isinstance(inner, yaml.SequenceNode):
            if isinstance(part, int):
                element = inner.value[part] if part < len(inner.value) else None
            else:
                element = elements_by_name(inner).get(part)
            if element is None:
                return None
            found = (element, element)
        else:
            return None
    return found


def place_of(node: yaml.Node) -> Place:
    """Return where *node* is written."""
    return Place(Path(node.start_mark.name), node.start_mark.line + 1)


def text_of(node: yaml.Node) -> str:
    """Return the name that a key's node holds."""
    return str(node.value)
