"""
What stored texts say, remembered: most documents are read many times before they change.

Parsed values are immutable, and a text always means the same, so that nothing here goes out of
date. What was not used for longest is forgotten first.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)

#: Most characters of text whose parsed values are kept; those take about ten bytes for each.
MOST_CHARACTERS: Final = 4_000_000


class Parsed:
    """Parses JSON, each text once as long as it is in use. May be used by many threads."""

    def __init__(self, most_characters: int = MOST_CHARACTERS) -> None:
        self._most = most_characters
        self._kept: OrderedDict[tuple[type[BaseModel], str], BaseModel] = OrderedDict()
        self._characters = 0
        self._lock = threading.Lock()

    @property
    def characters(self) -> int:
        """How much text is remembered."""
        return self._characters

    def read(self, kind: type[T], text: str) -> T:
        """Return what *text* says as a *kind*; raises ValidationError as the model does."""
        key = (kind, text)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known  # type: ignore[return-value]
        value = kind.model_validate_json(text)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = value
                self._characters += len(text)
            while self._characters > self._most:
                (_, forgotten), _ = self._kept.popitem(last=False)
                self._characters -= len(forgotten)
        return value


#: Shared by all stores of the process: what a text says depends on nothing else.
PARSED: Final = Parsed()
