"""
What was reported as changed, so that a question which reaches back does not report it again.

Documents may be stamped before they are committed, so each question reaches back behind its
watermark, and the same rows are answered again. They are left out as long as this process remembers
what it reported; a watermark that is not remembered only makes changes be reported once more.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

#: Watermarks whose reported changes are remembered.
_REMEMBERED: Final = 8

#: What was reported: the kind of document, its number, and the stamp that it had.
Token: TypeAlias = tuple[str, str, str]


@dataclass(slots=True)
class Reported:
    """What was reported with which watermark; any thread may ask."""

    _by_mark: OrderedDict[str, frozenset[Token]] = field(default_factory=OrderedDict)
    _process: str = field(default_factory=lambda: secrets.token_hex(4))
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, mark: str) -> frozenset[Token]:
        """Return what was reported up to *mark* and may be answered again."""
        with self._lock:
            return self._by_mark.get(mark, frozenset())

    def remember(self, tokens: Iterable[Token]) -> str:
        """
        Remember *tokens* and return the mark under which they are found.

        No two marks are equal, of this process or another: who asks again with an older watermark,
        because the answer to it was lost, is told everything again.
        """
        with self._lock:
            self._count += 1
            mark = f"{self._process}-{self._count}"
            self._by_mark[mark] = frozenset(tokens)
            while len(self._by_mark) > _REMEMBERED:
                self._by_mark.popitem(last=False)
            return mark
