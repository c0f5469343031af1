"""
Read JSON into raw messages, exactly and one at a time.

Numbers become int or Decimal, never float. Of a list that breaks off, the elements before the
break are read; a line that is broken does not hide the lines after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from connector.errors import MessageError
from connector.mappings.message_format import JsonMessage
from connector.mappings.raw_message import RawMessage

_BLANK = re.compile(r"[ \t\n\r]*")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, strict=False)


class _Broken(Exception):
    """The text is not JSON at ``position``."""

    def __init__(self, problem: str, position: int) -> None:
        self.problem, self.position = problem, position
        super().__init__(problem)


def read_json(
    content: bytes, message: JsonMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield every order in *content*; what cannot be read comes as a MessageError in its place."""
    try:
        text = decoded(content, message, source)
    except MessageError as error:
        yield error
        return
    if not text.strip():
        yield MessageError(source, "the message is empty", "a JSON order")
        return
    lines = _lines(text)
    if lines is None:
        yield from _document(text, message, source)
        return
    for number, line in lines:
        yield from _document(line, message, f"{source}, line {number}")


def _lines(text: str) -> list[tuple[int, str]] | None:
    """
    Return the numbered lines where each holds a value of its own, None for one document.

    A first line that is broken still counts as a line where the second is whole and the first
    does not stop where a document is usually wrapped.
    """
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) < 2:
        return None
    first = lines[0][1]
    if _is_whole(first):
        return lines
    wrapped = first.rstrip().endswith(("[", "{", ",", ":"))
    return lines if not wrapped and _is_whole(lines[1][1]) else None


def _is_whole(line: str) -> bool:
    try:
        _, end = _value(line, _skip(line, 0))
    except _Broken:
        return False
    return _skip(line, end) == len(line)


def _document(text: str, message: JsonMessage, source: str) -> Iterator[RawMessage | MessageError]:
    start = _skip(text, 0)
    try:
        if text.startswith("[", start):
            yield from _elements(text, start, {}, message, source)
        elif text.startswith("{", start):
            yield from _object(text, start, message, source)
        else:
            _value(text, start)
            yield MessageError(source, "the message is a bare value", "a JSON order or a list")
    except _Broken as broken:
        yield _error(text, broken, source)


def _object(
    text: str, start: int, message: JsonMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Read one object: an order, or an envelope around one or many."""
    members: dict[str, Any] = {}
    position = _skip(text, start + 1)
    while not text.startswith("}", position):
        name, position = _name(text, position)
        if name == message.many and name and text.startswith("[", position):
            # What stands after the list is not seen by its orders: they are already on their way.
            yield from _elements(text, position, members, message, source)
            return
        members[name], position = _value(text, position)
        position = _separator(text, position, "}")
    _end(text, position + 1)
    inner = members.get(message.one) if message.one else None
    if isinstance(inner, dict):
        beside = {name: value for name, value in members.items() if name != message.one}
        yield RawMessage({**beside, **inner}, source, text)
    else:
        yield RawMessage(members, source, text)


def _elements(
    text: str, start: int, beside: dict[str, Any], message: JsonMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    position, number = _skip(text, start + 1), 0
    while not text.startswith("]", position):
        number += 1
        where = f"{source}, order {number}"
        try:
            element, end = _value(text, position)
        except _Broken as broken:
            error = _error(text, broken, where)
            error = MessageError(
                error.source, f"{error.problem}; this order and all after it are lost", "JSON"
            )
            yield error
            return
        raw = text[position:end]
        if isinstance(element, dict):
            inner = element.get(message.one) if message.one else None
            if isinstance(inner, dict):
                rest = {name: value for name, value in element.items() if name != message.one}
                element = {**rest, **inner}
            yield RawMessage({**beside, **element}, where, raw)
        else:
            yield MessageError(where, f"the element is {raw[:40]}", "an order as a JSON object")
        position = _separator(text, end, "]")
    if not number:
        yield MessageError(source, "the list of orders is empty", "at least one order")


def _name(text: str, position: int) -> tuple[str, int]:
    if not text.startswith('"', position):
        raise _Broken("a name in double quotes is missing", position)
    name, position = _value(text, position)
    position = _skip(text, position)
    if not text.startswith(":", position):
        raise _Broken("a colon is missing", position)
    return name, _skip(text, position + 1)


def _value(text: str, position: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise _Broken(error.msg, error.pos) from None
    except StopIteration as stop:
        raise _Broken("a value is missing", int(stop.value)) from None
    except RecursionError:
        raise _Broken("too many levels inside one another", position) from None
    except (ValueError, InvalidOperation) as error:
        raise _Broken(str(error).partition(";")[0] or "not a number", position) from None
    return value, end


def _separator(text: str, position: int, closing: str) -> int:
    """Return where the next member starts, or where *closing* stands."""
    position = _skip(text, position)
    if text.startswith(",", position):
        following = _skip(text, position + 1)
        if text.startswith(closing, following):
            raise _Broken("a comma before the end", position)
        return following
    if not text.startswith(closing, position):
        raise _Broken(
            "the text breaks off" if position >= len(text) else "a comma is missing", position
        )
    return position


def _end(text: str, position: int) -> None:
    position = _skip(text, position)
    if position < len(text):
        raise _Broken("something follows the end of the message", position)


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _error(text: str, broken: _Broken, source: str) -> MessageError:
    line = text.count("\n", 0, broken.position) + 1
    column = broken.position - (text.rfind("\n", 0, broken.position) + 1) + 1
    return MessageError(
        f"{source}, line {line} column {column}", f"not JSON: {broken.problem}", "complete JSON"
    )


def decoded(content: bytes, message: object, source: str) -> str:
    """
    Return *content* as text, without a byte order mark.

    Raises:
        MessageError: too large, or not in the encoding of the profile.
    """
    if len(content) > message.max_bytes:
        raise MessageError(
            source,
            f"the message has {len(content):,} bytes",
            f"at most {message.max_bytes:,} (message.max_bytes in the channel profile)",
        )
    encoding = "utf-8-sig" if message.encoding in ("utf-8", "auto") else message.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MessageError(
            f"{source}, line {line}",
            f"byte {error.start + 1} is not {message.encoding} text ({error.reason})",
            f"{message.encoding} text (message.encoding in the channel profile)",
        ) from None
