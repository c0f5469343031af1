"""Segments of EDI messages put into groups: a segment belongs to the innermost that takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Group:
    """
    A group is opened by its first segment and takes those named in ``members``.

    ``name`` is its key in what it belongs to; ``groups`` are those that it may hold. A group that
    ``takes_all`` holds whatever none inside it takes.
    """

    name: str
    members: frozenset[str] = frozenset()
    groups: Mapping[str, Group] = field(default_factory=dict)
    takes_all: bool = False


@dataclass(slots=True)
class _Open:
    tag: str
    group: Group
    content: dict[str, Any]


class Grouping:
    """
    Builds a message from its segments.

    Each group's content is that of its first segment, with a list under the tag of each member
    and under the name of each group within it.
    """

    def __init__(self, message: Group) -> None:
        self.content: dict[str, Any] = {}
        self._open = [_Open("", message, self.content)]

    def add(self, tag: str, segment: dict[str, Any]) -> None:
        """Put *segment* where it belongs."""
        while len(self._open) > 1 and not self._takes(self._open[-1], tag):
            self._open.pop()
        holder = self._open[-1]
        inner = holder.group.groups.get(tag)
        if inner is None:
            holder.content.setdefault(tag, []).append(segment)
            return
        holder.content.setdefault(inner.name, []).append(segment)
        self._open.append(_Open(tag, inner, segment))

    def close(self, name: str) -> None:
        """Close every group; what follows is put under *name*."""
        del self._open[1:]
        self.content.setdefault(name, {})
        self._open.append(_Open("", Group(name, takes_all=True), self.content[name]))

    @staticmethod
    def _takes(opened: _Open, tag: str) -> bool:
        group = opened.group
        return tag != opened.tag and (
            group.takes_all or tag in group.members or tag in group.groups
        )
