"""Reports that come as the JSON of a provider's API: objects, lists and pages of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from connector.errors import MessageError
from connector.statements.encodings import File, require_size, text_of

_DEEPEST: Final = 40

JsonObject = dict[str, Any]


def read_json(file: File) -> Any:
    """
    Return what *file* holds; numbers with a point are decimals, never floats.

    Several JSON documents, one per line, come as a list.

    Raises:
        MessageError: it is no JSON.
    """
    require_size(file)
    text = text_of(file)
    try:
        return json.loads(text, parse_float=Decimal)
    except RecursionError:
        raise MessageError(file.source, "too many levels inside one another", "a report") from None
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise _not_json(file, error) from None
        try:
            return [json.loads(line, parse_float=Decimal) for line in lines]
        except (json.JSONDecodeError, RecursionError):
            raise _not_json(file, error) from None


def _not_json(file: File, error: json.JSONDecodeError) -> MessageError:
    return MessageError(
        f"{file.source}, line {error.lineno} column {error.colno}",
        f"not JSON: {error.msg}",
        "the JSON of a payout report",
    )


def objects(content: Any, depth: int = 0) -> Iterator[JsonObject]:
    """Yield *content* if it is an object, or the objects of a list, pages of lists included."""
    if isinstance(content, dict):
        yield content
    elif isinstance(content, list) and depth < _DEEPEST:
        for each in content:
            yield from objects(each, depth + 1)


def text_in(content: JsonObject, name: str) -> str:
    """Return the value of *name* as text, empty where it is missing or null."""
    value = content.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()
