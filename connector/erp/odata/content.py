"""Bodies in JSON, with and without the wrappers that gateways put around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connector.erp.odata.errors import AnswerUnclearError
from connector.erp.odata.row import Row


class MalformedError(ValueError):
    """The body is no JSON, or ends too early; another try may bring all of it."""


def json_bytes(body: Mapping[str, Any]) -> bytes:
    """
    Return *body* as it is sent.

    Raises:
        TypeError: a value that has no form of its own, such as a Decimal or a date: `values` has
            the protocol's form of each.
    """
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def content_of(body: bytes) -> Any:
    """
    Return what is in ``d``; numbers with a fraction are Decimal.

    Raises:
        MalformedError: no JSON.
        AnswerUnclearError: JSON, but not OData v2's.
    """
    try:
        answer = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"{type(error).__name__} in {len(body)} bytes") from error
    if not isinstance(answer, dict) or "d" not in answer:
        raise AnswerUnclearError("answer", "d", "the field is missing")
    return answer["d"]


def rows_of(content: Any) -> list[Row]:
    """Return the entities of a collection, in either of its two forms; one entity is one row."""
    if isinstance(content, dict) and isinstance(content.get("results"), list):
        content = content["results"]
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list) or not all(isinstance(each, dict) for each in content):
        raise AnswerUnclearError("answer", "d", "expected a collection")
    return [Row(each) for each in content]


def next_link_of(content: Any) -> str:
    """Return where the next page is, empty on the last one."""
    link = content.get("__next") if isinstance(content, dict) else None
    return link if isinstance(link, str) else ""


def row_of(body: bytes, etag: str = "") -> Row:
    """Return the one entity in *body*; *etag* is the answer's own, for bodies without one."""
    content = content_of(body)
    if not isinstance(content, dict):
        raise AnswerUnclearError("answer", "d", "expected one entity")
    return Row(content, etag=etag)


def result_of(function: str, body: bytes, etag: str = "") -> Row:
    """Return what a function import gave; a collection is in ``results``, nothing is no field."""
    if not body.strip():
        return Row({}, function)
    content = content_of(body)
    if isinstance(content, list):
        content = {"results": content}
    if not isinstance(content, dict):
        raise AnswerUnclearError(function, "d", "expected a result")
    inner = content.get(function)
    if len(content) == 1 and isinstance(inner, dict | list):
        content = inner if isinstance(inner, dict) else {"results": inner}
    return Row(content, function, etag)
