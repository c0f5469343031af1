"""Answers made unreadable, or other than expected, after the ERP has done its work."""

from __future__ import annotations

import re
from collections.abc import Callable

from connector.simulator.http.faults import HttpFault
from connector.simulator.http.messages import Headers, HttpResponse

_JSON_IN_BATCH = re.compile(rb'\r\n\r\n(\{"d":.*?\})\r\n--', re.DOTALL)
_VALUE = rb'("(?:[^"\\]|\\.)*"|true|false|null|-?\d+)'


def spoiled(fault: HttpFault, field: str, response: HttpResponse) -> HttpResponse:
    """Return *response* as *fault* leaves it; lengths inside a batch stay right."""
    change = _CHANGES[fault]
    body = response.body
    kind = response.headers.get("Content-Type")
    if kind.startswith("multipart/"):
        match = _JSON_IN_BATCH.search(body)
        if match is not None:
            inner = match[1]
            new = change(inner, field).ljust(len(inner))
            body = body[: match.start(1)] + new + body[match.end(1) :]
    else:
        body = change(body, field)
    return HttpResponse(response.status, Headers(response.headers.items()), body)


def _malformed(body: bytes, field: str) -> bytes:
    del field
    if body.lstrip().startswith(b"<"):
        return body.replace(b"</", b"<", 1)
    return body.replace(b":", b"=", 1)


def _truncated(body: bytes, field: str) -> bytes:
    del field
    return body[: len(body) // 2]


def _missing(body: bytes, field: str) -> bytes:
    if body.lstrip().startswith(b"<"):
        return _element(field).sub(b"", body, count=1)
    pattern = rb'"' + _name(field) + rb'":' + _VALUE + rb",?"
    return re.sub(pattern, b"", body, count=1).replace(b",}", b"}", 1)


def _other_type(body: bytes, field: str) -> bytes:
    if body.lstrip().startswith(b"<"):
        return _element(field).sub(rb"<\g<open>>#</\g<name>>", body, count=1)
    pattern = rb'("' + _name(field) + rb'":)' + _VALUE
    return re.sub(pattern, rb"\1[]", body, count=1)


def _name(field: str) -> bytes:
    """The field asked for, or the first that can be one: a capital at its start."""
    return re.escape(field.encode()) if field else rb"[A-Z]\w*"


def _element(field: str) -> re.Pattern[bytes]:
    name = re.escape(field.encode()) if field else rb"[A-Z]\w*"
    return re.compile(
        rb"<(?P<open>(?P<name>(?:\w+:)?" + name + rb")(?: [^<>]*[^<>/])?)>[^<>]*</(?P=name)>"
    )


_CHANGES: dict[HttpFault, Callable[[bytes, str], bytes]] = {
    HttpFault.MALFORMED_JSON: _malformed,
    HttpFault.MALFORMED_XML: _malformed,
    HttpFault.TRUNCATED_JSON: _truncated,
    HttpFault.TRUNCATED_XML: _truncated,
    HttpFault.FIELD_MISSING: _missing,
    HttpFault.FIELD_OF_ANOTHER_TYPE: _other_type,
}
