"""
Read JSON into raw messages, exactly and one at a time, however large the file.

Numbers become int or Decimal, never float. Of a list that breaks off, the elements before the
break are read; a line that is broken does not hide the lines after it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from typing import IO, Any, Final

from connector.errors import MessageError
from connector.mappings.message_format import JsonMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.encodings import Encoding, Line
from connector.mappings.readers.json_text import Broken, JsonText, TooLarge

_EXPECTED: Final = "complete JSON"

#: A first line that is longer is no line of many but a document without line ends.
_LONG: Final = 8_000_000


def read_json(
    stream: IO[bytes], message: JsonMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """Yield every order in *stream*; what cannot be read comes as a MessageError in its place."""
    encoding = encodings.encoding_of(stream, message, guess=False)
    try:
        if _is_lines(stream, encoding, message, source):
            for line in encodings.lines(stream, encoding, message, source):
                yield from _line(line, encoding, message, source)
            return
    except MessageError as error:
        yield error
        return
    stream.seek(0)
    yield from _Document(JsonText.of(stream, encoding, message), message, source).read()


def _is_lines(stream: IO[bytes], encoding: Encoding, message: JsonMessage, source: str) -> bool:
    """
    Tell whether each line holds a value of its own.

    A first line that is broken still counts as a line where the second is whole and the first
    does not stop where a document is usually wrapped.
    """
    try:
        found = encodings.lines(stream, encoding, message, source, _LONG)
        first, second = islice((line.text for line in found if line.text.strip()), 2)
    except (MessageError, ValueError):  # one line, or one too long to be one of many
        return False
    if _is_whole(first, message):
        return True
    wrapped = first.rstrip().endswith(("[", "{", ",", ":"))
    return not wrapped and _is_whole(second, message)


def _is_whole(line: str, message: JsonMessage) -> bool:
    text = JsonText(line, message, "utf-8")
    try:
        text.skip()
        text.value()
        text.end()
    except (Broken, TooLarge):
        return False
    return True


def _line(
    line: Line, encoding: Encoding, message: JsonMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    if not line.text.strip():
        return
    where = f"{source}, line {line.number}"
    yield from _Document(
        JsonText(line.text.rstrip("\r\n"), message, encoding.name), message, where
    ).read()


class _Document:
    """One JSON document: an order, a list of orders, or an envelope around either."""

    def __init__(self, text: JsonText, message: JsonMessage, source: str) -> None:
        self._text, self._message, self._source = text, message, source
        self._orders, self._lists = message.orders_at, message.lists_at

    def read(self) -> Iterator[RawMessage | MessageError]:
        text = self._text
        try:
            if text.is_empty():
                yield MessageError(self._source, "the message is empty", "a JSON order")
            elif text.at("["):
                yield from self._elements({}, "", "")
            elif text.at("{"):
                yield from self._object()
            else:
                text.value()
                yield MessageError(
                    self._source, "the message is a bare value", "a JSON order or a list"
                )
        except Broken as broken:
            yield self._error(broken, self._source)
        except TooLarge:
            yield self._too_large(self._source)

    def _object(self) -> Iterator[RawMessage | MessageError]:
        """Read one object: an order, or an envelope around one or many."""
        text = self._text
        members: dict[str, Any] = {}
        text.mark()
        if (yield from self._members(members, {}, ())):
            # What stands after a list is not seen by its orders: they are on their way.
            return
        raw = text.marked()
        not_text = text.not_text()
        text.end()
        if not_text:
            yield self._not_text(*not_text, self._source)
        else:
            yield RawMessage(self._unwrapped(members), self._source, raw)

    def _members(
        self, members: dict[str, Any], beside: dict[str, Any], path: tuple[str, ...]
    ) -> Generator[RawMessage | MessageError, None, bool]:
        """
        Read the object at *path* into *members*, or the orders of the list in it.

        Returns:
            Whether there was such a list. *beside* is what stands around the object.
        """
        text = self._text
        text.take("{")
        while not text.at("}"):
            name = text.name()
            here = (*path, name)
            if here in self._lists and text.at("[") and self._has_orders(members):
                if (not_text := text.not_text()) is not None:
                    # All orders would see it.
                    yield self._not_text(*not_text, self._source)
                    return True
                around = {**beside, **members}
                # An envelope that says nothing but names is not kept with each order.
                envelope = text.marked() if around else ""
                yield from self._elements(around, envelope, "}" * len(here))
                return True
            if any(each[: len(here)] == here for each in self._lists) and text.at("{"):
                inner: dict[str, Any] = {}
                if (yield from self._members(inner, {**beside, **members}, here)):
                    return True
                members[name] = inner
            else:
                members[name] = text.value()
            text.separator("}")
        text.take("}")
        return False

    def _has_orders(self, before: dict[str, Any]) -> bool:
        """
        Tell whether the list that starts here is one of orders, and not of an order's lines.

        Where both have the same name, lines have little of what an order has, and stand in one.
        """
        required = self._message.required
        if not any(name in before for name in required):
            return True
        first = self._text.first_of_list()
        first = self._unwrapped(first) if isinstance(first, dict) else {}
        return 2 * sum(name in first for name in required) > len(required)

    def _elements(
        self, beside: dict[str, Any], envelope: str, closing: str
    ) -> Iterator[RawMessage | MessageError]:
        """
        Read the elements of a list.

        *envelope* is the text up to it, where that is kept with each order, and *closing* ends it.
        """
        text, number = self._text, 0
        text.take("[")
        while not text.at("]"):
            number += 1
            where = f"{self._source}, order {number}"
            text.mark()
            try:
                element = text.value()
            except Broken as broken:
                error = self._error(broken, where)
                yield MessageError(
                    error.source, f"{error.problem}; this order and all after it are lost", "JSON"
                )
                return
            raw = text.marked()
            not_text = text.not_text()
            if not_text:
                yield self._not_text(*not_text, where)
            elif isinstance(element, dict):
                content = {**beside, **self._unwrapped(element)}
                yield RawMessage(content, where, f"{envelope}[{raw}]{closing}" if envelope else raw)
            else:
                yield MessageError(where, f"the element is {raw[:40]}", "an order as a JSON object")
            text.separator("]")
        if not number:
            yield MessageError(self._source, "the list of orders is empty", "at least one order")

    def _unwrapped(self, members: dict[str, Any]) -> dict[str, Any]:
        """Return the order in *members* with what stands around it, *members* if it is none."""
        for path in self._orders:
            beside: dict[str, Any] = {}
            inner: Any = members
            for name in path:
                if not isinstance(inner, dict) or name not in inner:
                    break
                beside.update((other, value) for other, value in inner.items() if other != name)
                inner = inner[name]
            else:
                if isinstance(inner, dict):
                    return {**beside, **inner}
        return members

    def _error(self, broken: Broken, source: str) -> MessageError:
        line, column = self._text.line_and_column(broken.position)
        return MessageError(
            f"{source}, line {line} column {column}", f"not JSON: {broken.problem}", _EXPECTED
        )

    def _not_text(self, line: int, column: int, problem: str, source: str) -> MessageError:
        where = f"{source}, line {line} column {column}"
        return MessageError(where, problem, encodings.text_expected(self._text.encoding))

    def _too_large(self, source: str) -> MessageError:
        return MessageError(
            source,
            f"the message has more than {self._message.max_bytes:,} bytes",
            encodings.at_most(self._message),
        )
