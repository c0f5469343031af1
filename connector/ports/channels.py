"""Channels as the use cases see them: where messages come from and where status goes back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder


@dataclass(frozen=True, slots=True)
class InboundOrder:
    """
    One order read from a channel.

    ``source`` names where it came from (file and position) for messages to people; ``raw`` is the
    message as received, kept as evidence and for mapping again.
    """

    order: ExternalOrder
    source: str
    raw: str


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
