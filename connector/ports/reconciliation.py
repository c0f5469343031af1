"""
The log of reconciliation, as reconciliation needs it from the store.

One chain holds everything that finance relies on: runs, what becomes of breaks, sign-offs, anchors.
Each entry carries the hash of the one before it, so that a changed, deleted or moved entry shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from connector.errors import TransientError


class EntryKind(StrEnum):
    """What an entry tells. Of runs the subject is the run id, of breaks the break id."""

    RUN_STARTED = "run started"
    RUN_FINISHED = "run finished"
    #: What later runs need of a finished one; apart, since it may be long.
    RUN_FIGURES = "run figures"
    RUN_INTERRUPTED = "run interrupted"
    BREAK_FOUND = "break found"
    BREAK_CHANGED = "break changed"
    BREAK_RESOLVED = "break resolved"
    BREAK_REOPENED = "break reopened"
    BREAK_ASSIGNED = "break assigned"
    BREAK_DUE = "break due"
    BREAK_COMMENTED = "break commented"
    BREAK_ACCEPTED = "break accepted"
    SIGNED_OFF = "signed off"
    SIGN_OFF_VOID = "sign-off void"
    #: The head was written to a place outside; the subject names the place.
    ANCHORED = "anchored"


#: Entries whose subject is a break.
BREAK_KINDS: Final = tuple(kind for kind in EntryKind if kind.value.startswith("break "))
#: Entries that tell which runs there are.
RUN_KINDS: Final = (EntryKind.RUN_STARTED, EntryKind.RUN_FINISHED, EntryKind.RUN_INTERRUPTED)
SIGN_OFF_KINDS: Final = (EntryKind.SIGNED_OFF, EntryKind.SIGN_OFF_VOID)

#: What the first entry names as the hash before it.
GENESIS: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be appended; ``body`` holds JSON values, amounts and dates as text."""

    kind: EntryKind
    subject: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """
    An entry as it was appended. ``sequence`` counts from 1 without gaps.

    ``body`` is the canonical JSON that the hash covers, together with everything else here.
    """

    sequence: int
    kind: str
    subject: str
    at: datetime
    body: str
    previous_hash: str
    hash: str

    @property
    def content(self) -> dict[str, Any]:
        """The body as values."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    def computed_hash(self) -> str:
        """Return the hash that this entry must have: of the JSON list of all its other fields."""
        instant = f"{self.at.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"
        fields = [
            self.sequence, self.kind, self.subject, instant, self.body, self.previous_hash
        ]  # fmt: skip
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry; whoever knows it can tell whether anything before it was changed."""

    sequence: int = 0
    hash: str = GENESIS


def canonical_json(content: Mapping[str, Any]) -> str:
    """Return *content* in the one form that is hashed: sorted keys, no spaces."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def chained(entries: Sequence[NewEntry], head: Head, at: datetime) -> tuple[LogEntry, ...]:
    """Return *entries* as they follow *head*."""
    made: list[LogEntry] = []
    for new in entries:
        unsealed = LogEntry(
            sequence=head.sequence + 1,
            kind=new.kind.value,
            subject=new.subject,
            at=at,
            body=canonical_json(new.body),
            previous_hash=head.hash,
            hash="",
        )
        entry = replace(unsealed, hash=unsealed.computed_hash())
        made.append(entry)
        head = Head(entry.sequence, entry.hash)
    return tuple(made)


def as_if_appended(entries: Iterable[NewEntry], head: Head, at: datetime) -> Iterator[LogEntry]:
    """Yield *entries* with the numbers that they get after *head*, without their hashes."""
    for sequence, new in enumerate(entries, start=head.sequence + 1):
        body = canonical_json(new.body)
        yield LogEntry(sequence, new.kind.value, new.subject, at, body, "", "")


@dataclass(frozen=True, slots=True)
class StoredRun:
    """
    One finished reconciliation run as it is kept.

    ``run_id`` sorts by time. ``content`` is the whole run as JSON with decimals as text;
    ``content_hash`` covers its figures and leaves out when it ran. ``verdict`` is ``RECONCILED``,
    ``WITH_PENDING``, ``BREAKS``, ``INCOMPLETE`` or ``FAILED``.
    """

    run_id: str
    key_date: date
    company_codes: tuple[str, ...]
    verdict: str
    content_hash: str
    finished_at: datetime
    content: str

    @property
    def content_sha256(self) -> str:
        """Hash of the whole content, by which the chain seals it."""
        return hashlib.sha256(self.content.encode()).hexdigest()

    def finished_entry(self, more: Mapping[str, Any] | None = None) -> NewEntry:
        """Return the entry that seals this run, with *more* about it."""
        body = {
            "key_date": self.key_date.isoformat(),
            "company_codes": list(self.company_codes),
            "verdict": self.verdict,
            "content_hash": self.content_hash,
            "content_sha256": self.content_sha256,
        }
        return NewEntry(EntryKind.RUN_FINISHED, self.run_id, {**(more or {}), **body})


class LogMovedError(TransientError):
    """Somebody appended to the log in between; read it again and decide anew."""

    def __init__(self, expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"the log of reconciliation has {found} entries, {expected} were read: "
            "somebody wrote to it at the same time; try again"
        )


class ReconciliationRunningError(TransientError):
    """Another process reconciles in this store; ``holder`` says who, empty when unknown."""

    def __init__(self, holder: str = "") -> None:
        self.holder = holder
        who = f" ({holder})" if holder else ""
        super().__init__(f"another reconciliation is running{who}; wait until it has ended")


def piece_name(run_id: str, number: int) -> str:
    """Return what the piece of matches *number* (from 1) of a run is called among kept contents."""
    return f"{run_id}, matches {number}"


class ReconciliationRuns(Protocol):
    """The kept runs; they are added, never changed or deleted."""

    def save_reconciliation_run(self, run: StoredRun) -> None:
        """
        Append *run* and its entry; raises ValueError when its id is there with other content.
        """
        ...

    def reconciliation_runs(self, limit: int = 20) -> tuple[StoredRun, ...]:
        """Return the newest runs, newest first."""
        ...

    def reconciliation_run(self, run_id: str) -> StoredRun | None:
        """Return one run, None when there is none of that id."""
        ...

    def match_pieces(self, run_id: str) -> Iterator[bytes]:
        """Yield the matches of a run in their pieces, of which one is read at a time."""
        ...

    def content_hashes(self) -> Mapping[str, str]:
        """
        Return the SHA-256 of every content that is kept now.

        By run id that of the run, by :func:`piece_name` those of its matches.
        """
        ...


class ReconciliationLog(Protocol):
    """The chain of entries. Every method is one transaction and durable when it returns."""

    def head(self) -> Head:
        """Return the newest entry, or where an empty log starts."""
        ...

    def append(
        self,
        entries: Sequence[NewEntry],
        *,
        at: datetime,
        after: int | None = None,
        run: StoredRun | None = None,
        matches: Sequence[bytes] = (),
    ) -> tuple[LogEntry, ...]:
        """
        Append *entries* in one transaction, together with the content of *run* and its *matches*.

        Raises:
            LogMovedError: *after* is given, and the newest entry has another number; nothing was
                appended.
        """
        ...

    def entries(
        self,
        kinds: Sequence[EntryKind] = (),
        *,
        subject: str = "",
        after: int = 0,
        limit: int | None = None,
    ) -> tuple[LogEntry, ...]:
        """
        Return entries above *after*, oldest first, at most *limit*; no kinds and no subject mean
        all.
        """
        ...

    def exclusively(self, holder: str) -> AbstractContextManager[None]:
        """
        Hold the right to reconcile, which one process has at a time; a killed one loses it.

        Raises ReconciliationRunningError when another has it.
        """
        ...
