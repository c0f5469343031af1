"""
Messages of the ERP and what they mean, by message class and number, never by text.

The table is `messages.csv` beside this module; `docs/reference/erp-messages.md` shows it. Rows
come from a RETURN table, an OData error or a log, and only those of type E, A and X decide: a row
that the table calls a *note* names no cause, a row that the table does not know is refused.
Sources: messages seen in public logs and client code.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from connector.erp.hold_reasons import HoldReason
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    LockedError,
    RejectedError,
    TransientError,
)

SHIPPED: Final = Path(__file__).with_name("messages.csv")
_COLUMNS: Final = ("message_class", "number", "type", "verdict", "code", "meaning")
_DECIDING: Final = frozenset("EAX")


class Verdict(StrEnum):
    """What the connector does when a row of type E, A or X has the message."""

    #: What was asked for is there; read it back before believing it.
    DONE = "done"
    #: Names no cause; the other rows decide.
    NOTE = "note"
    #: A person has to decide.
    REJECT = "reject"
    #: Nothing was posted, and the same call may work later.
    RETRY = "retry"
    #: Whether anything was posted has to be looked up.
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table. ``code`` is the hold reason in capitals, empty for the usual one."""

    message_class: str
    number: str
    type: str
    verdict: Verdict
    code: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """A message with its variables, which the message itself does not carry."""

    message: ErpMessage
    v1: str = ""
    v2: str = ""

    @property
    def decides(self) -> bool:
        """Whether the row is of a type that stops a posting."""
        return self.message.type in _DECIDING


class MessageTable:
    """Looks up meanings; rows of a later file replace those of an earlier one."""

    def __init__(self, rows: Iterable[Meaning]) -> None:
        self._rows = {(row.message_class, row.number): row for row in rows}

    def __iter__(self) -> Iterator[Meaning]:
        return iter(self._rows.values())

    def meaning_of(self, message: ErpMessage) -> Meaning | None:
        """Return what the table knows of *message*, None when it knows nothing."""
        return self._rows.get((message.message_class, message.number))

    def code_of(self, messages: Iterable[ErpMessage]) -> str:
        """Return the first hold reason that the table knows for *messages*, empty for none."""
        known = (self.meaning_of(message) for message in messages)
        return next((each.code for each in known if each is not None and each.code), "")

    def refusal(self, rows: Iterable[ReturnRow], action: str) -> ConnectorError | None:
        """
        Return the error that *rows* stand for, None when nothing in them stops *action*.

        Where causes differ, one that may pass by itself wins: the rest of the rows may follow
        from it, and if not, the next try says so. Header rows (V4 219, RW 609) decide only when
        they stand alone.
        """
        deciding = [row for row in rows if row.decides]
        if not deciding:
            return None
        messages = tuple(row.message for row in deciding)
        causes = [row for row in deciding if self._verdict(row) is not Verdict.NOTE] or deciding
        for row in causes:
            if self._verdict(row) in (Verdict.RETRY, Verdict.IN_DOUBT):
                return self._transient(row, action, messages)
        code = self.code_of(row.message for row in causes) or HoldReason.ERP_REJECTED.value
        text = "; ".join(dict.fromkeys(str(row.message) for row in causes))
        return RejectedError(f"{action}: {text}", messages, code)

    def _verdict(self, row: ReturnRow) -> Verdict:
        known = self.meaning_of(row.message)
        return known.verdict if known is not None else Verdict.REJECT

    def _transient(
        self, row: ReturnRow, action: str, messages: tuple[ErpMessage, ...]
    ) -> TransientError:
        known = self.meaning_of(row.message)
        if known is not None and known.code == "LOCKED":
            return LockedError(row.v1 or action, row.v2, messages)
        return TransientError(f"{action}: {row.message}", messages)


@cache
def shipped_table() -> MessageTable:
    """Return the table that travels with the connector."""
    return MessageTable(read_meanings(SHIPPED))


def table_with(more: Path | None) -> MessageTable:
    """
    Return the shipped table with the rows of *more* on top, for messages of a customer's own.

    Raises:
        ConfigurationError: *more* is not readable, or a line is not of the table's form.
    """
    if more is None:
        return shipped_table()
    return MessageTable((*shipped_table(), *read_meanings(more)))


def read_meanings(path: Path) -> list[Meaning]:
    """Read a table file; ConfigurationError names file, line and column of what is wrong."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != _COLUMNS:
                raise ConfigurationError(
                    f"{path}, line 1", f"the columns must be {','.join(_COLUMNS)}"
                )
            return [_meaning(path, reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(path), f"cannot be read: {error}") from error


def _meaning(path: Path, line: int, row: Mapping[str, str]) -> Meaning:
    where = f"{path}, line {line}"
    if any(value is None for value in row.values()) or None in row:
        raise ConfigurationError(where, f"expected {len(_COLUMNS)} values")
    try:
        verdict = Verdict(row["verdict"])
    except ValueError:
        known = ", ".join(Verdict)
        raise ConfigurationError(
            f"{where}: verdict", f"'{row['verdict']}' is not allowed, expected {known}"
        ) from None
    if len(row["number"]) != 3 or not row["number"].isdigit():
        raise ConfigurationError(f"{where}: number", "expected three digits")
    return Meaning(
        row["message_class"], row["number"], row["type"], verdict, row["code"], row["meaning"]
    )
