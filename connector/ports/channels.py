"""Channels as the use cases see them: where messages come from and where status goes back to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from connector.errors import MessageError
from connector.mappings.inbound_order import InboundOrder


class Channel(Protocol):
    """A source of external orders."""

    @property
    def name(self) -> str:
        """The channel's name, as in its profile and in every external order."""
        ...

    def receive(self) -> Iterator[InboundOrder | MessageError]:
        """
        Yield what has arrived; unreadable messages come as MessageError, never as an end.

        Raises:
            TransientError: the channel cannot be reached at present.
            ConfigurationError: the channel is set up wrongly (folder missing, no permission).
        """
        ...

    def acknowledge(self, source: str) -> None:
        """Everything that *source* yielded is durable; the channel need not deliver it again."""
        ...
