"""A log of the calls: one JSON object per line, without names, addresses or amounts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from connector.simulator.rfc.exceptions import RFCLibError

if TYPE_CHECKING:
    from connector.simulator.rfc.context import Context
    from connector.simulator.rfc.dictionary import Function, Row

#: Scalars that say which document a call is about.
_KEYS = (
    *("SALESDOCUMENT", "DELIVERY", "BILLINGDOCUMENT", "QUERY_TABLE", "WAIT", "TESTRUN"),
    *("COMPANYCODE", "KEYDATE", "OBJ_KEY", "DOC_NO"),
)


class CallLog:
    """
    Writes to *stream*, one line per call, in the order in which the calls ended.

    *now* gives the time of a line; the ERP's clock fits as well as the machine's.
    """

    def __init__(self, stream: TextIO, now: Callable[[], datetime] | None = None) -> None:
        self._stream, self._now = stream, now
        self._lock = threading.Lock()

    def write(
        self,
        context: Context,
        function: Function,
        imports: Row,
        results: Row,
        error: Exception | None,
    ) -> None:
        """Add a line for a call that ended with *results* or with *error*."""
        line: dict[str, Any] = {
            "connection": context.number,
            "function": function.name,
            "rows": {n: len(v) for n, v in imports.items() if isinstance(v, list) and v},
            "keys": {k: v for k in _KEYS if (v := results.get(k) or imports.get(k))},
        }
        if self._now is not None:
            line = {"at": self._now().astimezone(UTC).isoformat(), **line}
        messages = _messages(results.get("RETURN"))
        if messages:
            line["return"] = messages
        if isinstance(error, RFCLibError):
            line["error"] = {"class": type(error).__name__, "code": error.code, "key": error.key}
        elif error is not None:
            line["error"] = {"class": type(error).__name__}
        with self._lock:
            self._stream.write(json.dumps(line, default=str) + "\n")
            self._stream.flush()


def _messages(value: Any) -> list[str]:
    rows = value if isinstance(value, list) else [value] if value else []
    return [
        f"{row.get('TYPE', '')} {row.get('ID', '')}{row.get('CODE', '')} {row.get('NUMBER', '')}"
        for row in rows
    ]
