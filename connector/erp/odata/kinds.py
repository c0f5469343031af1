"""Which service has a document: remembered, since a number alone does not say it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from connector.sd_documents.values import DocumentCategory

_MOST: Final = 200_000


class Kinds:
    """
    The category of documents that were met before; any thread may ask.

    A number keeps its category for ever, so nothing here grows stale; the oldest half is forgotten
    when there are too many.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._known: dict[str, DocumentCategory] = {}
        self._lock = threading.Lock()

    def learn(self, category: DocumentCategory, numbers: Iterable[str]) -> None:
        """Remember that *numbers* are of *category*."""
        with self._lock:
            for number in numbers:
                self._known[number] = category
            if len(self._known) > self._most:
                for number in list(self._known)[: len(self._known) // 2]:
                    del self._known[number]

    def sorted_out(self, numbers: Iterable[str]) -> list[tuple[DocumentCategory, list[str]]]:
        """Return those of *numbers* whose category is known, by category."""
        known: dict[DocumentCategory, list[str]] = defaultdict(list)
        with self._lock:
            for number in numbers:
                if number in self._known:
                    known[self._known[number]].append(number)
        return list(known.items())
