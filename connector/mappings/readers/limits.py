"""How deep a message may be and how long its values, whatever its format."""

from __future__ import annotations

from typing import Any, Final

from connector.errors import MessageError
from connector.mappings.message_format import JsonMessage, Message
from connector.mappings.raw_message import RawMessage

_CONTAINERS: Final = frozenset({dict, list})


def within_limits(raw: RawMessage, message: Message) -> RawMessage | MessageError:
    """Return *raw*, or the error that says which limit of the profile it breaks."""
    # Of JSON no value is longer than its text.
    is_short = isinstance(message, JsonMessage) and len(raw.raw) <= message.max_field
    level: list[Any] = [raw.content]
    # Level by level: nothing has to remember how deep it stands, and only containers are kept.
    for _ in range(message.max_depth):
        long = None if is_short else _longer_than(message.max_field, level)
        if long is not None:
            return MessageError(
                raw.source,
                f"a value has {len(long):,} characters ({long[:40]!r} ..)",
                f"at most {message.max_field:,} (message.max_field in the channel profile)",
            )
        level = [
            value
            for container in level
            for value in (container.values() if container.__class__ is dict else container)
            if type(value) in _CONTAINERS
        ]
        if not level:
            return raw
    return MessageError(
        raw.source,
        f"the message has more than {message.max_depth} levels inside one another",
        f"at most {message.max_depth} (message.max_depth in the channel profile)",
    )


def _longer_than(most: int, level: list[Any]) -> str | None:
    for container in level:
        for value in container.values() if container.__class__ is dict else container:
            if value.__class__ is str and len(value) > most:
                return str(value)
    return None
