"""
Which pieces make a part: those that reach one another by keys, and small groups of such together.

The keys come sorted from the file and are looked at once, so that of a million pieces only one
number each is in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from connector.kept_extract.pieces import is_sought, plain

#: Customer lines of a part, where it is not one group that cannot be divided: an evaluation has
#: its price, and so has each piece that is evaluated again without need.
LINES: Final = 50


class Groups:
    """Numbers from 0 that are joined to groups; the smallest of a group stands for it."""

    def __init__(self, size: int) -> None:
        self._parents = array("I", range(size))

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        first, second = self.first(one), self.first(other)
        if first < second:
            self._parents[second] = first
        elif second < first:
            self._parents[first] = second

    def first(self, member: int) -> int:
        """Return the smallest of the group of *member*."""
        parents = self._parents
        while (parent := parents[member]) != member:
            parents[member] = member = parents[parent]
        return member


def join_by_keys(groups: Groups, keys: Iterable[tuple[int, int]]) -> None:
    """
    Join the pieces of *keys*, which come sorted, that share a key which one of them seeks.

    Those who only hold it come before those who seek it: they are joined when the first of these
    comes.
    """
    held: list[int] = []
    present, leader = None, None
    for key, piece in keys:
        form = plain(key)
        if form != present:
            present, leader = form, None
            held.clear()
        if leader is not None:
            groups.join(leader, piece)
        elif is_sought(key):
            leader = piece
            for other in held:
                groups.join(leader, other)
        else:
            held.append(piece)


def bundles(groups: Groups, lines: Sequence[int]) -> array[int]:
    """
    Put whole groups together until they have enough lines.

    Args:
        lines: the customer lines of each piece, by its number.

    Returns:
        For each piece the number of its bundle, from 0.
    """
    sizes = array("I", bytes(4 * len(lines)))
    for piece, count in enumerate(lines):
        sizes[groups.first(piece)] += max(count, 1)
    found = array("I", bytes(4 * len(lines)))
    bundle, filled = 0, 0
    for piece in range(len(lines)):
        first = groups.first(piece)
        if first != piece:
            found[piece] = found[first]
            continue
        if filled and filled + sizes[piece] > LINES:
            bundle, filled = bundle + 1, 0
        found[piece] = bundle
        filled += sizes[piece]
    return found
