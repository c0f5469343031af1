"""A server on a real socket that answers what a test tells it to, byte by byte if need be."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}


@dataclass(frozen=True)
class Received:
    """One request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Reply:
    """
    What is written back. ``then``: keep, close or reset the connection; ``close`` says nothing of
    it beforehand, as a server does whose connection has rested for too long.
    """

    content: bytes = b""
    then: str = "keep"


Answering = Callable[[Received], Reply]


def reply(
    status: int = 200, body: bytes | dict[str, Any] = b"", then: str = "keep", **headers: str
) -> Reply:
    """Make an answer; underscores in header names are hyphens, a dict is sent as JSON."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, dict):
        fields.setdefault("Content-Type", "application/json")
        body = json.dumps(body).encode()
    fields.setdefault("Content-Length", str(len(body)))
    head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Whatever')}"]
    head += [f"{name}: {value}" for name, value in fields.items()]
    return Reply("\r\n".join([*head, "", ""]).encode("utf-8") + body, then)


@dataclass
class WireServer:
    """Answers with *answers* in order, the last for ever, or with what a function returns."""

    answers: Sequence[Reply] | Answering
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)
    _open: list[socket.socket] = field(default_factory=list)

    def __enter__(self) -> WireServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(timeout=5)
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join(timeout=5)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(self._serve, connection, self.connections)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            stream = connection.makefile("rb")
            with stream:
                while (request := _read(stream, number)) is not None:
                    self.received.append(request)
                    answer = self._answer(request)
                    if answer.content:
                        connection.sendall(answer.content)
                    if answer.then != "keep":
                        break
                else:
                    return
            _end(connection, answer.then)
        except (OSError, ValueError):
            # The test has ended, or what came is no HTTP.
            connection.close()

    def _answer(self, request: Received) -> Reply:
        if callable(self.answers):
            return self.answers(request)
        return self.answers[min(len(self.received), len(self.answers)) - 1]


def _read(stream: Any, number: int) -> Received | None:
    if stream.peek(1)[:1] == b"\x16":
        raise ValueError("a TLS handshake")
    line = stream.readline().decode("latin-1").strip()
    if not line:
        return None
    method, target, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while raw := stream.readline().decode("latin-1").strip():
        name, _, value = raw.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Received(method, target, headers, body, number)


def _end(connection: socket.socket, how: str) -> None:
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    else:
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, held so that nobody else takes it."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
