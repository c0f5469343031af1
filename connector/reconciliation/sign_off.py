"""
Sign-off of a run: by a preparer, and then by a reviewer who is somebody else.

They sign the content hash, and with it every figure. A sign-off is void, by an entry of its own,
as soon as a later reading of the ERP changes a figure of the key date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from connector.errors import RejectedError
from connector.ports.reconciliation import (
    SIGN_OFF_KINDS,
    EntryKind,
    LogEntry,
    NewEntry,
    ReconciliationLog,
    ReconciliationRuns,
)
from connector.reconciliation.chain_of_runs import FinishedRun, RunHistory
from connector.reconciliation.figures import changed_figures
from connector.reconciliation.report import RunMode


class Role(StrEnum):
    """Who signs as what."""

    PREPARER = "preparer"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under the content hash of a run."""

    role: Role
    name: str
    at: datetime
    note: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class SignOff:
    """The signatures under one run; ``void_because`` is empty while they hold."""

    run_id: str
    signatures: tuple[Signature, ...] = ()
    void_because: str = ""
    void_at: datetime | None = None

    def by(self, role: Role) -> Signature | None:
        """Return the signature of *role*, None while there is none."""
        return next((each for each in self.signatures if each.role is role), None)

    @property
    def state(self) -> str:
        """In words: nothing, prepared, signed off, or void."""
        if self.void_because:
            return "void"
        if self.by(Role.REVIEWER) is not None:
            return "signed off"
        return "prepared" if self.signatures else ""


def sign_offs(log: ReconciliationLog) -> dict[str, SignOff]:
    """Return the sign-off of each run that has one, by run id."""
    return sign_offs_of(log.entries(SIGN_OFF_KINDS))


def sign_offs_of(entries: Iterable[LogEntry]) -> dict[str, SignOff]:
    """Add up *entries* about sign-offs, oldest first."""
    found: dict[str, SignOff] = {}
    for entry in entries:
        known = found.get(entry.subject, SignOff(entry.subject))
        body = entry.content
        if entry.kind == EntryKind.SIGNED_OFF:
            signature = Signature(
                role=Role(body["role"]),
                name=body["name"],
                at=entry.at,
                note=body["note"],
                content_hash=body["content_hash"],
            )
            known = SignOff(entry.subject, (*known.signatures, signature))
        elif entry.kind == EntryKind.SIGN_OFF_VOID:
            known = SignOff(entry.subject, known.signatures, body["because"], entry.at)
        found[entry.subject] = known
    return found


def same_person(one: str, other: str) -> bool:
    """Tell whether two names are one person's; case and spaces do not make another one."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def sign(
    run: FinishedRun,
    role: Role,
    name: str,
    note: str,
    *,
    history: RunHistory,
    signed: Mapping[str, SignOff],
    runs: ReconciliationRuns,
) -> NewEntry:
    """
    Return the entry that signs *run*.

    Raises:
        RejectedError: the run is not reliable, was superseded, or was changed since; the role has
            signed already; the reviewer is the preparer, or comes before them.
    """
    if not name:
        raise RejectedError("a signature needs a name")
    _require_signable(run, history, runs)
    known = signed.get(run.run_id, SignOff(run.run_id))
    if known.void_because:
        raise RejectedError(
            f"{run.run_id}: its sign-off is void ({known.void_because}); "
            "reconcile the key date again and sign that run"
        )
    before = known.by(role)
    if before is not None:
        raise RejectedError(f"{run.run_id}: {before.name} has signed as {role} already")
    preparer = known.by(Role.PREPARER)
    if role is Role.REVIEWER and preparer is None:
        raise RejectedError(f"{run.run_id}: nobody has signed as preparer yet")
    if preparer is not None and same_person(preparer.name, name):
        raise RejectedError(
            f"{run.run_id}: {preparer.name} signed as preparer; the reviewer must be somebody else"
        )
    body: dict[str, Any] = {
        "role": role.value,
        "name": name,
        "note": note,
        "content_hash": run.content_hash,
        "content_sha256": run.content_sha256,
        "key_date": run.key_date.isoformat(),
    }
    return NewEntry(EntryKind.SIGNED_OFF, run.run_id, body)


def _require_signable(run: FinishedRun, history: RunHistory, runs: ReconciliationRuns) -> None:
    if not run.is_complete:
        raise RejectedError(
            f"{run.run_id} is {run.verdict}: only a complete run can be signed; "
            "put right what it says and reconcile again"
        )
    stored = runs.reconciliation_run(run.run_id)
    if stored is None or stored.content_sha256 != run.content_sha256:
        raise RejectedError(
            f"{run.run_id}: its content is not the one that was sealed; "
            "run `sd-connector reconcile verify`"
        )
    newest = history.same_day(run.kind, run.key_date)
    if newest is not None and newest.sequence > run.sequence:
        changed = changed_figures(run.details.figures, newest.details.figures)
        if changed:
            raise RejectedError(
                f"{run.run_id}: {newest.run_id} is newer and has other figures for the same key "
                f"date ({changed[0].name}); sign that one"
            )


def void_entry(run_id: str, by_run: str, because: str, details: Mapping[str, Any]) -> NewEntry:
    """Return the entry that makes the sign-off of *run_id* void."""
    body = {**details, "because": because, "by_run": by_run}
    return NewEntry(EntryKind.SIGN_OFF_VOID, run_id, body)


def valid_sign_offs(signed: Mapping[str, SignOff], history: RunHistory) -> tuple[FinishedRun, ...]:
    """Return the runs whose signatures still hold, oldest first."""
    return tuple(
        run
        for run in history.finished
        if run.run_id in signed
        and not signed[run.run_id].void_because
        and not run.is_old
        and run.mode is not RunMode.DRY
    )
