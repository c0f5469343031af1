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

    def sorted_out(
        self, numbers: Iterable[str], otherwise: DocumentCategory
    ) -> list[tuple[DocumentCategory, list[str]]]:
        """Return *numbers* by their category; those that are not known count as *otherwise*."""
        found: dict[DocumentCategory, list[str]] = defaultdict(list)
        with self._lock:
            for number in numbers:
                found[self._known.get(number, otherwise)].append(number)
        return list(found.items())

    def unknown(self, numbers: Iterable[str]) -> list[str]:
        """Return those of *numbers* that were never met."""
        with self._lock:
            return [number for number in numbers if number not in self._known]
