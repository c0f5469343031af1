"""
What each move makes of a step: pure, and the same for the steps of flows and of bank lines.

Source: :mod:`connector.ports.step_state` for the states and the ways between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from connector.ports.step_state import (
    CLAIMABLE,
    FINAL,
    OCCUPYING,
    Operation,
    StepState,
    require_path,
)
from connector.ports.store_records import Step, StepChange, Unchanged
from connector.store.codec import from_list, text_hash

_LISTS: Final = frozenset({"known_before", "provisional_numbers", "numbers"})
#: Fields of a change whose None empties the field; elsewhere None leaves it as it is.
_NULLABLE: Final = frozenset({"due_at", "doubt_since", "looked_at"})


@dataclass(frozen=True, slots=True)
class StepKey:
    """What names a step: what it belongs to, what it does, and which of several it is."""

    flow_id: int
    operation: Operation
    sequence_key: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a step from *now* on, and until when nobody else may."""

    owner: str
    now: datetime
    until: datetime


def first_claim(key: StepKey, lease: Lease) -> Step:
    """Return a new step that is claimed at once; its id is not known yet."""
    return replace(
        _new(key, lease.now),
        state=require_path(StepState.READY, (StepState.CLAIMED,)),
        fence=1,
        attempt=1,
        lease_owner=lease.owner,
        lease_until=lease.until,
    )


def requested(key: StepKey, payload: str, now: datetime) -> Step:
    """Return a new step that a person asks for: ready, and nobody works on it."""
    return replace(_new(key, now), payload=payload, payload_hash=text_hash(payload))


def _new(key: StepKey, now: datetime) -> Step:
    return Step(
        id=0,
        flow_id=key.flow_id,
        operation=key.operation,
        sequence_key=key.sequence_key,
        state=StepState.READY,
        fence=0,
        attempt=0,
        order_version=0,
        created_at=now,
    )


def claimed_again(found: Step, lease: Lease) -> Step | None:
    """Return *found* claimed for a new attempt; None where it is not claimable, or not due."""
    if found.state not in CLAIMABLE or (found.due_at is not None and found.due_at > lease.now):
        return None
    return replace(
        taken_over(found, lease),
        state=require_path(found.state, (StepState.CLAIMED,)),
        attempt=found.attempt + 1,
        due_at=None,
        provisional_numbers=(),
        absent_look_ups=0,
        doubt_since=None,
        looked_at=None,
    )


def taken_over(found: Step, lease: Lease) -> Step:
    """Return *found* in the hands of another worker; whoever had it has lost it by the fence."""
    return replace(found, fence=found.fence + 1, lease_owner=lease.owner, lease_until=lease.until)


def changed_step(record: Step, target: StepState, change: StepChange, now: datetime) -> Step:
    """Return *record* as it is in state *target*, with *change*; a lease ends where work does."""
    values: dict[str, Any] = {
        name: value
        for name in StepChange.__slots__
        if (value := getattr(change, name)) is not None or name in _NULLABLE
        if not isinstance(value, Unchanged)
    }
    if change.payload is not None:
        values["payload_hash"] = text_hash(change.payload)
    if target is StepState.IN_DOUBT or target not in OCCUPYING:
        values |= {"lease_owner": "", "lease_until": None}
    if target in FINAL:
        values |= {"finished_at": now, "due_at": None}
    return replace(record, state=target, **values)


def is_lease_gone(found: Step, now: datetime, alive_owners: frozenset[str]) -> bool:
    """
    Tell whether nobody works on *found*, which has a lease: it ended, or its owner is not alive.

    No *alive_owners* say nothing about owners.
    """
    assert found.lease_until is not None
    foreign = bool(alive_owners) and found.lease_owner not in alive_owners
    return foreign or found.lease_until <= now


def column_values(record: Step, names: Iterable[str]) -> dict[str, Any]:
    """Return the fields *names* of *record* as columns hold them."""
    values: dict[str, Any] = {name: getattr(record, name) for name in names}
    for name in values.keys() & {"state", "operation"}:
        values[name] = values[name].value
    for name in values.keys() & _LISTS:
        values[name] = from_list(values[name])
    return values
