"""The step state machine on the table: each move is one compare-and-set on fence and state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, or_, select, update
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
from connector.store.prepared import Prepared
from connector.store.schema import flow, step
from connector.store.upsert import ignoring

_MUTABLE: Final = (
    "state", "fence", "attempt", "order_version", "lease_owner", "lease_until", "due_at",
    "reference", "payload", "payload_hash", "known_before", "provisional_numbers", "numbers",
    "last_error", "absent_look_ups", "doubt_since", "looked_at", "finished_at",
)  # fmt: skip
#: What a new step is given; its order version is the flow's.
_GIVEN: Final = tuple(name for name in _MUTABLE if name != "order_version")
_LISTS: Final = frozenset({"known_before", "provisional_numbers", "numbers"})

_FIND: Final = select(step).where(
    step.c.flow_id == bindparam("flow_id"),
    step.c.operation == bindparam("operation"),
    step.c.sequence_key == bindparam("sequence_key"),
)
_GET: Final = select(step).where(step.c.id == bindparam("step_id"))
_CURRENT_VERSION: Final = (
    select(flow.c.version).where(flow.c.id == bindparam("of_flow")).scalar_subquery()
)
# All states are named, so that the index on them is used and not the whole table read.
_LEASED: Final = (
    select(step)
    .where(step.c.state.in_([state.value for state in StepState]), step.c.lease_until.is_not(None))
    .order_by(step.c.id)
)
_IN_DOUBT: Final = (
    select(step)
    .where(
        step.c.state == StepState.IN_DOUBT.value,
        step.c.lease_until.is_(None),
        or_(step.c.due_at.is_(None), step.c.due_at <= bindparam("now")),
    )
    .order_by(step.c.id)
)


@cache
def _set(names: tuple[str, ...]) -> Prepared:
    """
    Return the compare-and-set of the columns *names*: who has lost the step changes nothing.

    A column that is not named costs its index nothing, and there are few combinations.
    """
    return Prepared(
        update(step)
        .where(
            step.c.id == bindparam("step_id"),
            step.c.fence == bindparam("old_fence"),
            step.c.state == bindparam("old_state"),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )


@cache
def _insert(dialect: str) -> Prepared:
    """Return the INSERT of a step that does nothing where a unique index stands against it."""
    return Prepared(
        ignoring(dialect, step)
        .values(order_version=_CURRENT_VERSION)
        .returning(step.c.id, step.c.order_version),
        ("flow_id", "operation", "sequence_key", "created_at", *_GIVEN),
    )


def _values(record: Step, names: Iterable[str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(record, name) for name in names}
    if "state" in values:
        values["state"] = record.state.value
    for name in _LISTS & values.keys():
        values[name] = from_list(values[name])
    return values


def _write(connection: Connection, old: Step, new: Step) -> None:
    # The state is always named: a move that changes nothing else is checked all the same.
    names = tuple(
        name for name in _MUTABLE if name == "state" or getattr(old, name) != getattr(new, name)
    )
    values = {f"new_{name}": value for name, value in _values(new, names).items()}
    values |= {"step_id": old.id, "old_fence": old.fence, "old_state": old.state.value}
    if _set(names).run(connection, values).rowcount != 1:
        raise LeaseLostError(f"step {old.id} ({old.operation}) was taken over by another worker")


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
            made = self._insert(connection, key, owner, now, lease_until)
            if made is not None:
                return made
            row = connection.execute(_FIND, key).one_or_none()
            if row is None:
                # Another step of the flow is claimed.
                return None
            try:
                # The unique index decides between two workers; its refusal must not end the
                # transaction that others may share.
                with connection.begin_nested():
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
    ) -> Step | None:
        """Make the step and claim it; None when it exists, or another one is claimed."""
        require_path(StepState.READY, (StepState.CLAIMED,))
        fresh = Step(
            id=0,
            flow_id=key["flow_id"],
            operation=Operation(key["operation"]),
            sequence_key=key["sequence_key"],
            state=StepState.CLAIMED,
            fence=1,
            attempt=1,
            order_version=0,
            created_at=now,
            lease_owner=owner,
            lease_until=lease_until,
        )
        values = {**key, "of_flow": fresh.flow_id, "created_at": now, **_values(fresh, _GIVEN)}
        made = _insert(connection.dialect.name).run(connection, values).one_or_none()
        if made is None:
            return None
        return replace(fresh, id=made.id, order_version=made.order_version)

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

    def request(
        self,
        flow_id: int,
        operation: Operation,
        sequence_key: str,
        payload: str,
        *,
        now: datetime,
        events: Sequence[NewEvent] = (),
    ) -> bool:
        asked = Step(
            id=0,
            flow_id=flow_id,
            operation=operation,
            sequence_key=sequence_key,
            state=StepState.READY,
            fence=0,
            attempt=0,
            order_version=0,
            created_at=now,
            payload=payload,
            payload_hash=text_hash(payload),
        )
        values = {
            "flow_id": flow_id,
            "operation": operation.value,
            "sequence_key": sequence_key,
            "of_flow": flow_id,
            "created_at": now,
            **_values(asked, _GIVEN),
        }

        def work(connection: Connection) -> bool:
            made = _insert(connection.dialect.name).run(connection, values).one_or_none()
            if made is None:
                return False
            change_flow(connection, flow_id, FlowChange(due_at=now, reopen=True), now, wakes=True)
            event_log.append(connection, events, now)
            return True

        return self._database.write(work)

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
        moved = changed_step(old, require_path(old.state, path), change, now)

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
