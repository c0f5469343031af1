"""SQL for many values: they are asked for with some hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

#: Values of one statement; SQLite takes at least 999.
_AT_ONCE: Final = 500


def marks(values: Sequence[object]) -> str:
    """Return as many question marks as there are *values*."""
    return ",".join("?" * len(values))


def slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield *values* in pieces of what one statement takes."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
