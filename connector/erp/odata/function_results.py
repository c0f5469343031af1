"""
What a function import reports beside its result: messages, by class and number.

A function that answers 200 may have refused all the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from connector.erp.messages import MessageTable, ReturnRow
from connector.erp.odata.row import Row
from connector.errors import ErpMessage


def require_accepted(rows: Iterable[Row], table: MessageTable, action: str) -> None:
    """Raise what the messages in *rows* stand for when one of them is of type E, A or X."""
    refusal = table.refusal([_message(row) for row in rows], action)
    if refusal is not None:
        raise refusal


def _message(row: Row) -> ReturnRow:
    variables = [row.text_or(f"SystemMessageVariable{n}") for n in range(1, 5)]
    text = row.text_or("SystemMessageText") or " ".join(each for each in variables if each)
    message = ErpMessage(
        type=row.text_or("SystemMessageType"),
        message_class=row.text_or("SystemMessageIdentification"),
        number=row.text_or("SystemMessageNumber"),
        text=text,
    )
    return ReturnRow(message, variables[0], variables[1])
