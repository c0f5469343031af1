"""What people decide about a break: who works on it, until when, and that it is taken as it is."""

from __future__ import annotations

from datetime import date

from connector.errors import RejectedError
from connector.ports.reconciliation import EntryKind, NewEntry
from connector.reconciliation.break_register import BreakRecord, BreakRegister, BreakState
from connector.reconciliation.sign_off import same_person


def find_break(register: BreakRegister, break_id: str) -> BreakRecord:
    """
    Return a break by its id or the beginning of it.

    Raises:
        RejectedError: there is none, or more than one.
    """
    found = register.find(break_id)
    if found is None:
        raise RejectedError(
            f"no break, or more than one, is called {break_id}: `sd-connector breaks list`"
        )
    return found


def assign(
    record: BreakRecord, owner: str, by: str, *, due_on: date | None = None, text: str = ""
) -> NewEntry:
    """Return the entry that makes *owner* responsible; raises RejectedError for no open break."""
    _require_open(record)
    if not owner:
        raise RejectedError("an owner needs a name")
    body = {
        "owner": owner,
        "before": record.owner,
        "by": by,
        "due_on": due_on.isoformat() if due_on else None,
        "text": text,
    }
    return NewEntry(EntryKind.BREAK_ASSIGNED, record.id, body)


def set_due(record: BreakRecord, due_on: date | None, by: str) -> NewEntry:
    """Return the entry that sets the day, None for none; raises RejectedError when it is gone."""
    _require_open(record)
    body = {"due_on": due_on.isoformat() if due_on else None, "by": by}
    return NewEntry(EntryKind.BREAK_DUE, record.id, body)


def comment(record: BreakRecord, text: str, by: str) -> NewEntry:
    """Return the entry with a comment, also on a break that is gone."""
    if not text.strip():
        raise RejectedError("a comment needs words")
    return NewEntry(EntryKind.BREAK_COMMENTED, record.id, {"by": by, "text": text.strip()})


def accept(record: BreakRecord, reason: str, by: str) -> NewEntry:
    """
    Return the entry that takes a break as it is, for the amount that it has now.

    Raises:
        RejectedError: it is not open, no reason is given, or its owner would accept it.
    """
    _require_open(record)
    if not reason.strip():
        raise RejectedError("accepting a break needs a reason")
    if not by:
        raise RejectedError("accepting a break needs the name of an approver")
    if record.owner and same_person(record.owner, by):
        raise RejectedError(
            f"{record.id} is {record.owner}'s: who accepts it must be somebody else"
        )
    body = {
        "by": by,
        "reason": reason.strip(),
        "owner": record.owner,
        "amount": None if record.amount is None else str(record.amount),
        "currency": record.currency,
    }
    return NewEntry(EntryKind.BREAK_ACCEPTED, record.id, body)


def _require_open(record: BreakRecord) -> None:
    if record.state is BreakState.ACCEPTED and record.acceptance is not None:
        raise RejectedError(f"{record.id} was accepted by {record.acceptance.by}")
    if record.state is BreakState.RESOLVED:
        raise RejectedError(f"{record.id} is resolved since {record.resolved_on}")
