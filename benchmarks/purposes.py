"""What a round trip is made for: told by the point of the write that its thread is at."""

from __future__ import annotations

import threading
from typing import Final

from connector.ports.erp import Point
from connector.ports.store_records import Step
from connector.sync.context import PendingStep

PRICE: Final = "price before creating"
PREPARE: Final = "prepare a write"
WRITE: Final = "write"
COMMIT: Final = "commit"
READ_BACK: Final = "read back"
READ: Final = "changes and chains"
#: In the order in which they occur.
ALL: Final = (PRICE, PREPARE, WRITE, COMMIT, READ_BACK, READ)

_COMMIT_CALLS: Final = ("BAPI_TRANSACTION_COMMIT",)


class Purposes:
    """Follows the points that each thread passes."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def passed(self, point: Point, step: Step | PendingStep) -> None:
        """Note that this thread has come to *point*."""
        del step
        if point is Point.AFTER_INTENT:
            self._thread.stage = PREPARE
        elif point in {Point.COMMIT_ANSWERED, Point.COMMIT_REFUSED}:
            self._thread.stage = READ_BACK
        elif point in {Point.BEFORE_CLAIM, Point.READ_BACK}:
            self._thread.stage = ""

    def of(self, name: str, *, writes: bool) -> str:
        """Return what a round trip called *name* is made for; *writes* says that it may post."""
        if name in _COMMIT_CALLS:
            return COMMIT
        if writes:
            return WRITE
        if "SIMULAT" in name.upper():
            return PRICE
        return getattr(self._thread, "stage", "") or READ
