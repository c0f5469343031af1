"""One message after its bytes were read and before a profile looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RawMessage:
    """
    Plain values (mappings, lists, text, Decimal, int, bool, None) with the text they came from.

    ``source`` is file and position; ``raw`` read again gives the same message. ``notes`` say what
    was taken for granted in reading it, such as a guessed encoding.
    """

    content: dict[str, Any]
    source: str
    raw: str
    notes: tuple[str, ...] = ()
