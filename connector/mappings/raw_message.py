"""One message after its bytes were read and before a profile looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connector.errors import MessageError
from connector.mappings.message_format import DelimitedMessage, JsonMessage


@dataclass(frozen=True, slots=True)
class RawMessage:
    """
    Plain values (mappings, lists, text, Decimal, int, bool, None) with the text they came from.

    ``source`` is file and position; ``raw`` read again gives the same message.
    """

    content: dict[str, Any]
    source: str
    raw: str


def decoded(content: bytes, message: JsonMessage | DelimitedMessage, source: str) -> str:
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
    encoding = "utf-8-sig" if message.encoding == "utf-8" else message.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MessageError(
            f"{source}, line {line}",
            f"byte {error.start + 1} is not {message.encoding} text ({error.reason})",
            f"{message.encoding} text (message.encoding in the channel profile)",
        ) from None
