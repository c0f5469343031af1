"""
The register of breaks: the present state of each, which is the sum of its events in the log.

Nothing is ever deleted; a break that is gone is resolved, and one that comes back is reopened with
the day on which it was first seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from connector.ports.reconciliation import BREAK_KINDS, EntryKind, LogEntry, ReconciliationLog
from connector.reconciliation.break_codes import BreakCode
from connector.reconciliation.differences import Break

#: Events that are read from the log at a time.
_PAGE: Final = 2_000


class BreakState(StrEnum):
    """Where a break stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody said about a break."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Who took a break as it is, why, and for how much (empty where it has no amount)."""

    at: datetime
    by: str
    reason: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class BreakRecord:
    """
    A break as it stands. ``difference`` is the break as the last run found it that had news of it;
    the fields beside it are told without reading all of that.

    ``amounts`` hold amount and currency, quantity and unit, as texts, where it has them.
    ``first_seen_on`` is the key date of the run that found it first, and stays; ``reopened_on``
    are the key dates on which it came back. ``run_id`` is that of the run with the last news.
    ``cause`` says which step or document of the flow brought it about, empty when nobody knows.
    """

    id: str
    state: BreakState
    code: BreakCode
    subject: str
    company_code: str
    scope_currency: str
    amounts: Mapping[str, str]
    found_with: tuple[str, ...]
    first_seen_on: date
    first_seen_at: datetime
    run_id: str
    last_news_on: date
    news: str = field(repr=False)
    reopened_on: tuple[date, ...] = ()
    resolved_on: date | None = None
    owner: str = ""
    due_on: date | None = None
    comments: tuple[Comment, ...] = ()
    acceptance: Acceptance | None = None
    cause: Mapping[str, str] = field(default_factory=dict)

    @property
    def difference(self) -> Break:
        """The whole break with its evidence, read from the entry that told it."""
        return Break.model_validate(json.loads(self.news)["difference"])

    @property
    def amount(self) -> Decimal | None:
        """What does not agree; None for a break without an amount."""
        return Decimal(self.amounts["amount"]) if "amount" in self.amounts else None

    @property
    def currency(self) -> str:
        """The currency of the amount, empty where there is none."""
        return self.amounts.get("currency", "")

    def age_days(self, today: date) -> int:
        """Return for how many days it has been known."""
        return max((today - self.first_seen_on).days, 0)

    def is_overdue(self, today: date) -> bool:
        """Tell whether it is open after the day on which it was to be settled."""
        return self.state is BreakState.OPEN and self.due_on is not None and self.due_on < today


@dataclass(frozen=True, slots=True)
class Movement:
    """What one event did to the sum of open breaks of a currency."""

    sequence: int
    kind: str
    break_id: str
    currency: str
    count: int
    amount: Decimal


#: Kinds of movements, as the roll-forward names them.
NEW, REOPENED, CHANGED, RESOLVED, ACCEPTED = "new", "reopened", "changed", "resolved", "accepted"


class BreakRegister:
    """All breaks by id, and how their open sum has moved."""

    def __init__(self) -> None:
        self.records: dict[str, BreakRecord] = {}
        self.movements: list[Movement] = []

    @classmethod
    def read(cls, log: ReconciliationLog) -> BreakRegister:
        """Read the register from its events."""
        register, after = cls(), 0
        while entries := log.entries(BREAK_KINDS, after=after, limit=_PAGE):
            for entry in entries:
                register.apply(entry)
            after = entries[-1].sequence
        return register

    def find(self, break_id: str) -> BreakRecord | None:
        """Return a break by its id, or by the only beginning of one (with or without ``BRK-``)."""
        if break_id in self.records:
            return self.records[break_id]
        starts = (break_id, f"BRK-{break_id}")
        found = [each for id_, each in self.records.items() if id_.startswith(starts)]
        return found[0] if len(found) == 1 else None

    def apply(self, entry: LogEntry) -> None:
        """Take one event in."""
        kind = EntryKind(entry.kind)
        if kind in _NEWS:
            self._news(entry, entry.content)
        elif kind in _CHANGES:
            record = self.records[entry.subject]
            self.records[entry.subject] = _CHANGES[kind](record, entry, entry.content)
            if kind in _GONE and record.state is BreakState.OPEN:
                self._move(entry, _GONE[kind], record)

    def _news(self, entry: LogEntry, body: Mapping[str, Any]) -> None:
        known = self.records.get(entry.subject)
        record = _with_news(known, entry, body)
        self.records[entry.subject] = record
        if known is None:
            self._move(entry, NEW, record)
        elif known.state is not BreakState.OPEN:
            self._move(entry, REOPENED, record)
        elif known.currency == record.currency:
            amount = (record.amount or Decimal(0)) - (known.amount or Decimal(0))
            self._move(entry, CHANGED, record, amount)
        else:
            # Sums are kept per currency: it leaves one and comes up in another.
            self._move(entry, RESOLVED, known)
            self._move(entry, REOPENED, record)

    def _move(
        self, entry: LogEntry, kind: str, record: BreakRecord, amount: Decimal | None = None
    ) -> None:
        moved = amount if amount is not None else record.amount or Decimal(0)
        self.movements.append(Movement(entry.sequence, kind, record.id, record.currency, 1, moved))

    def open(self) -> Iterator[BreakRecord]:
        """Yield what is open, in no order."""
        return (each for each in self.records.values() if each.state is BreakState.OPEN)


def amounts_of_break(found: Break) -> dict[str, str]:
    """Return what makes *found* another one to whoever works on it: its amount, or its quantity."""
    amounts = {}
    if found.difference is not None:
        amounts["amount"] = str(found.difference.amount)
        amounts["currency"] = found.difference.currency
    if found.quantity_difference is not None:
        amounts["quantity"] = f"{found.quantity_difference.normalize():f}"
        amounts["unit"] = found.unit
    return amounts


def _with_news(known: BreakRecord | None, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    key_date = date.fromisoformat(body["key_date"])
    told = body["difference"]
    found = BreakRecord(
        id=entry.subject,
        state=BreakState.OPEN,
        code=BreakCode(told["code"]),
        subject=told["subject"],
        company_code=told["scope"]["company_code"],
        scope_currency=told["scope"]["currency"],
        amounts=body["after"],
        found_with=tuple(body["company_codes"]),
        first_seen_on=key_date,
        first_seen_at=entry.at,
        run_id=body["run_id"],
        last_news_on=key_date,
        news=entry.body,
        cause=body.get("cause", {}),
    )
    if known is None:
        return found
    reopened = (key_date,) if known.state is not BreakState.OPEN else ()
    return replace(
        found,
        first_seen_on=known.first_seen_on,
        first_seen_at=known.first_seen_at,
        reopened_on=(*known.reopened_on, *reopened),
        owner=known.owner,
        due_on=known.due_on,
        comments=known.comments,
        cause=found.cause or known.cause,
    )


def _resolved(record: BreakRecord, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    key_date = date.fromisoformat(body["key_date"])
    return replace(
        record,
        state=BreakState.RESOLVED,
        resolved_on=key_date,
        run_id=body["run_id"],
        last_news_on=key_date,
    )


def _assigned(record: BreakRecord, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    due = body.get("due_on")
    due_on = date.fromisoformat(due) if due else record.due_on
    return _commented(replace(record, owner=body["owner"], due_on=due_on), entry, body)


def _due(record: BreakRecord, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    due = body["due_on"]
    return replace(record, due_on=date.fromisoformat(due) if due else None)


def _commented(record: BreakRecord, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    if not body.get("text"):
        return record
    comment = Comment(entry.at, body["by"], body["text"])
    return replace(record, comments=(*record.comments, comment))


def _accepted(record: BreakRecord, entry: LogEntry, body: Mapping[str, Any]) -> BreakRecord:
    acceptance = Acceptance(entry.at, body["by"], body["reason"], record.amount, record.currency)
    return replace(record, state=BreakState.ACCEPTED, acceptance=acceptance)


_NEWS = frozenset({EntryKind.BREAK_FOUND, EntryKind.BREAK_CHANGED, EntryKind.BREAK_REOPENED})
_GONE = {EntryKind.BREAK_RESOLVED: RESOLVED, EntryKind.BREAK_ACCEPTED: ACCEPTED}
_CHANGES = {
    EntryKind.BREAK_RESOLVED: _resolved,
    EntryKind.BREAK_ASSIGNED: _assigned,
    EntryKind.BREAK_DUE: _due,
    EntryKind.BREAK_COMMENTED: _commented,
    EntryKind.BREAK_ACCEPTED: _accepted,
}
