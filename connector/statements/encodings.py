"""From the bytes of a report to its text: by byte order mark, as told, as UTF-8, or by a guess."""

from __future__ import annotations

import codecs
import hashlib
from typing import Final, NamedTuple

from connector.errors import MessageError

AUTO: Final = "auto"

#: A statement with half a million lines is smaller.
MAX_BYTES: Final = 256_000_000

#: UTF-32 before UTF-16: the mark of the one begins with that of the other.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

#: Banks in the west that do not write UTF-8 write this; it holds ISO 8859-1's letters as well.
_LIKELY: Final = "cp1252"
#: Has a letter for every byte.
_ALWAYS: Final = "latin-1"


class File(NamedTuple):
    """A report: its name for messages, its content, and the encoding it was told to be in."""

    source: str
    content: bytes
    encoding: str = AUTO

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def require_size(file: File) -> None:
    """
    Check that *file* is neither empty nor too large.

    Raises:
        MessageError: it is.
    """
    if len(file.content) > MAX_BYTES:
        raise MessageError(
            file.source, f"the file has {len(file.content):,} bytes", f"at most {MAX_BYTES:,}"
        )
    if not file.content.strip():
        raise MessageError(file.source, "the file is empty", "a statement or payout report")


def text_of(file: File) -> str:
    """
    Return the text of *file* without a byte order mark.

    Raises:
        MessageError: it is not in the encoding it was told to be in.
    """
    if file.encoding != AUTO:
        return _decoded(file, file.content, file.encoding)
    for mark, name in _MARKS:
        if file.content.startswith(mark):
            return _decoded(file, file.content[len(mark) :], name)
    for name in ("utf-8", _LIKELY):
        try:
            return file.content.decode(name)
        except UnicodeDecodeError:
            continue
    return file.content.decode(_ALWAYS)


def _decoded(file: File, content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except LookupError:
        raise MessageError(
            file.source, f"{name} is no known encoding", "the name of an encoding, e.g. cp1252"
        ) from None
    except (UnicodeDecodeError, UnicodeError) as error:
        raise MessageError(file.source, f"not {name} text ({error})", f"{name} text") from None
