"""The matches of a kept run: how its entry seals them, how they are read back and proved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from connector.ports.reconciliation import EntryKind, LogEntry, ReconciliationRuns
from connector.reconciliation.match_pieces import lines_of, matches_in
from connector.reconciliation.matching import Match
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.set_hash import SetHash
from connector.reconciliation.verification import Damage

#: Where the entry of a finished run tells of its matches.
MATCHES: Final = "matches"


def sealed_matches(run: ReconciliationRun, pieces: Sequence[bytes]) -> dict[str, Any]:
    """Return what the entry of a finished *run* says about its matches, kept in *pieces*."""
    told = {
        "count": run.match_count,
        "hash": run.match_hash,
        "pieces": [hashlib.sha256(piece).hexdigest() for piece in pieces],
    }
    return {MATCHES: told}


def matches_of(
    run: ReconciliationRun, runs: ReconciliationRuns, comparison: int | None = None
) -> Iterator[Match]:
    """
    Yield the matches of a kept *run* one by one, only those of one *comparison* where it is given.

    Runs that were kept when matches were part of them bring theirs.

    Raises:
        ValueError: what is kept are no matches; `reconcile verify` says where.
    """
    inside = [piece.content for piece in run.matches.pieces]
    for content in inside or runs.match_pieces(run.header.run_id):
        yield from matches_in(content, comparison)


def verify_matches(entries: Iterable[LogEntry], runs: ReconciliationRuns) -> Iterator[Damage]:
    """
    Yield where kept matches are not those that their run counted.

    Unlike the hash of a piece, which shows that it is what was written, this shows that what was
    written is what the figures of the run were made of.
    """
    for entry in entries:
        told = entry.content.get(MATCHES) if entry.kind == EntryKind.RUN_FINISHED else None
        if not told or not told["hash"]:
            continue
        count, hashed, where = 0, SetHash(), f"run {entry.subject}"
        for number, piece in enumerate(runs.match_pieces(entry.subject), start=1):
            try:
                lines = list(lines_of(piece))
            except ValueError as error:
                yield Damage(entry.sequence, f"{where}, matches {number}", str(error))
                continue
            count += len(lines)
            hashed += SetHash.of_bytes(lines)
        if count != told["count"]:
            what = f"{count} matches are kept, the run had {told['count']}"
            yield Damage(entry.sequence, where, what)
        elif hashed.hexdigest() != told["hash"]:
            yield Damage(entry.sequence, where, "its matches are not those that it was made with")
