"""JSON text of any length, read value by value from a window that moves over it."""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from typing import IO, Any, Final, NoReturn, Self

from connector.mappings.message_format import Message
from connector.mappings.readers.encodings import Encoding, not_text_in

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_CHUNK: Final = 65_536


class Broken(Exception):
    """The text is not JSON at ``position`` of the window."""

    def __init__(self, problem: str, position: int) -> None:
        self.problem, self.position = problem, position
        super().__init__(problem)


class TooLarge(Exception):
    """A value is larger than a message may be."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


_DECODER: Final = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_refuse_constant, strict=False
)


class JsonText:
    """
    A place in JSON text; methods read on from it and skip blanks behind what they read.

    The window holds what follows the mark, and :meth:`marked` returns the text since then.
    """

    def __init__(self, text: str, message: Message, encoding: str) -> None:
        self.encoding = encoding
        self._text, self._message = text, message
        self._position = self._marked = 0
        self._stream: IO[bytes] | None = None
        self._decoder: codecs.IncrementalDecoder | None = None
        #: Lines before the window, and how much of the window's first line is before it.
        self._lines = self._columns = 0

    @classmethod
    def of(cls, stream: IO[bytes], encoding: Encoding, message: Message) -> Self:
        """Return the text of *stream*, which is read as far as needed."""
        text = cls("", message, encoding.name)
        stream.seek(encoding.mark)
        text._stream = stream
        text._decoder = codecs.getincrementaldecoder(encoding.name)("surrogateescape")
        return text

    def is_empty(self) -> bool:
        """Tell whether nothing but blanks follows."""
        self.skip()
        return self._position >= len(self._text)

    def at(self, character: str) -> bool:
        """Tell whether *character* is next."""
        return self._text.startswith(character, self._position)

    def take(self, character: str) -> None:
        """Go past *character*, which is next."""
        self._position += len(character)
        self.skip()

    def skip(self) -> None:
        """Go past blanks."""
        while True:
            match = _BLANK.match(self._text, self._position)
            if match is not None:
                self._position = match.end()
            if self._position < len(self._text) or not self._read_on(_CHUNK):
                return

    def mark(self) -> None:
        """Let go of all text before this place."""
        self._marked = self._position
        # Only when it is the larger part, so that each character is moved about once.
        if self._position > len(self._text) // 2:
            self._forget(self._position)

    def marked(self) -> str:
        """Return the text from the mark to this place, without the blanks at its end."""
        return self._text[self._marked : self._position].rstrip(" \t\n\r")

    def value(self) -> Any:
        """
        Return the next value.

        Raises:
            Broken: it is none.
            TooLarge: it is larger than a message may be.
        """
        wanted = _CHUNK
        while True:
            broken: Broken | None = None
            try:
                value, end = _decoded(self._text, self._position)
            except Broken as found:
                broken, end = found, len(self._text)
            # A value at the very end may be the beginning of a longer one.
            if end < len(self._text) or not self._read_on(wanted):
                if broken is not None:
                    raise broken
                if end - self._marked > self._message.max_bytes:
                    raise TooLarge
                self._position = end
                self.skip()
                return value
            if len(self._text) - self._marked > self._message.max_bytes + _CHUNK:
                raise TooLarge
            wanted = len(self._text)

    def first_of_list(self) -> Any:
        """
        Return the first element of the list that starts here, None if it has none; stay here.

        Raises:
            Broken: it is no value.
            TooLarge: it is larger than a message may be.
        """
        start = self._position
        self.take("[")
        found = None if self.at("]") else self.value()
        self._position = start
        return found

    def name(self) -> str:
        """Return the next member's name and go past its colon."""
        if not self.at('"'):
            raise Broken("a name in double quotes is missing", self._position)
        name = str(self.value())
        if not self.at(":"):
            raise Broken("a colon is missing", self._position)
        self.take(":")
        return name

    def separator(self, closing: str) -> None:
        """Go to where the next member starts, or where *closing* stands."""
        if self.at(","):
            comma = self._position
            self.take(",")
            if self.at(closing):
                raise Broken("a comma before the end", min(comma, len(self._text)))
        elif not self.at(closing):
            ends = self._position >= len(self._text)
            raise Broken("the text breaks off" if ends else "a comma is missing", self._position)

    def end(self) -> None:
        """
        Make sure that nothing follows.

        Raises:
            Broken: something does.
        """
        self.skip()
        if self._position < len(self._text):
            raise Broken("something follows the end of the message", self._position)

    def line_and_column(self, position: int) -> tuple[int, int]:
        """Return line and column, both from 1, of a position in the window."""
        line = self._text.count("\n", 0, position)
        start = self._text.rfind("\n", 0, position) + 1
        return self._lines + line + 1, position - start + 1 + (0 if line else self._columns)

    def not_text(self) -> tuple[int, int, str] | None:
        """Return line, column and problem of a byte since the mark that is not text."""
        found = not_text_in(self.marked(), self.encoding)
        if found is None:
            return None
        return *self.line_and_column(self._marked + found[0]), found[1]

    def _read_on(self, size: int) -> bool:
        if self._stream is None or self._decoder is None:
            return False
        while True:
            chunk = self._stream.read(size)
            try:
                more = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise Broken(
                    f"not {self.encoding} text ({error.reason})", len(self._text)
                ) from None
            if more:
                self._text += more
                return True
            if not chunk:
                self._stream = None
                return False

    def _forget(self, position: int) -> None:
        self._lines, column = (n - 1 for n in self.line_and_column(position))
        self._columns = column
        self._text = self._text[position:]
        self._position = self._marked = 0


def _decoded(text: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, position)
    except json.JSONDecodeError as error:
        raise Broken(error.msg, error.pos) from None
    except StopIteration as stop:
        raise Broken("a value is missing", int(stop.value)) from None
    except RecursionError:
        raise Broken("too many levels inside one another", position) from None
    except (ValueError, InvalidOperation) as error:
        raise Broken(str(error).partition(";")[0] or "not a number", position) from None
