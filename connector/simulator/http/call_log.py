"""A log of the requests: one JSON object per line, without bodies, names or amounts."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TextIO

from connector.simulator.http.messages import HttpRequest, HttpResponse
from connector.simulator.http.operations import names_of


class HttpCallLog:
    """
    Counts requests, and writes a line for each to *stream* when there is one.

    *now* gives the time of a line. Of the query only the names of its parts are written: filters
    may hold names of people.
    """

    def __init__(
        self, stream: TextIO | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self._stream, self._now = stream, now
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def write(self, request: HttpRequest, response: HttpResponse | None, error: str = "") -> None:
        """Add a request that was answered with *response*, or not, because of *error*."""
        names = names_of(request)
        status = response.status if response is not None else 0
        line: dict[str, Any] = {"method": request.method, "path": request.path, "status": status}
        if request.query:
            line["query"] = [part.partition("=")[0] for part in request.query.split("&")]
        if error:
            line["error"] = error
        if self._now is not None:
            line = {"at": self._now().astimezone(UTC).isoformat(), **line}
        with self._lock:
            self._counts.update(name for name in names if " " in name and "/sap/" not in name)
            if self._stream is not None:
                self._stream.write(json.dumps(line) + "\n")
                self._stream.flush()

    def counts(self) -> dict[str, int]:
        """Return how often each operation was asked for, e.g. ``POST A_SalesOrder``."""
        with self._lock:
            return dict(self._counts)

    def clear(self) -> None:
        """Start counting anew."""
        with self._lock:
            self._counts.clear()
