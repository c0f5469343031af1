"""
`$batch`: many requests in one, as multipart/mixed.

Reads stand each in a part of their own; writes stand in one changeset, which is one unit of work.
The outer status says nothing about the parts: each has its own, and a failed changeset answers
with a single error in place of its answers.

Sources: OData 2.0 batch processing; RFC 2046 for multipart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.errors import MessageDefect
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Final
from uuid import uuid4

from requests.structures import CaseInsensitiveDict

from connector.erp.http.exchange import Answer

_STATUS: Final = re.compile(rb"^HTTP/\d\.\d (\d{3})(?: [^\r\n]*)?\r?\n")
_HEADERS_END: Final = re.compile(rb"\r?\n\r?\n")


class BatchUnreadableError(ValueError):
    """The answer to a batch is cut off, or is none."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request of a batch; *path* is relative to the service, percent-encoded."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def media_type(boundary: str) -> str:
    """Return the content type of a batch."""
    return f"multipart/mixed; boundary={boundary}"


def new_boundary(kind: str) -> str:
    """Return a boundary that occurs in no content."""
    return f"{kind}_{uuid4().hex}"


def of_reads(parts: Sequence[Part], boundary: str) -> bytes:
    """Return the body of a batch of reads."""
    return _multipart([_enclosed(part) for part in parts], boundary)


def of_changeset(parts: Sequence[Part], boundary: str, inner: str) -> bytes:
    """Return the body of a batch with one changeset; *inner* is its boundary."""
    enclosed = [_enclosed(part, number) for number, part in enumerate(parts, 1)]
    header = f"Content-Type: {media_type(inner)}\r\n\r\n".encode()
    return _multipart([header + _multipart(enclosed, inner)], boundary)


def answers_of(answer: Answer, action: str) -> list[Answer]:
    """
    Return the answers of the parts, those of changesets one after the other.

    Raises:
        BatchUnreadableError: no multipart, cut off, or a part is no HTTP answer.
    """
    content_type = answer.headers.get("Content-Type", "")
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + answer.body)
    if not message.is_multipart():
        raise BatchUnreadableError(f"the answer is {content_type or 'of no type'}, not multipart")
    return [_answer(leaf, action) for leaf in _leaves(message)]


def _multipart(bodies: Sequence[bytes], boundary: str) -> bytes:
    mark = boundary.encode("ascii")
    return b"".join(b"--" + mark + b"\r\n" + body + b"\r\n" for body in bodies) + (
        b"--" + mark + b"--\r\n"
    )


def _enclosed(part: Part, content_id: int = 0) -> bytes:
    outer = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id:
        outer.append(f"Content-ID: {content_id}")
    inner = [f"{part.method} {part.path} HTTP/1.1"]
    inner += [f"{name}: {value}" for name, value in part.headers.items()]
    if part.body:
        inner.append(f"Content-Length: {len(part.body)}")
    head = "\r\n".join([*outer, "", *inner, "", ""])
    return head.encode("utf-8") + part.body


def _leaves(message: Message) -> list[Message]:
    defects: list[MessageDefect] = list(message.defects)
    if defects:
        raise BatchUnreadableError(f"the answer is cut off ({type(defects[0]).__name__})")
    found: list[Message] = []
    for part in message.get_payload():
        if not isinstance(part, Message):
            raise BatchUnreadableError("a part of the answer has no header")
        found += _leaves(part) if part.is_multipart() else [part]
    return found


def _answer(part: Message, action: str) -> Answer:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise BatchUnreadableError("a part of the answer has no content")
    content = content.lstrip(b"\r\n")
    status = _STATUS.match(content)
    if status is None:
        raise BatchUnreadableError("a part of the answer is no HTTP answer")
    rest = content[status.end() - 1 :]
    end = _HEADERS_END.search(rest)
    head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for line in head.decode("latin-1").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip()] = value.strip()
    return Answer(int(status[1]), headers, _exactly(body, headers), action)


def _exactly(body: bytes, headers: CaseInsensitiveDict[str]) -> bytes:
    """Cut the line end before the boundary off; find out whether something is missing."""
    length = headers.get("Content-Length", "")
    if length.isdigit():
        if len(body) < int(length):
            raise BatchUnreadableError("a part of the answer is shorter than it says")
        return body[: int(length)]
    return body
