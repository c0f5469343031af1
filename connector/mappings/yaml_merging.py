"""Trees that override one another: mappings key by key, lists of named elements name by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import yaml

from connector.mappings.yaml_nodes import Key, Pair, elements_by_name, node_at, text_of

#: Whether the mapping or list at a key is merged name by name.
Merges = Callable[[Key], bool]
#: Where two trees that may not override each other say different things, and the nodes that do.
Conflicts = list[tuple[Key, yaml.Node, yaml.Node]]

_NULL_TAG: Final = "tag:yaml.org,2002:null"
#: An element of the included list that has this is not taken over.
_LEAVE_OUT: Final = "leave_out"


def merged(
    base: yaml.Node,
    own: yaml.Node,
    merges: Merges,
    key: Key,
    conflicts: Conflicts | None,
) -> yaml.Node:
    """Return *base* overridden by *own*; with *conflicts* neither may override the other."""
    if base is own:
        return own
    if isinstance(base, yaml.MappingNode) and isinstance(own, yaml.MappingNode) and merges(key):
        return _mappings(base, own, merges, key, conflicts)
    named = elements_by_name(base), elements_by_name(own)
    if named[0] and named[1] and merges(key):
        return _lists(own, named, merges, key, conflicts)
    if conflicts is not None and not _same(base, own):
        conflicts.append((key, base, own))
    return own


def _mappings(
    base: yaml.MappingNode,
    own: yaml.MappingNode,
    merges: Merges,
    key: Key,
    conflicts: Conflicts | None,
) -> yaml.MappingNode:
    pairs: dict[str, Pair] = {text_of(name): (name, value) for name, value in base.value}
    for name, value in own.value:
        text = text_of(name)
        before = pairs.get(text)
        if value.tag == _NULL_TAG and conflicts is None:
            # Nothing instead of what the base says.
            pairs.pop(text, None)
        elif before is None:
            pairs[text] = (name, value)
        else:
            pairs[text] = (name, merged(before[1], value, merges, (*key, text), conflicts))
    return yaml.MappingNode(
        own.tag, list(pairs.values()), own.start_mark, own.end_mark, own.flow_style
    )


def _lists(
    own: yaml.Node,
    named: tuple[dict[str, yaml.Node], dict[str, yaml.Node]],
    merges: Merges,
    key: Key,
    conflicts: Conflicts | None,
) -> yaml.Node:
    before, after = named
    elements = dict(before)
    for name, element in after.items():
        if node_at(element, (_LEAVE_OUT,)) is not None:
            elements.pop(name, None)
        elif name in elements:
            elements[name] = merged(elements[name], element, merges, (*key, name), conflicts)
        else:
            elements[name] = element
    return yaml.SequenceNode(own.tag, list(elements.values()), own.start_mark, own.end_mark)


def _same(first: yaml.Node, second: yaml.Node) -> bool:
    return yaml.serialize(first) == yaml.serialize(second)
