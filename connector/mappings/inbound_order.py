"""An external order together with the message it was read from."""

from __future__ import annotations

from dataclasses import dataclass

from connector.mappings.external_order import ExternalOrder


@dataclass(frozen=True, slots=True)
class InboundOrder:
    """
    One order read from a message.

    ``source`` names where it came from (file and position) for messages to people; ``raw`` is the
    message as received, kept as evidence and for mapping again. ``notes`` say what was taken for
    granted in reading it, such as a guessed encoding.
    """

    order: ExternalOrder
    source: str
    raw: str
    notes: tuple[str, ...] = ()
