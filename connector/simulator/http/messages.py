"""HTTP as plain values, free of any server, so that faces can be called directly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Headers:
    """Header fields in their order; names are compared without regard to case."""

    def __init__(self, fields: Sequence[tuple[str, str]] = ()) -> None:
        self._fields = list(fields)

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of *name*."""
        return next((v for n, v in self._fields if n.lower() == name.lower()), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of *name*."""
        return tuple(v for n, v in self._fields if n.lower() == name.lower())

    def add(self, name: str, value: str) -> None:
        """Add a field; one of the same name stays."""
        self._fields.append((name, value))

    def set(self, name: str, value: str) -> None:
        """Replace every field of *name* by one."""
        self._fields = [(n, v) for n, v in self._fields if n.lower() != name.lower()]
        self._fields.append((name, value))

    def __contains__(self, name: str) -> bool:
        return bool(self.all(name))

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return all fields."""
        return tuple(self._fields)


@dataclass(slots=True)
class HttpRequest:
    """
    A request. ``path`` is still percent-encoded and has no query; ``query`` is without the ``?``.

    ``user`` and ``session`` (the name of the client's session, see `sessions`) are filled once the
    logon was checked; ``base_url`` is scheme, host and port as the client addressed them.
    ``certificate`` is the common name of a client certificate that TLS has checked.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    base_url: str = ""
    user: str = ""
    session: str = ""
    certificate: str = ""


@dataclass(slots=True)
class HttpResponse:
    """An answer; its length is computed when it is sent."""

    status: int
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


class HttpFace(Protocol):
    """Answers everything below one path of the server."""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer *request*; never raises for what a client can send."""
        ...
