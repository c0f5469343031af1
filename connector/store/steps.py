"""The step state machine on the table: each move is one compare-and-set on fence and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from connector.errors import LeaseLostError
from connector.ports.step_state import (
    CLAIMABLE,
    FINAL,
    OCCUPYING,
    Operation,
    StepState,
    require_path,
)
from connector.ports.store_records import (
    FlowChange,
    NewEvent,
    NewHold,
    Step,
    StepChange,
    Unchanged,
)
from connector.store import events as event_log
from connector.store.codec import from_list, text_hash, to_step
from connector.store.database import Database
from connector.store.flow_change import change_flow
from connector.store.holds import open_hold
from connector.store.schema import flow, step

_MUTABLE: Final = (
    "state", "fence", "attempt", "order_version", "lease_owner", "lease_until", "due_at",
    "reference", "payload", "payload_hash", "known_before", "provisional_numbers", "numbers",
    "last_error", "absent_look_ups", "doubt_since", "looked_at", "finished_at",
)  # fmt: skip

_FIND: Final = select(step).where(
    step.c.flow_id == bindparam("flow_id"),
    step.c.operation == bindparam("operation"),
    step.c.sequence_key == bindparam("sequence_key"),
)
_GET: Final = select(step).where(step.c.id == bindparam("step_id"))
_INSERT: Final = insert(step)
_CURRENT_VERSION: Final = select(flow.c.version).where(flow.c.id == bindparam("flow_id"))
#: The compare-and-set: somebody who has lost the step changes nothing.
_SET: Final = (
    update(step)
    .where(
        step.c.id == bindparam("step_id"),
        step.c.fence == bindparam("old_fence"),
        step.c.state == bindparam("old_state"),
    )
    .values({name: bindparam(f"new_{name}") for name in _MUTABLE})
)
_LEASED: Final = select(step).where(step.c.lease_until.is_not(None)).order_by(step.c.id)
_IN_DOUBT: Final = (
    select(step)
    .where(
        step.c.state == StepState.IN_DOUBT.value,
        step.c.lease_until.is_(None),
        or_(step.c.due_at.is_(None), step.c.due_at <= bindparam("now")),
    )
    .order_by(step.c.id)
)


def _values(record: Step) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(record, name) for name in _MUTABLE}
    values["state"] = record.state.value
    for name in ("known_before", "provisional_numbers", "numbers"):
        values[name] = from_list(values[name])
    return values


def _write(connection: Connection, old: Step, new: Step) -> None:
    values = {f"new_{name}": value for name, value in _values(new).items()}
    values |= {"step_id": old.id, "old_fence": old.fence, "old_state": old.state.value}
    if connection.execute(_SET, values).rowcount != 1:
        raise LeaseLostError(f"step {old.id} ({old.operation}) was taken over by another worker")


def _changed(record: Step, target: StepState, change: StepChange, now: datetime) -> Step:
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


_NULLABLE: Final = frozenset({"due_at", "doubt_since", "looked_at"})


class SqlSteps:
    """Implements :class:`connector.ports.store.Steps`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        flow_id: int,
        operation: Operation,
        sequence_key: str,
        *,
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> Step | None:
        key = {"flow_id": flow_id, "operation": operation.value, "sequence_key": sequence_key}

        def work(connection: Connection) -> Step | None:
            row = connection.execute(_FIND, key).one_or_none()
            try:
                # The unique index decides between two workers; its refusal must not end the
                # transaction that others may share.
                with connection.begin_nested():
                    if row is None:
                        return self._insert(connection, key, owner, now, lease_until)
                    return self._claim_existing(connection, to_step(row), owner, now, lease_until)
            except IntegrityError:
                return None

        return self._database.write(work)

    def _insert(
        self,
        connection: Connection,
        key: dict[str, Any],
        owner: str,
        now: datetime,
        lease_until: datetime,
    ) -> Step:
        require_path(StepState.READY, (StepState.CLAIMED,))
        version = connection.execute(_CURRENT_VERSION, {"flow_id": key["flow_id"]}).scalar_one()
        fresh = Step(
            id=0,
            flow_id=key["flow_id"],
            operation=Operation(key["operation"]),
            sequence_key=key["sequence_key"],
            state=StepState.CLAIMED,
            fence=1,
            attempt=1,
            order_version=version,
            created_at=now,
            lease_owner=owner,
            lease_until=lease_until,
        )
        inserted = connection.execute(_INSERT, {**key, "created_at": now, **_values(fresh)})
        assert inserted.inserted_primary_key is not None
        return replace(fresh, id=inserted.inserted_primary_key[0])

    def _claim_existing(
        self, connection: Connection, found: Step, owner: str, now: datetime, lease_until: datetime
    ) -> Step | None:
        if found.state not in CLAIMABLE or (found.due_at is not None and found.due_at > now):
            return None
        claimed = replace(
            found,
            state=require_path(found.state, (StepState.CLAIMED,)),
            fence=found.fence + 1,
            attempt=found.attempt + 1,
            lease_owner=owner,
            lease_until=lease_until,
            due_at=None,
            provisional_numbers=(),
            absent_look_ups=0,
            doubt_since=None,
            looked_at=None,
        )
        _write(connection, found, claimed)
        return claimed

    def take_over(
        self, old: Step, *, owner: str, now: datetime, lease_until: datetime
    ) -> Step | None:
        taken = replace(old, fence=old.fence + 1, lease_owner=owner, lease_until=lease_until)
        try:
            self._database.write(lambda connection: _write(connection, old, taken))
        except LeaseLostError:
            return None
        return taken

    def move(
        self,
        old: Step,
        path: Sequence[StepState],
        change: StepChange = StepChange(),
        *,
        now: datetime,
        flow: FlowChange | None = None,
        events: Sequence[NewEvent] = (),
        hold: NewHold | None = None,
    ) -> Step:
        moved = _changed(old, require_path(old.state, path), change, now)

        def work(connection: Connection) -> None:
            _write(connection, old, moved)
            if flow is not None:
                change_flow(connection, old.flow_id, flow, now)
            if hold is not None:
                open_hold(connection, old.flow_id, hold, now)
            event_log.append(connection, events, now)

        self._database.write(work)
        return moved

    def expired(self, now: datetime, alive_owners: Sequence[str] = ()) -> tuple[Step, ...]:
        alone = self._database.is_only_writer

        def is_gone(candidate: Step) -> bool:
            assert candidate.lease_until is not None
            foreign = alone and bool(alive_owners) and candidate.lease_owner not in alive_owners
            return foreign or candidate.lease_until <= now

        def work(connection: Connection) -> tuple[Step, ...]:
            return tuple(filter(is_gone, map(to_step, connection.execute(_LEASED))))

        return self._database.read(work)

    def in_doubt(self, now: datetime, limit: int = 1000) -> tuple[Step, ...]:
        return self._database.read(
            lambda connection: tuple(
                map(to_step, connection.execute(_IN_DOUBT.limit(limit), {"now": now}))
            )
        )

    def get(self, step_id: int) -> Step:
        row = self._database.read(
            lambda connection: connection.execute(_GET, {"step_id": step_id}).one_or_none()
        )
        if row is None:
            raise KeyError(step_id)
        return to_step(row)
