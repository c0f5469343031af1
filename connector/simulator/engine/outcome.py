"""Message rows, and what an operation of the simulated ERP answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """
    One message row.

    `type` is S, I, W, E or A; `id` the message class, `number` three digits. `parameter` names the
    segment the row speaks of (as `SALES_ITEM_IN`), `row` its line counted from 1, 0 for none.
    """

    type: str
    id: str
    number: str
    text: str
    v1: str = ""
    v2: str = ""
    v3: str = ""
    v4: str = ""
    parameter: str = ""
    row: int = 0
    field: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the row refuses the operation (type E or A)."""
        return self.type in ("E", "A")


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What an operation answered.

    `numbers` are provisional until the session commits, and empty when the operation was refused
    or only simulated. `documents` are the buffered records in the order of `numbers`; a
    simulation puts its priced document there, under an empty number.
    """

    messages: tuple[Message, ...] = ()
    numbers: tuple[str, ...] = ()
    documents: tuple[Any, ...] = ()

    @property
    def number(self) -> str:
        """The first number, or empty."""
        return self.numbers[0] if self.numbers else ""

    @property
    def accepted(self) -> bool:
        """Whether no row is of type E or A."""
        return not any(message.is_error for message in self.messages)


def refused(messages: Iterable[Message]) -> Outcome:
    """Answer with *messages* alone: nothing was buffered."""
    return Outcome(messages=tuple(messages))


class RefusedError(Exception):
    """The operation is refused; `messages` is what it answers. Never leaves the engine."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        super().__init__("; ".join(message.text for message in messages))
