"""How deep a message may be and how long its values, whatever its format."""

from __future__ import annotations

from typing import Any

from connector.errors import MessageError
from connector.mappings.message_format import Message
from connector.mappings.raw_message import RawMessage


def within_limits(raw: RawMessage, message: Message) -> RawMessage | MessageError:
    """Return *raw*, or the error that says which limit of the profile it breaks."""
    longest = message.max_field
    level: list[Any] = [raw.content]
    # Level by level: nothing has to remember how deep it stands, and only containers are kept.
    for _ in range(message.max_depth):
        inner: list[Any] = []
        for container in level:
            for value in container.values() if isinstance(container, dict) else container:
                if value.__class__ is str:
                    if len(value) > longest:
                        return MessageError(
                            raw.source,
                            f"a value has {len(value):,} characters ({value[:40]!r} ..)",
                            f"at most {longest:,} (message.max_field in the channel profile)",
                        )
                elif isinstance(value, dict | list):
                    inner.append(value)
        if not inner:
            return raw
        level = inner
    return MessageError(
        raw.source,
        f"the message has more than {message.max_depth} levels inside one another",
        f"at most {message.max_depth} (message.max_depth in the channel profile)",
    )
