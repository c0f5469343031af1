"""Reads and writes the body of ``$batch``: multipart/mixed with HTTP messages in its parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from urllib.parse import urlsplit
from uuid import uuid4

from connector.simulator.http.messages import Headers, HttpResponse
from connector.simulator.odata.errors import BATCH, ODataError, bad_request
from connector.simulator.odata.operation import Operation

_REQUEST = re.compile(r"([A-Z]+) (\S.*?) HTTP/1\.[01]")
_METHODS = ("GET", "POST", "PUT", "PATCH", "MERGE", "DELETE")


@dataclass(frozen=True, slots=True)
class Changeset:
    """Operations that are done together or not at all."""

    operations: Sequence[Operation]


def read_batch(body: bytes, content_type: str, root: str) -> list[Operation | Changeset]:
    """
    Return the parts of a batch; *root* is the address of the service.

    Raises ODataError (400): it is not as the specification has it.
    """
    parts: list[Operation | Changeset] = []
    for headers, content in _parts(body, _boundary(content_type)):
        kind = headers.get("Content-Type")
        if kind.lower().startswith("multipart/mixed"):
            inner = [
                _operation(part_headers, part, root)
                for part_headers, part in _parts(content, _boundary(kind))
            ]
            parts.append(Changeset(inner))
        else:
            parts.append(_operation(headers, content, root))
    return parts


def write_batch(parts: Sequence[HttpResponse | Sequence[HttpResponse]]) -> tuple[str, bytes]:
    """Return content type and body of the answer; a sequence is the answer to a changeset."""
    boundary = uuid4().hex.upper() + "0"
    written = []
    for part in parts:
        if isinstance(part, HttpResponse):
            written.append(_http_part(part))
        else:
            inner = uuid4().hex.upper() + "1"
            body = _joined([_http_part(each) for each in part], inner)
            head = f"Content-Type: multipart/mixed; boundary={inner}\r\n"
            head += f"Content-Length: {len(body)}\r\n\r\n"
            written.append(head.encode() + body)
    return f"multipart/mixed; boundary={boundary}", _joined(written, boundary)


def _joined(parts: Sequence[bytes], boundary: str) -> bytes:
    pieces = [b"--" + boundary.encode() + b"\r\n" + part + b"\r\n" for part in parts]
    return b"".join(pieces) + b"--" + boundary.encode() + b"--\r\n"


def _http_part(response: HttpResponse) -> bytes:
    reason = HTTPStatus(response.status).phrase
    fields = [*response.headers.items(), ("Content-Length", str(len(response.body)))]
    lines = [f"HTTP/1.1 {response.status} {reason}", *(f"{n}: {v}" for n, v in fields)]
    message = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + response.body
    head = "Content-Type: application/http\r\n"
    head += f"Content-Length: {len(message)}\r\ncontent-transfer-encoding: binary\r\n\r\n"
    return head.encode() + message


def _boundary(content_type: str) -> bytes:
    match = re.search(r';\s*boundary=(?:"([^"]+)"|([^;\s]+))', content_type, re.IGNORECASE)
    if match is None or not content_type.lower().startswith("multipart/mixed"):
        raise _malformed("Content-Type multipart/mixed with a boundary expected")
    return (match[1] or match[2]).encode("latin-1", "replace")


def _parts(body: bytes, boundary: bytes) -> list[tuple[Headers, bytes]]:
    pattern = rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    marks = list(re.finditer(pattern, body))
    if not marks or marks[-1][1] is None:
        raise _malformed("the closing boundary is missing")
    parts = []
    for mark, following in pairwise(marks):
        if mark[1] is not None:
            raise _malformed("there is a part after the closing boundary")
        content = re.sub(rb"\A\r?\n", b"", body[mark.end() : following.start()])
        parts.append(_headed(content))
    if not parts:
        raise _malformed("it has no part")
    return parts


def _headed(content: bytes) -> tuple[Headers, bytes]:
    """Split header fields from what follows the empty line."""
    match = re.search(rb"(?:\A|\r?\n)\r?\n", content)
    end, start = (len(content),) * 2 if match is None else match.span()
    head, rest = content[:end], content[start:]
    headers = Headers()
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise _malformed(f"'{line[:60]}' is no header field")
        headers.add(name.strip(), value.strip())
    return headers, rest


def _operation(headers: Headers, content: bytes, root: str) -> Operation:
    if headers.get("Content-Type").split(";")[0].strip().lower() != "application/http":
        raise _malformed("a part must be application/http or a changeset")
    line, _, rest = content.lstrip(b"\r\n").partition(b"\n")
    match = _REQUEST.fullmatch(line.decode("latin-1").strip())
    if match is None or match[1] not in _METHODS:
        raise _malformed(f"'{line[:60].decode('latin-1').strip()}' is no request line")
    fields, body = _headed(rest)
    path, query = _below(match[2], root)
    length = fields.get("Content-Length")
    if re.fullmatch(r"\d{1,12}", length) and int(length) < len(body):
        body = body[: int(length)]
    content_id = headers.get("Content-ID") or fields.get("Content-ID")
    return Operation(match[1], path, query, fields, body.rstrip(b"\r\n"), content_id)


def _below(address: str, root: str) -> tuple[str, str]:
    """Return path and query below the service root; *address* may be relative to it."""
    target, base = urlsplit(address), urlsplit(root).path
    path = target.path
    if path.startswith(base + "/") or path == base:
        path = path[len(base) :]
    elif target.netloc:
        raise _malformed("an operation is addressed to another service")
    return path.strip("/"), target.query


def _malformed(text: str) -> ODataError:
    return bad_request(f"Malformed batch request: {text}", BATCH)
