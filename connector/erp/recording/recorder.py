"""Drivers that write down what passes through them, sanitised, and change nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from connector.erp.http.errors import LIBRARY_ERRORS, before_sending
from connector.erp.http.session import AdapterFactory
from connector.erp.http.wire import Stage, WatchedAdapter, stage_reached
from connector.erp.recording.fields import Fields
from connector.erp.recording.http_values import HttpSanitiser
from connector.erp.recording.rfc_values import RfcSanitiser
from connector.erp.recording.stand_ins import StandIns
from connector.erp.recording.tape import TapeWriter
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver

LOGON: Final = "(logon)"
ATTRIBUTES: Final = "(attributes)"
NOT_CONNECTED: Final = "not connected"
LOST: Final = "lost"
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Puts itself between the connector and its drivers."""

    tape: TapeWriter
    fields: Fields
    stand_ins: StandIns

    def driver(self, inner: RfcDriver) -> RfcDriver:
        """Return *inner*, recorded."""

        def connect(on_sent: OnSent) -> RfcConnection:
            try:
                connection = inner.connect(on_sent)
            except inner.error as error:
                failure = {"error": self.rfc.failure(error)}
                self.tape.call("rfc", LOGON, {}, failure)
                raise
            self.tape.call("rfc", LOGON, {}, {"answer": {}})
            return _RecordedConnection(self, connection, inner.error)

        return RfcDriver(connect, inner.error)

    def adapter(self, inner: AdapterFactory | None, *, system_trust: bool) -> AdapterFactory:
        """Return a factory of recorded adapters; None stands for the usual one."""

        def make() -> BaseAdapter:
            made = inner() if inner else WatchedAdapter(trusts_system=system_trust)
            return RecordingAdapter(self, made)

        return make

    @property
    def rfc(self) -> RfcSanitiser:
        """What makes RFC calls fit for the tape."""
        return RfcSanitiser(self.fields, self.stand_ins)

    @property
    def http(self) -> HttpSanitiser:
        """What makes HTTP exchanges fit for the tape."""
        return HttpSanitiser(self.fields, self.stand_ins)


class _RecordedConnection:
    def __init__(self, recorder: Recorder, inner: RfcConnection, error: type[Exception]) -> None:
        self._recorder, self._inner, self._error = recorder, inner, error

    def call(self, func_name: str, /, **params: Any) -> dict[str, Any]:
        rfc, tape = self._recorder.rfc, self._recorder.tape
        asked = rfc.parameters(func_name, params)
        try:
            answer = self._inner.call(func_name, **params)
        except self._error as error:
            tape.call("rfc", func_name, asked, {"error": rfc.failure(error)})
            raise
        tape.call("rfc", func_name, asked, {"answer": rfc.answer(func_name, answer, params)})
        return answer

    def ping(self) -> None:
        self._inner.ping()

    def get_connection_attributes(self) -> dict[str, Any]:
        found = self._inner.get_connection_attributes()
        plain = self._recorder.rfc.answer(ATTRIBUTES, found, {})
        self._recorder.tape.call("rfc", ATTRIBUTES, {}, {"answer": plain})
        return found

    def close(self) -> None:
        self._inner.close()


class RecordingAdapter(BaseAdapter):
    """Sends over *inner* and writes the exchange down, but for those with a token server."""

    def __init__(self, recorder: Recorder, inner: BaseAdapter) -> None:
        super().__init__()
        self._recorder, self._inner = recorder, inner
        self.notes_progress = bool(getattr(inner, "notes_progress", False))

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        if _FORM in str(request.headers.get("Content-Type", "")):
            return self._inner.send(request, *args, **options)
        http, tape = self._recorder.http, self._recorder.tape
        asked = http.request(
            str(request.method), str(request.url), headers_of(request), body_of(request)
        )
        operation = operation_of(asked)
        try:
            response = self._inner.send(request, *args, **options)
            content = response.content
        except LIBRARY_ERRORS as error:
            tape.call("http", operation, asked, {"error": self._how(error)})
            raise
        answer = http.answer(response.status_code, response.headers, content, str(request.url))
        tape.call("http", operation, asked, {"answer": answer})
        return response

    def close(self) -> None:
        self._inner.close()

    def _how(self, error: Exception) -> str:
        if self.notes_progress:
            return LOST if stage_reached() >= Stage.SENDING else NOT_CONNECTED
        return NOT_CONNECTED if before_sending(error) else LOST


def operation_of(request: Mapping[str, Any]) -> str:
    """Name a request for people and for matching: method and path without keys."""
    path = urlsplit(str(request["address"])).path
    segments = [segment.partition("(")[0] for segment in path.split("/") if segment]
    return f"{request['method']} {'/'.join(segments[-2:])}"


def headers_of(request: PreparedRequest) -> CaseInsensitiveDict[str]:
    """Return the headers of *request* as text."""
    fields: dict[str, Any] = dict(request.headers)
    return CaseInsensitiveDict(
        {
            name: value.decode("latin-1") if isinstance(value, bytes) else str(value)
            for name, value in fields.items()
        }
    )


def body_of(request: PreparedRequest) -> bytes:
    """Return the body of *request*, empty where it has none."""
    body = request.body
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)
