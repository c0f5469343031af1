"""How deep a message may be and how long its values, whatever its format."""

from __future__ import annotations

from typing import Any

from connector.errors import MessageError
from connector.mappings.message_format import Message
from connector.mappings.raw_message import RawMessage


def within_limits(raw: RawMessage, message: Message) -> RawMessage | MessageError:
    """Return *raw*, or the error that says which limit of the profile it breaks."""
    pending: list[tuple[Any, int]] = [(raw.content, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            if len(value) > message.max_field:
                return MessageError(
                    raw.source,
                    f"a value has {len(value):,} characters ({value[:40]!r} ..)",
                    f"at most {message.max_field:,} (message.max_field in the channel profile)",
                )
        elif isinstance(value, dict | list):
            if depth > message.max_depth:
                return MessageError(
                    raw.source,
                    f"the message has more than {message.max_depth} levels inside one another",
                    f"at most {message.max_depth} (message.max_depth in the channel profile)",
                )
            inner = value.values() if isinstance(value, dict) else value
            pending.extend([(each, depth + 1) for each in inner])
    return raw
