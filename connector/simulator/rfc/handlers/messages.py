"""Message rows in the four shapes that BAPIs answer in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.messages import MessageBook
from connector.simulator.engine.outcome import Message

if TYPE_CHECKING:
    from connector.simulator.rfc.context import Call


def message(call: Call, situation: str, *variables: object, parameter: str = "") -> Message:
    """Return a message of the ERP's catalog, with the numbers of the system at hand."""
    book = MessageBook(call.erp.settings.message_numbers)
    return book.row(situation, *variables, parameter=parameter)


def free_text(text: str, kind: str = "E", parameter: str = "", row: int = 0) -> Message:
    """Return 00 398 with *text*: what the face itself has to say, and no number is known for."""
    v1, v2, v3, v4 = (text[at : at + 50] for at in range(0, 200, 50))
    return Message(kind, "00", "398", text, v1, v2, v3, v4, parameter=parameter, row=row)


def bapiret2(messages: Iterable[Message], system: str = "") -> list[dict[str, Any]]:
    """Rows of BAPIRET2: most BAPIs."""
    return [
        {
            **bapiret1_row(each),
            "PARAMETER": each.parameter,
            "ROW": each.row,
            "FIELD": each.field,
            "SYSTEM": system,
        }
        for each in messages
    ]


def bapiret1(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """Rows of BAPIRET1 and BAPIRETURN1: billing."""
    return [bapiret1_row(each) for each in messages]


def bapiret1_row(each: Message) -> dict[str, Any]:
    """One row of BAPIRET1."""
    return {
        "TYPE": each.type,
        "ID": each.id,
        "NUMBER": each.number,
        "MESSAGE": each.text,
        "MESSAGE_V1": each.v1,
        "MESSAGE_V2": each.v2,
        "MESSAGE_V3": each.v3,
        "MESSAGE_V4": each.v4,
    }


def bapireturn(each: Message | None) -> dict[str, Any]:
    """The structure BAPIRETURN: class and number share one field; empty when all is well."""
    if each is None:
        return {}
    return {
        "TYPE": each.type,
        "CODE": f"{each.id}{each.number}"[:5],
        "MESSAGE": each.text,
        "MESSAGE_V1": each.v1,
        "MESSAGE_V2": each.v2,
        "MESSAGE_V3": each.v3,
        "MESSAGE_V4": each.v4,
    }


def first_error(messages: Iterable[Message]) -> Message | None:
    """Return the first row of type E or A, or None."""
    return next((each for each in messages if each.is_error), None)
