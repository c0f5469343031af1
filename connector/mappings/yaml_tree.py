"""
YAML files as trees that know where each of their keys stands, also when files include others.

The trees are PyYAML's own nodes: each carries its file and line, so that a merged tree still
answers where a key comes from.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from connector.errors import ConfigurationError
from connector.mappings.yaml_merging import Conflicts, Merges, merged
from connector.mappings.yaml_nodes import (
    Key,
    Place,
    node_at,
    place_of,
    text_of,
)

_MERGE_TAG: Final = "tag:yaml.org,2002:merge"
_INCLUDE: Final = "include"
#: Brackets within one another that are more than any file of rules has.
_DEEPEST: Final = 200
_BRACKETS: Final = re.compile(r"[\[\]{}]")
#: Lists within lists, or keys within keys, in one line.
_CHAIN: Final = re.compile(rf"(?:[-?][ \t]+){{{_DEEPEST}}}")


@dataclass(slots=True)
class Tree:
    """The root of a file and of what it includes, and the files, its own first."""

    root: yaml.MappingNode
    files: tuple[Path, ...]

    def content(self) -> dict[str, Any]:
        """Return the tree as plain values."""
        try:
            content = yaml.SafeLoader("").construct_document(self.root)
        except yaml.MarkedYAMLError as error:
            raise _broken(self.files[0], error) from error
        return dict(content)

    def written(self, key: Sequence[str | int]) -> Key:
        """Return *key* without the parts that are not written down: names of alternatives."""
        found: Key = ()
        for part in key:
            if node_at(self.root, (*found, part)) is not None:
                found = (*found, part)
        return found

    def place(self, key: Sequence[str | int]) -> Place | None:
        """Return where *key* is written, or the last part of it that is; None for nothing."""
        marked = node_at(self.root, self.written(key))
        if marked is None:
            return None
        return place_of(marked[0])

    def complete(self, key: Sequence[str], by: Sequence[str], without: str) -> None:
        """Add to the mapping at *key* what it lacks of the one at *by*, and drop *without*."""
        target, source = node_at(self.root, key), node_at(self.root, by)
        if target is None or source is None:
            return
        node, other = target[1], source[1]
        assert isinstance(node, yaml.MappingNode)
        assert isinstance(other, yaml.MappingNode)
        own = [pair for pair in node.value if text_of(pair[0]) != without]
        names = {text_of(name) for name, _ in own}
        added = [pair for pair in other.value if text_of(pair[0]) not in names]
        # A new node: the same one may stand elsewhere under an alias.
        completed = yaml.MappingNode(
            node.tag, [*added, *own], node.start_mark, node.end_mark, node.flow_style
        )
        parent = node_at(self.root, key[:-1])
        assert parent is not None
        parent[1].value[:] = [
            (name, completed if value is node and text_of(name) == key[-1] else value)
            for name, value in parent[1].value
        ]


def read_tree(path: Path, merges: Merges | None = None) -> Tree:
    """Return the tree of *path*, with what it includes where *merges* is given."""
    if merges is None:
        return Tree(_read(path), (path,))
    return _with_includes(path, merges, ())


def _read(path: Path) -> yaml.MappingNode:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(
            str(path), f"cannot be read ({error.strerror})", "Check the path and permissions"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(path), "is not UTF-8 text", "Save it as UTF-8") from error
    try:
        root = _composed(path, text)
        if root is not None:
            _flatten(yaml.SafeLoader(""), root, set(), ())
    except yaml.YAMLError as error:
        raise _broken(path, error) from error
    except RecursionError as error:
        raise ConfigurationError(
            str(path), "has too many levels inside one another", "Correct the YAML there"
        ) from error
    if not isinstance(root, yaml.MappingNode):
        raise ConfigurationError(str(path), "must be a mapping of keys to values")
    return root


class _Named(StringIO):
    """The text of a file that says which file it is of."""

    name = ""


def _composed(path: Path, text: str) -> yaml.Node | None:
    """
    Return the root of *text*; None when it is empty.

    LibYAML reads ten times as fast. What it refuses is read again in Python, for its better words.
    It ends the process where a file is nested too deep, so that such files are left to Python.
    """
    if yaml.__with_libyaml__ and _is_shallow(text):
        stream = _Named(text)
        stream.name = str(path)
        with suppress(yaml.YAMLError):
            return _root(yaml.CSafeLoader(stream))
    loader = yaml.SafeLoader(text)
    loader.name = str(path)
    return _root(loader)


def _is_shallow(text: str) -> bool:
    """Tell that nothing is nested deeper than any file of rules is."""
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        if depth > _DEEPEST:
            return False
    return _CHAIN.search(text) is None


def _root(loader: yaml.SafeLoader | yaml.CSafeLoader) -> yaml.Node | None:
    try:
        found: yaml.Node | None = loader.get_single_node()
        return found
    finally:
        loader.dispose()


def _broken(path: Path, error: yaml.YAMLError) -> ConfigurationError:
    mark = getattr(error, "problem_mark", None)
    line = f", line {mark.line + 1}" if mark else ""
    problem = getattr(error, "problem", None) or "is not YAML"
    return ConfigurationError(f"{path}{line}", str(problem), "Correct the YAML there")


def _flatten(
    loader: yaml.SafeLoader, node: yaml.Node, done: set[int], above: tuple[int, ...]
) -> None:
    """Resolve ``<<`` everywhere, and refuse what a loader would lose without a word."""
    if id(node) in above:
        raise yaml.MarkedYAMLError(
            problem="the alias stands inside what it repeats", problem_mark=node.start_mark
        )
    if id(node) in done:
        return
    done.add(id(node))
    inside = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        _refuse_twice(node)
        for _, value in node.value:
            _flatten(loader, value, done, inside)
        own = [pair for pair in node.value if pair[0].tag != _MERGE_TAG]
        loader.flatten_mapping(node)
        names = {text_of(name) for name, _ in own}
        # What was merged in first is overridden by what follows it, and all of it by our own.
        inherited = {text_of(pair[0]): pair for pair in node.value if text_of(pair[0]) not in names}
        node.value = [*inherited.values(), *own]
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _flatten(loader, value, done, inside)


def _refuse_twice(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for name, _ in node.value:
        if name.tag == _MERGE_TAG:
            continue
        if text_of(name) in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key {text_of(name)!r} is given twice", problem_mark=name.start_mark
            )
        seen.add(text_of(name))


def _with_includes(path: Path, merges: Merges, above: tuple[Path, ...]) -> Tree:
    root = _read(path)
    pair = next((pair for pair in root.value if text_of(pair[0]) == _INCLUDE), None)
    if pair is None:
        return Tree(root, (path,))
    root.value.remove(pair)
    files: list[Path] = [path]
    base: yaml.Node | None = None
    conflicts: Conflicts = []
    chain = (*above, path.resolve())
    for node in _names_of_files(path, pair[1]):
        file = _included(path, node, chain)
        tree = _with_includes(file, merges, chain)
        files += tree.files
        base = tree.root if base is None else merged(base, tree.root, merges, (), conflicts)
    if base is None:
        return Tree(root, (path,))
    for key, first, second in conflicts:
        if node_at(root, key) is None:
            _refuse_conflict(path, key, first, second)
    whole = merged(base, root, merges, (), None)
    assert isinstance(whole, yaml.MappingNode)
    return Tree(whole, tuple(dict.fromkeys(files)))


def _names_of_files(path: Path, node: yaml.Node) -> Sequence[yaml.Node]:
    listed = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for each in listed:
        if not isinstance(each, yaml.ScalarNode) or not each.value:
            raise ConfigurationError(
                f"{path}: include (line {node.start_mark.line + 1})",
                "must name a file or a list of files",
                "Such as include: base/shop.yaml",
            )
    return list(listed)


def _included(path: Path, node: yaml.Node, chain: tuple[Path, ...]) -> Path:
    where = f"{path}: include (line {node.start_mark.line + 1})"
    relative = Path(node.value)
    if relative.is_absolute() or ".." in relative.parts:
        raise ConfigurationError(
            where, f"{node.value} must lie beside or below the rules", "Give a path without .."
        )
    file = path.parent / relative
    if file.resolve() in chain:
        names = " -> ".join(each.name for each in (*chain, file))
        raise ConfigurationError(where, f"the files include each other: {names}", "Remove one")
    if not file.is_file():
        raise ConfigurationError(where, f"there is no file {node.value}", "Correct the path")
    return file


def _refuse_conflict(path: Path, key: Key, first: yaml.Node, second: yaml.Node) -> NoReturn:
    one, other = place_of(first), place_of(second)
    dotted = ".".join(str(part) for part in key)
    raise ConfigurationError(
        f"{other.file}: {dotted} (line {other.line})",
        f"is defined in {one.file}, line {one.line} as well",
        f"Define it in {path.name}, which includes both, or remove one",
    )
