"""
Requests that may be sent again: ``RequestID`` with ``RepeatabilityCreation``.

The answer to such a write is kept for a while; the same id gets it again instead of doing the work
twice. Later only the id is known: the answer then says that the request is outdated, which means
that it was processed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from connector.simulator.http.messages import Headers, HttpResponse
from connector.simulator.odata.errors import OUTDATED, ODataError, bad_request
from connector.simulator.odata.settings import ODataFaceSettings

_ID_LENGTH = 32
#: Answers that say nothing about the work: refused before it began, or a failure of the system.
_NOT_KEPT = (401, 403, 408, 412, 428, 429)
_FAILED = 500


@dataclass(slots=True)
class _Kept:
    at: datetime
    done: threading.Event = field(default_factory=threading.Event)
    response: HttpResponse | None = None


class RepeatedRequests:
    """Remembers requests and their answers; *now* is the ERP's clock."""

    def __init__(self, settings: ODataFaceSettings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._kept: dict[tuple[str, str, str], _Kept] = {}
        self._lock = threading.Lock()

    def run(
        self, user: str, service: str, headers: Headers, do: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Return the answer of *do*, or the kept one. Raises ODataError (400)."""
        request_id, created = headers.get("RequestID"), headers.get("RepeatabilityCreation")
        offered = self._settings.repeatable_services
        if not request_id or not created or not ("*" in offered or service in offered):
            return do()
        if len(request_id) != _ID_LENGTH:
            raise bad_request(f"RequestID must have {_ID_LENGTH} characters")
        self._forget()
        if self._age(_moment(created)) > self._settings.repeatable_id_s:
            raise outdated()
        key = (user, service, request_id.upper())
        with self._lock:
            kept = self._kept.get(key)
            mine = kept is None
            if kept is None:
                kept = self._kept[key] = _Kept(self._now())
        return self._first(key, kept, do) if mine else self._again(kept, do)

    def _first(
        self, key: tuple[str, str, str], kept: _Kept, do: Callable[[], HttpResponse]
    ) -> HttpResponse:
        response = None
        try:
            response = do()
        finally:
            if response is None or response.status >= _FAILED or response.status in _NOT_KEPT:
                with self._lock:
                    self._kept.pop(key, None)
            else:
                kept.response = response
            kept.done.set()
        return _marked(response)

    def _again(self, kept: _Kept, do: Callable[[], HttpResponse]) -> HttpResponse:
        kept.done.wait()
        if kept.response is None:
            return do()
        if self._age(kept.at) > self._settings.repeatable_answer_s:
            raise outdated()
        return _marked(kept.response)

    def _age(self, moment: datetime) -> float:
        return (self._now() - moment).total_seconds()

    def _forget(self) -> None:
        with self._lock:
            old = [
                key
                for key, kept in self._kept.items()
                if kept.done.is_set() and self._age(kept.at) > self._settings.repeatable_id_s
            ]
            for key in old:
                del self._kept[key]


def outdated() -> ODataError:
    """Return the answer to an id whose result is gone: it was processed once."""
    return ODataError(400, "RequestID is outdated", OUTDATED)


def _marked(response: HttpResponse) -> HttpResponse:
    headers = Headers(response.headers.items())
    headers.set("RepeatabilityResult", "accepted")
    return HttpResponse(response.status, headers, response.body)


def _moment(text: str) -> datetime:
    """Read an HTTP date or an ISO one; sources show both."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise bad_request("RepeatabilityCreation must be a date with time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
