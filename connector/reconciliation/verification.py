"""
Proves that the log was not edited: every entry, every kept run, every anchor outside.

The chain alone shows what was changed, moved or taken out of its middle. That its end was cut off
shows by a head that was anchored outside, or by a kept run that no entry seals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.ports.reconciliation import (
    GENESIS,
    EntryKind,
    Head,
    LogEntry,
    NewEntry,
    ReconciliationLog,
    canonical_json,
    piece_name,
)

#: How far an entry that does not fit is looked for in other places.
_FAR: Final = 1_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the log as it was written down outside; ``source`` says where that is."""

    sequence: int
    hash: str
    at: datetime
    source: str = ""

    def to_line(self) -> str:
        """Return the anchor as one line of a file."""
        return canonical_json(
            {"at": self.at.isoformat(), "hash": self.hash, "sequence": self.sequence}
        )


@dataclass(frozen=True, slots=True)
class Damage:
    """
    Something that is not as it was written.

    ``sequence`` is the number of the entry, 0 where it is not about one.
    """

    sequence: int
    where: str
    what: str


def read_anchors(text: str, source: str) -> tuple[Anchor, ...]:
    """
    Read the anchors of a file, one per line.

    Raises:
        ConfigurationError: a line is no anchor.
    """
    anchors = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            content: dict[str, Any] = json.loads(line)
            anchors.append(
                Anchor(
                    sequence=int(content["sequence"]),
                    hash=str(content["hash"]),
                    at=datetime.fromisoformat(content["at"]),
                    source=f"{source}, line {number}",
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"{source}, line {number}",
                "this is no anchor",
                'Expected {"at": ..., "hash": ..., "sequence": ...} as `reconcile anchor` writes',
            ) from error
    return tuple(anchors)


def anchor_entry(head: Head, place: str) -> NewEntry:
    """Return the entry that notes that a head is about to be written to *place*."""
    return NewEntry(EntryKind.ANCHORED, place, {"sequence": head.sequence, "hash": head.hash})


def verify(
    entries: Iterable[LogEntry],
    kept_runs: Mapping[str, str],
    anchors: Iterable[Anchor] = (),
) -> tuple[Damage, ...]:
    """
    Return everything that was changed, deleted, moved or cut off; empty when all is as written.

    Args:
        entries: all entries, as the store returns them; each is looked at once.
        kept_runs: by run id, the SHA-256 of the content that is kept now, and those of the pieces
            of its matches by their names.
        anchors: heads that were written down outside.
    """
    seen = _Seen()
    found = list(_chain(entries, seen))
    return (*found, *_runs(seen.runs, kept_runs), *_anchors(seen.hashes, anchors))


def all_entries(log: ReconciliationLog, page: int = 500) -> Iterator[LogEntry]:
    """Yield all entries of *log* page by page, whatever they weigh together."""
    after = 0
    while entries := log.entries(after=after, limit=page):
        yield from entries
        after = entries[-1].sequence


@dataclass(slots=True)
class _Seen:
    """What is kept of the entries while they pass: hashes, and those that seal runs."""

    hashes: dict[int, str] = field(default_factory=dict)
    runs: dict[str, LogEntry] = field(default_factory=dict)

    def note(self, entry: LogEntry) -> None:
        self.hashes[entry.sequence] = entry.hash
        if entry.kind == EntryKind.RUN_FINISHED:
            self.runs[entry.subject] = entry


def _chain(entries: Iterable[LogEntry], seen: _Seen) -> Iterator[Damage]:
    previous, expected = GENESIS, 1
    for entry in entries:
        seen.note(entry)
        if entry.sequence > expected:
            last = entry.sequence - 1
            what = f"entry {expected} is" if last == expected else f"entries {expected}-{last} are"
            yield Damage(expected, f"before {name_of(entry)}", f"{what} missing: deleted")
        elif entry.previous_hash != previous:
            yield Damage(
                entry.sequence,
                name_of(entry),
                "does not follow the entry before it: one of the two was exchanged or moved",
            )
        if entry.computed_hash() != entry.hash:
            yield Damage(entry.sequence, name_of(entry), _what_happened(entry))
        previous, expected = entry.hash, entry.sequence + 1


def _what_happened(entry: LogEntry) -> str:
    """An entry that was only given another number says where it stood before."""
    nearby = range(max(1, entry.sequence - _FAR), entry.sequence + _FAR)
    for sequence in nearby:
        elsewhere = LogEntry(
            sequence=sequence,
            kind=entry.kind,
            subject=entry.subject,
            at=entry.at,
            body=entry.body,
            previous_hash=entry.previous_hash,
            hash=entry.hash,
        )
        if sequence != entry.sequence and elsewhere.computed_hash() == entry.hash:
            return f"was moved here; it was written as entry {sequence}"
    return "was changed after it was written: its hash is not that of its content"


def _runs(sealed: Mapping[str, LogEntry], kept: Mapping[str, str]) -> Iterator[Damage]:
    known = set()
    for entry in sealed.values():
        for name, sealed_hash in _sealed_hashes(entry):
            known.add(name)
            if name not in kept:
                yield Damage(entry.sequence, f"run {name}", "its content was deleted")
            elif kept[name] != sealed_hash:
                what = "its content was changed after it was sealed"
                yield Damage(entry.sequence, f"run {name}", what)
    for name in sorted(set(kept) - known):
        what = "is kept without an entry that seals it: the log was cut off, or it was put in"
        yield Damage(0, f"run {name}", what)


def _sealed_hashes(entry: LogEntry) -> Iterator[tuple[str, str]]:
    """Yield what the entry of a run seals: its content, and the pieces of its matches."""
    try:
        body = entry.content
        pieces = body.get("matches", {}).get("pieces", ())
        yield entry.subject, str(body["content_sha256"])
    except (ValueError, KeyError, AttributeError):
        yield entry.subject, ""
        return
    for number, sealed in enumerate(pieces, start=1):
        yield piece_name(entry.subject, number), str(sealed)


def _anchors(hashes: Mapping[int, str], anchors: Iterable[Anchor]) -> Iterator[Damage]:
    last = max(hashes, default=0)
    for anchor in anchors:
        found = hashes.get(anchor.sequence)
        if anchor.sequence == 0 or found == anchor.hash:
            continue
        where = f"anchor of {anchor.at:%Y-%m-%d %H:%M} UTC ({anchor.source})"
        if anchor.sequence > last:
            cut = (
                f"entry {last + 1} is"
                if anchor.sequence == last + 1
                else (f"entries {last + 1}-{anchor.sequence} are")
            )
            yield Damage(last + 1, where, f"{cut} missing: the log was cut off")
        elif found is None:
            yield Damage(anchor.sequence, where, f"entry {anchor.sequence} is missing")
        else:
            what = (
                f"entry {anchor.sequence} is another one than was anchored: the log was rewritten"
            )
            yield Damage(anchor.sequence, where, what)


def name_of(entry: LogEntry) -> str:
    """Return what people call an entry: number, kind, subject and time."""
    at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
    return f"entry {entry.sequence} ({entry.kind} {entry.subject}, {at} UTC)"
