"""
Reaches the HTTP faces from the same process, without a socket.

A `requests` session with this adapter mounted at the front's address behaves as over a line: faults
of the line arrive as the exceptions that `requests` raises.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from http.client import HTTPMessage
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from urllib3 import HTTPResponse as RawResponse
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from connector.simulator.http.front import (
    AnswerWithheld,
    ConnectionLost,
    ConnectionRefused,
    HttpFront,
)
from connector.simulator.http.messages import Headers, HttpRequest, HttpResponse

#: Where a session mounts the adapter, unless told otherwise.
LOCAL_URL = "http://simulated-erp.invalid"


class LocalAdapter(BaseAdapter):
    """Passes requests on to *front*."""

    def __init__(self, front: HttpFront) -> None:
        super().__init__()
        self._front = front
        self._build = HTTPAdapter().build_response

    def send(  # noqa: PLR0917 - the signature is that of requests
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """
        Return the answer; the timeout has no meaning without a line.

        Raises ConnectionError and ReadTimeout of requests, where a fault says so.
        """
        del stream, timeout, verify, cert, proxies
        target = urlsplit(str(request.url))
        headers = Headers([(str(n), _text(v)) for n, v in request.headers.items()])
        body = _body(request.body)
        asked = HttpRequest(
            str(request.method),
            target.path or "/",
            target.query,
            headers,
            body,
            f"{target.scheme}://{target.netloc}",
        )
        try:
            answer = self._front.answer(asked)
        except ConnectionRefused:
            raise _refused(request) from None
        except ConnectionLost:
            reset = ConnectionResetError(104, "Connection reset by peer")
            broken = ProtocolError("Connection aborted.", reset)
            raise RequestsConnectionError(broken, request=request) from None
        except AnswerWithheld:
            pool: Any = HTTPConnectionPool(target.hostname or "")
            error = ReadTimeoutError(pool, str(request.url), "Read timed out.")
            raise ReadTimeout(error, request=request) from None
        return self._build(request, _raw(answer, asked.method))

    def close(self) -> None:
        """Nothing is kept open."""


def _refused(request: PreparedRequest) -> RequestsConnectionError:
    target = urlsplit(str(request.url))
    pool: Any = HTTPConnectionPool(target.hostname or "")
    connection: Any = SimpleNamespace(host=target.hostname)
    reason = NewConnectionError(
        connection, "Failed to establish a new connection: [Errno 111] Connection refused"
    )
    error = MaxRetryError(pool, target.path, reason)
    return RequestsConnectionError(error, request=request)


def _raw(answer: HttpResponse, method: str) -> Any:
    message = HTTPMessage()
    for name, value in answer.headers.items():
        message.add_header(name, value)
    message.add_header("Content-Length", str(len(answer.body)))
    body = b"" if method == "HEAD" else answer.body
    original: Any = _Original(message)
    return RawResponse(
        body=io.BytesIO(body),
        headers=dict(_merged(answer.headers)),
        status=answer.status,
        preload_content=False,
        original_response=original,
    )


class _Original:
    """What requests reads cookies from."""

    def __init__(self, message: HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        """There is no line that could stay open."""
        return True

    def close(self) -> None:
        """Nothing to close."""


def _merged(headers: Headers) -> Iterable[tuple[str, str]]:
    names = dict.fromkeys(name.lower() for name, _ in headers.items())
    return [(name, ", ".join(headers.all(name))) for name in names]


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _body(body.read())
    return b"".join(_body(part) for part in body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
