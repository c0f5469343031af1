"""
Bank statements and payouts, as reconciliation and intake need them from the store.

Everything is added and nothing changed: a line that comes again adds nothing, and one that comes
again with other content is kept beside as a conflict, which a person decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Protocol

from connector.statements.model import BankStatement, Payout, Reading

#: In the place of the format of a file that was refused as a whole: nothing is known of it. It lies
#: in `failed` of a drop folder, and who takes it out of there has seen to it.
REFUSED: Final = "refused"
#: The same for a file that somebody imported by hand: it lies where nobody looks.
REFUSED_BY_HAND: Final = "refused by hand"


@dataclass(frozen=True, slots=True)
class AddedReading:
    """
    What became of a reading.

    ``added`` and ``replayed`` count bank lines and payout lines. ``conflicts`` name keys that were
    there with other content; ``problems`` are those of the reading itself.
    """

    source: str
    sha256: str
    format: str
    statements: int
    payouts: int
    added: int
    replayed: int
    conflicts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """In a sentence: what was added and what was there before."""
        lines = "line" if self.added == 1 else "lines"
        text = f"{self.added} {lines} added"
        if self.replayed:
            text += f", {self.replayed} {'replay' if self.replayed == 1 else 'replays'} skipped"
        if self.conflicts:
            text += f", {len(self.conflicts)} in conflict with what was there"
        return text


@dataclass(frozen=True, slots=True)
class StatementFile:
    """
    One file as it was read.

    ``standing_problems`` are those that no later file and no person has put an end to, and
    ``ended_by`` says what has: empty while nothing has.
    """

    id: int
    source: str
    sha256: str
    format: str
    read_at: datetime
    statements: int
    payouts: int
    added: int
    replayed: int
    pages: int
    pages_expected: int
    problems: tuple[str, ...]
    standing_problems: tuple[str, ...] = ()
    ended_by: str = ""

    @property
    def is_refused(self) -> bool:
        """Nothing of it could be read."""
        return self.format in (REFUSED, REFUSED_BY_HAND)

    @property
    def is_short(self) -> bool:
        """Pages of it are missing, and nothing has made good for them."""
        return self.pages < self.pages_expected and not self.ended_by


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    A line or statement that came again with other content; what was there first holds.

    ``decision`` is empty until a person has looked at it.
    """

    id: int
    key: str
    text: str
    source: str
    found_at: datetime
    decision: str = ""
    decided_by: str = ""


class Statements(Protocol):
    """The statements and payouts of a store. Every method is one transaction."""

    def add(self, reading: Reading, read_at: datetime) -> AddedReading:
        """Add what is new in *reading*; durable when it returns."""
        ...

    def files(self, limit: int | None = None) -> tuple[StatementFile, ...]:
        """Return the files that were read, newest first."""
        ...

    def dismiss(self, file_id: int, by: str, reason: str, at: datetime) -> StatementFile:
        """
        Keep that *by* lets the problems of a file be, because of *reason*.

        Raises:
            ValueError: there is no such file, or it has no problem that still stands.
        """
        ...

    def bank_statements(
        self, until: date | None = None, since: date | None = None
    ) -> tuple[BankStatement, ...]:
        """
        Return the statements with lines booked from *since* until *until*, oldest first.

        A line that several statements have stands in the one that brought it first. A statement is
        left out where its period begins after *until* or ended before *since*.
        """
        ...

    def payouts(self, until: date | None = None, since: date | None = None) -> tuple[Payout, ...]:
        """Return the payouts paid from *since* until *until*, put together from all reports."""
        ...

    def conflicts(self, *, decided: bool = False) -> tuple[Conflict, ...]:
        """Return the conflicts that wait for a person, with *decided* all of them, oldest first."""
        ...

    def decide(self, conflict_id: int, by: str, reason: str, at: datetime) -> Conflict:
        """
        Keep that *by* has looked at a conflict and lets stand what came first, because of *reason*.

        Raises:
            ValueError: there is no such conflict, or it was decided before.
        """
        ...
