"""
Change documents: who changed which document when, oldest first (CDHDR).

Only changes of a document itself leave one, as in the real system: creating it does not, and a
delivery does not change its order. After a restart each document keeps the last of its changes,
without the user.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from datetime import datetime

#: Kind of document -> first digit of its change documents' numbers.
KINDS = {"sales": 1, "delivery": 2, "billing": 3}


@dataclass(frozen=True, slots=True)
class ChangeDocument:
    """One change. `indicator` is U (changed) or D (deleted)."""

    number: str
    kind: str
    document: str
    changed_at: datetime
    user: str
    indicator: str


class ChangeDocuments:
    """All change documents, by time and by the document that changed."""

    def __init__(self) -> None:
        self._all: dict[str, list[ChangeDocument]] = {kind: [] for kind in KINDS}
        self._moments: dict[str, list[datetime]] = {kind: [] for kind in KINDS}
        self._of: dict[tuple[str, str], list[int]] = {}

    def add(
        self, kind: str, document: str, changed_at: datetime, user: str, indicator: str = "U"
    ) -> None:
        """Add the change of a document; other kinds than `KINDS` leave none."""
        if kind not in KINDS:
            return
        known, moments = self._all[kind], self._moments[kind]
        at = max(changed_at, moments[-1]) if moments else changed_at
        number = f"{KINDS[kind]}{len(known) + 1:09}"
        self._of.setdefault((kind, document), []).append(len(known))
        known.append(ChangeDocument(number, kind, document, at, user, indicator))
        moments.append(at)

    def since(self, kind: str, moment: datetime) -> tuple[ChangeDocument, ...]:
        """Return the changes of a kind at or after *moment*."""
        return tuple(self._all[kind][bisect.bisect_left(self._moments[kind], moment) :])

    def of(self, kind: str, document: str) -> tuple[ChangeDocument, ...]:
        """Return the changes of one document."""
        return tuple(self._all[kind][at] for at in self._of.get((kind, document), ()))
