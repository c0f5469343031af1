"""From bytes to text: by byte order mark, as told, as UTF-8, or by a guess that is said."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

from charset_normalizer import from_bytes

from connector.errors import MessageError
from connector.mappings.message_format import AUTO, Message

#: UTF-32 before UTF-16: the mark of the one begins with that of the other.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: Encodings in which a byte 10 need not be the end of a line.
_WIDE: Final = ("utf-16", "utf-32")

#: Encodings that a few letters tell apart; cp1250 and cp1252, say, they do not.
_LIKELY: Final = ("cp1252", "cp1251", "gb18030", "big5", "cp932", "euc_kr")
_GUESSED_FROM: Final = 65_536
_ASCII: Final = bytes(range(128))
#: Bytes that are not ASCII, from which on letters of an alphabet can be told.
_ENOUGH: Final = 8

#: How much of a file is looked at to guess its encoding.
_SAMPLE: Final = 1_000_000


class Encoding(NamedTuple):
    """A codec name, how many bytes its mark takes, and how it was found where that is a guess."""

    name: str
    mark: int = 0
    note: str = ""


#: What stands for bytes that are not text (PEP 383); no text that was decoded has it by itself.
_ESCAPED: Final = re.compile("[\udc80-\udcff]")


class Line(NamedTuple):
    """A line with its end; bytes that are not text are escaped, see :func:`not_text_in`."""

    number: int
    text: str


def whole(stream: IO[bytes], message: Message, source: str) -> bytes:
    """
    Return all of *stream*.

    Raises:
        MessageError: it is larger than the profile allows.
    """
    content = stream.read(message.max_bytes + 1)
    if len(content) > message.max_bytes:
        size = stream.seek(0, io.SEEK_END)
        raise MessageError(source, f"the message has {size:,} bytes", at_most(message))
    return content


def at_most(message: Message) -> str:
    """Return what is expected of a message that is too large."""
    return f"at most {message.max_bytes:,} (message.max_bytes in the channel profile)"


def encoding_of(stream: IO[bytes], message: Message, *, guess: bool) -> Encoding:
    """
    Return the encoding of *stream*, which is at its start before and after.

    With *guess*, bytes that are not UTF-8 are guessed from the first megabyte; without, they are
    taken for damaged UTF-8.
    """
    sample = stream.read(_SAMPLE)
    stream.seek(0)
    return _encoding(sample, message, guess=guess, is_all=len(sample) < _SAMPLE)


def decoded(content: bytes, message: Message, source: str, *, guess: bool) -> tuple[str, str]:
    """
    Return *content* as text without a byte order mark, and a note where its encoding is a guess.

    Raises:
        MessageError: it is not in the encoding of the profile.
    """
    found = _encoding(content, message, guess=guess, is_all=True)
    try:
        return content[found.mark :].decode(found.name), found.note
    except UnicodeDecodeError as error:
        start = error.start + found.mark
        line = content.count(b"\n", 0, start) + 1
        raise MessageError(
            f"{source}, line {line}",
            f"byte {start + 1} is not {found.name} text ({error.reason})",
            text_expected(found.name),
        ) from None
    except (UnicodeError, ValueError) as error:
        raise MessageError(
            source, f"not {found.name} text ({error})", text_expected(found.name)
        ) from None


def not_text_in(text: str, encoding: str) -> tuple[int, str] | None:
    """Return where decoded *text* has a byte that was none in *encoding*, and the problem."""
    found = None if text.isascii() else _ESCAPED.search(text)
    if found is None:
        return None
    return found.start(), f"the byte {ord(found.group()) - 0xDC00:02X} is not {encoding} text"


def text_expected(encoding: str) -> str:
    """Return what is expected of bytes that are not text."""
    return f"{encoding} text (message.encoding in the channel profile)"


def lines(
    stream: IO[bytes],
    found: Encoding,
    message: Message,
    source: str,
    limit: int | None = None,
) -> Iterator[Line]:
    """
    Yield the lines of *stream* from its start, with their ends, numbered from 1.

    *limit* is how long a line may be, in bytes, if not as long as a message.

    Raises:
        MessageError: a line is longer; nothing behind it can be told apart.
    """
    stream.seek(found.mark)
    if found.name.startswith(_WIDE):
        yield from _wide_lines(stream, found, message, source)
        return
    number, limit = 0, limit or message.max_bytes
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) > limit:
            raise too_long(source, number, message)
        yield Line(number, line.decode(found.name, "surrogateescape"))


def too_long(source: str, number: int, message: Message) -> MessageError:
    """Return the error of a line that is longer than a message may be."""
    return MessageError(
        f"{source}, line {number}",
        "the line is too long; this order and all after it are lost",
        at_most(message),
    )


def _wide_lines(
    stream: IO[bytes], found: Encoding, message: Message, source: str
) -> Iterator[Line]:
    text = io.TextIOWrapper(stream, found.name, newline="\n")
    number = 0
    try:
        while line := text.readline(message.max_bytes + 1):
            number += 1
            if len(line) > message.max_bytes:
                raise too_long(source, number, message)
            yield Line(number, line)
    except UnicodeDecodeError as error:
        raise MessageError(
            f"{source}, line {number + 1}",
            f"not {found.name} text ({error.reason}); this order and all after it are lost",
            text_expected(found.name),
        ) from None
    finally:
        text.detach()


def _encoding(sample: bytes, message: Message, *, guess: bool, is_all: bool) -> Encoding:
    for mark, name in _MARKS:
        if sample.startswith(mark) and message.encoding in (AUTO, name, name[:-3], "utf-8"):
            return Encoding(name, len(mark))
    if message.encoding != AUTO:
        return Encoding(message.encoding)
    if not guess or _is_utf8(sample, is_all=is_all):
        return Encoding("utf-8")
    name = _guessed(sample)
    note = f"the text was taken for {name}; say message.encoding in the channel profile"
    return Encoding(name, 0, note)


def _guessed(sample: bytes) -> str:
    """Return the likeliest encoding; from a few letters that is what Windows writes in the west."""
    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    if len(telling.translate(None, _ASCII)) >= _ENOUGH:
        found = from_bytes(telling[:_GUESSED_FROM], cp_isolation=list(_LIKELY)).best()
        if found is not None:
            return codecs.lookup(found.encoding).name
    return "cp1252"


def _is_utf8(sample: bytes, *, is_all: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=is_all)
    except UnicodeDecodeError:
        return False
    return True
