"""
Connections that know how far a request has come.

Whether a failed write may have been posted depends on one thing: whether any of it had left. The
libraries do not tell, so the connection class notes it where it happens, at the socket.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse


class Stage(IntEnum):
    """How far one request has come."""

    NOTHING = 0
    CONNECTED = 1
    #: The first byte was handed to the socket; the ERP may have received all of it.
    SENDING = 2
    #: The last byte was handed to the socket.
    SENT = 3
    ANSWERED = 4


@dataclass(slots=True)
class Progress:
    """
    One request on its way; *on_sent* is told when it is out.

    *on_ready* is told when the connection is there and nothing has left: what it raises keeps the
    request from leaving.
    """

    on_sent: Callable[[], None] | None = None
    on_ready: Callable[[], None] | None = None
    stage: Stage = Stage.NOTHING

    def reached(self, stage: Stage) -> None:
        """Note *stage*; a request never comes less far than it was."""
        if stage is Stage.SENDING and self.stage < Stage.SENDING and self.on_ready is not None:
            self.on_ready()
        if stage is Stage.SENT and self.stage < Stage.SENT and self.on_sent is not None:
            self.on_sent()
        self.stage = max(self.stage, stage)


_current: ContextVar[Progress | None] = ContextVar("http_request_progress", default=None)


@contextmanager
def watched(progress: Progress) -> Iterator[None]:
    """Let the connections that are used in the block report to *progress*."""
    token = _current.set(progress)
    try:
        yield
    finally:
        _current.reset(token)


def stage_reached() -> Stage:
    """Return how far the request that is watched here has come; nothing where none is."""
    progress = _current.get()
    return progress.stage if progress is not None else Stage.NOTHING


def _reached(stage: Stage) -> None:
    progress = _current.get()
    if progress is not None:
        progress.reached(stage)


class _PlainConnection(HTTPConnection):
    """Reports connecting, sending and having sent."""

    _is_connecting = False

    def connect(self) -> None:
        # Through a proxy connecting sends a request of its own, which is not ours.
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False
        _reached(Stage.CONNECTED)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if not self._is_connecting:
            _reached(Stage.SENDING)
        super().send(data)

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        _reached(Stage.SENT)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        response = super().getresponse()
        _reached(Stage.ANSWERED)
        return response


class _TlsConnection(_PlainConnection, HTTPSConnection):
    """The same, encrypted."""


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class WatchedAdapter(HTTPAdapter):
    """Sends over connections that report to `Progress`, one per host, and never twice."""

    #: Whether the adapter reports by itself how far a request has come.
    notes_progress = True

    def __init__(self, *, trusts_system: bool = False) -> None:
        self._trusts_system = trusts_system
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._trusts_system:
            # The library knows certifi's authorities only, not a company's own.
            kwargs["ssl_context"] = ssl.create_default_context()
        super().init_poolmanager(*args, **kwargs)
        self._note(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        self._note(manager)
        return manager

    @staticmethod
    def _note(manager: Any) -> None:
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
