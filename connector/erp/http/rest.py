"""An ERP that asked to be left alone is left alone, by every session of a pool."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

from connector.clock import Clock
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.retry_after import retry_after_s
from connector.errors import ErpUnavailableError

#: Too many requests, service unavailable: the statuses with which an ERP asks for it.
_ASKING: Final = (429, 503)


class Rest:
    """Until when nothing is sent. May be used by any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: datetime | None = None
        self._lock = threading.Lock()

    def note(self, answer: Answer) -> None:
        """Learn from *answer* whether the ERP wants to be left alone, and how long."""
        if answer.status not in _ASKING:
            return
        now = self._clock.now()
        asked = retry_after_s(
            answer.headers.get("Retry-After", ""), now, answer.headers.get("Date", "")
        )
        if not asked:
            return
        with self._lock:
            until = now + timedelta(seconds=asked)
            self._until = max(self._until or until, until)

    def require(self, call: Call) -> None:
        """Raise ErpUnavailableError while the ERP wants to be left alone; nothing was sent."""
        with self._lock:
            until = self._until
        if until is None:
            return
        left = (until - self._clock.now()).total_seconds()
        if left > 0:
            text = f"{call.action}: the ERP asked to be left alone for another {left:.0f} s"
            raise ErpUnavailableError(text, (), left)
