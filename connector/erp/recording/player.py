"""
Drivers that answer from a recording.

A call is answered by the first call of the recording that is not used up and asks the same. Only
what was kept is compared: a name may be another one. The first call that the recording does not
have is remembered with what is different, and from then on nobody is there.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import requests
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connector.erp.recording.fields import Fields
from connector.erp.recording.http_values import HttpSanitiser, content_of
from connector.erp.recording.recorder import (
    ATTRIBUTES,
    LOGON,
    NOT_CONNECTED,
    body_of,
    headers_of,
    operation_of,
)
from connector.erp.recording.rfc_values import RfcSanitiser, restored
from connector.erp.recording.stand_ins import masked
from connector.erp.recording.tape import RecordedCall, Recording
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver

_MOST: Final = 8


class RecordedRfcError(Exception):
    """Root of the exceptions that a replay raises, as the library's are rooted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """
    The first call that the recording does not have.

    ``number`` is the recorded call that is nearest to it, 0 where there is none; ``details`` say
    field by field what was asked and what was recorded.
    """

    over: str
    operation: str
    number: int
    recorded_operation: str
    details: tuple[str, ...]

    def __str__(self) -> str:
        if not self.number:
            return f"{self.operation} over {self.over} is not in the recording (or no more)"
        where = f"call {self.number}, {self.recorded_operation}"
        return f"{self.operation} over {self.over} differs from {where}: {'; '.join(self.details)}"


@dataclass(slots=True)
class Player:
    """Answers calls from *recording*; any thread may ask."""

    recording: Recording
    fields: Fields
    difference: Difference | None = None
    _used: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def used(self) -> int:
        """How many calls were answered."""
        return len(self._used)

    @property
    def unused(self) -> tuple[RecordedCall, ...]:
        """Return calls that nobody made again; logons do not count."""
        free = (LOGON, ATTRIBUTES)
        return tuple(
            call
            for call in self.recording.calls
            if call.number not in self._used and call.operation not in free
        )

    @property
    def rfc(self) -> RfcSanitiser:
        """What masks what was not kept."""
        return RfcSanitiser(self.fields.for_comparison(), masked)

    @property
    def http(self) -> HttpSanitiser:
        """What masks what was not kept."""
        return HttpSanitiser(self.fields.for_comparison(), masked)

    def take(self, over: str, operation: str, asked: Any) -> RecordedCall | None:
        """Return the recorded call that answers *asked*, already masked; None where none does."""
        with self._lock:
            if self.difference is not None:
                return None
            left = [call for call in self.recording.calls if call.number not in self._used]
            alike = [c for c in left if (c.over, c.operation) == (over, operation)]
            for call in alike:
                if self._masked(call) == asked:
                    self._used.add(call.number)
                    return call
            self.difference = self._differing(over, operation, asked, alike, left)
            return None

    def repeated(self, over: str, operation: str) -> RecordedCall | None:
        """Return any recorded call of *operation*: for logons, whose number is no matter."""
        with self._lock:
            found = [c for c in self.recording.calls if (c.over, c.operation) == (over, operation)]
            fresh = [call for call in found if call.number not in self._used]
            if fresh:
                self._used.add(fresh[0].number)
                return fresh[0]
            return found[0] if found else None

    def driver(self) -> RfcDriver:
        """Return RFC as it was recorded."""

        def connect(on_sent: OnSent) -> RfcConnection:
            logon = self.repeated("rfc", LOGON)
            if logon is not None and logon.error is not None:
                raise rfc_error(logon.error)
            return _PlayedConnection(self, on_sent)

        return RfcDriver(connect, RecordedRfcError)

    def adapter(self) -> BaseAdapter:
        """Return HTTP as it was recorded."""
        return PlayingAdapter(self)

    def _masked(self, call: RecordedCall) -> Any:
        if call.over == "rfc":
            return self.rfc.parameters(call.operation, restored(call.request))
        return self.http.again(call.request)

    def _differing(
        self,
        over: str,
        operation: str,
        asked: Any,
        alike: list[RecordedCall],
        left: list[RecordedCall],
    ) -> Difference:
        nearest = min(
            alike,
            key=lambda call: len(list(_differences("", self._masked(call), asked))),
            default=None,
        )
        if nearest is None:
            following = next((c for c in left if c.operation not in (LOGON, ATTRIBUTES)), None)
            if following is None:
                return Difference(over, operation, 0, "", ())
            return Difference(
                over, operation, following.number, following.operation, ("it is another call",)
            )
        details = list(_differences("", self._masked(nearest), asked))
        if len(details) > _MOST:
            details = [*details[:_MOST], f"and {len(details) - _MOST} more"]
        return Difference(over, operation, nearest.number, nearest.operation, tuple(details))


def _differences(path: str, recorded: Any, asked: Any) -> Iterator[str]:
    """Yield where two contents differ, in words."""
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in dict.fromkeys((*recorded, *asked)):
            inner = f"{path}.{name}".lstrip(".")
            if name not in recorded:
                yield f"{inner} is new: {asked[name]!r}"
            elif name not in asked:
                yield f"{inner} is missing, recorded was {recorded[name]!r}"
            else:
                yield from _differences(inner, recorded[name], asked[name])
    elif isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        for number, (one, other) in enumerate(zip(recorded, asked, strict=True), 1):
            yield from _differences(f"{path}[{number}]", one, other)
    elif recorded != asked:
        yield f"{path} is {asked!r}, recorded was {recorded!r}"


class _PlayedConnection:
    def __init__(self, player: Player, on_sent: OnSent) -> None:
        self._player, self._on_sent = player, on_sent

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        call = self._player.take("rfc", func_name, self._player.rfc.parameters(func_name, params))
        if call is None:
            raise _nobody_there()
        self._on_sent(func_name)
        if call.error is not None:
            raise rfc_error(call.error)
        answer: dict[str, Any] = restored(call.answer)
        return answer

    def ping(self) -> None:
        """The session lives: the recording does not end by itself."""

    def get_connection_attributes(self) -> dict[str, Any]:
        call = self._player.repeated("rfc", ATTRIBUTES)
        answer: dict[str, Any] = restored(call.answer) if call is not None else {}
        return answer

    def close(self) -> None:
        """Nothing is open."""


class PlayingAdapter(BaseAdapter):
    """Answers from a recording in place of a line."""

    def __init__(self, player: Player) -> None:
        super().__init__()
        self._player = player

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        asked = self._player.http.request(
            str(request.method), str(request.url), headers_of(request), body_of(request)
        )
        call = self._player.take("http", operation_of(asked), asked)
        if call is None or call.error == NOT_CONNECTED:
            raise requests.ConnectTimeout("nobody is there", request=request)
        if call.error is not None:
            raise requests.ReadTimeout("the answer was lost", request=request)
        headers, body = content_of(call.answer)
        response = Response()
        response.status_code = int(call.answer["status"])
        response.headers = CaseInsensitiveDict(headers)
        response.request, response.url = request, str(request.url)
        response._content, response._content_consumed = body, True  # type: ignore[attr-defined]
        return response

    def close(self) -> None:
        """Nothing is open."""


def rfc_error(recorded: dict[str, str]) -> Exception:
    """Return a recorded exception: its class has the names that the library's had."""
    kind: type[Exception] = RecordedRfcError
    for name in reversed(recorded.get("kinds", "").split()):
        if name not in ("object", "BaseException", "Exception"):
            kind = type(name, (kind,), {})
    error = kind(recorded.get("message", ""))
    for name, value in recorded.items():
        if name != "kinds":
            setattr(error, name, value)
    return error


def _nobody_there() -> Exception:
    return rfc_error({"kinds": "CommunicationError RFCLibError RFCError", "message": "replayed"})
