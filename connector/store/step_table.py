"""
The step state machine on a table: each move is one compare-and-set on fence and state.

Steps of flows and steps of bank lines lie in tables of their own with the same columns. What they
belong to differs, and what a move means for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, bindparam, or_, select, update
from sqlalchemy.exc import IntegrityError

from connector.errors import LeaseLostError
from connector.ports.step_state import Operation, StepState, require_path
from connector.ports.store_records import FlowChange, NewEvent, NewHold, Step, StepChange
from connector.store import events as event_log
from connector.store.codec import to_step
from connector.store.database import Database
from connector.store.prepared import Prepared
from connector.store.step_states import (
    Lease,
    StepKey,
    changed_step,
    claimed_again,
    column_values,
    first_claim,
    is_lease_gone,
    requested,
    taken_over,
)

KEY: Final = ("flow_id", "operation", "sequence_key")
#: Columns that a move may change, in their order.
MUTABLE: Final = (
    "state", "fence", "attempt", "order_version", "lease_owner", "lease_until", "due_at",
    "reference", "payload", "payload_hash", "known_before", "provisional_numbers", "numbers",
    "last_error", "absent_look_ups", "doubt_since", "looked_at", "finished_at",
)  # fmt: skip


@cache
def _set(table: Table, names: tuple[str, ...]) -> Prepared:
    """
    Return the compare-and-set of the columns *names*: who has lost the step changes nothing.

    A column that is not named costs its index nothing, and there are few combinations.
    """
    return Prepared(
        update(table)
        .where(
            table.c.id == bindparam("step_id"),
            table.c.fence == bindparam("old_fence"),
            table.c.state == bindparam("old_state"),
        )
        .values({name: bindparam(f"new_{name}") for name in names})
    )


class StepTable(ABC):
    """Implements :class:`connector.ports.store.Steps`, but for what steps belong to."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database, self._table = database, table
        self._get = select(table).where(table.c.id == bindparam("step_id"))
        self._find = select(table).where(*(table.c[name] == bindparam(name) for name in KEY))
        # All states are named, so that the index on them is used and not the whole table read.
        self._leased = (
            select(table)
            .where(
                table.c.state.in_([state.value for state in StepState]),
                table.c.lease_until.is_not(None),
            )
            .order_by(table.c.id)
        )
        self._in_doubt = (
            select(table)
            .where(
                table.c.state == StepState.IN_DOUBT.value,
                table.c.lease_until.is_(None),
                or_(table.c.due_at.is_(None), table.c.due_at <= bindparam("now")),
            )
            .order_by(table.c.id)
        )

    @abstractmethod
    def _insert(self, connection: Connection, fresh: Step) -> Step | None:
        """Insert *fresh*; return it with its id, None where a unique index stands against it."""

    @abstractmethod
    def _note_request(self, connection: Connection, asked: Step, now: datetime) -> None:
        """Write what else there is to a step that a person asked for."""

    @abstractmethod
    def _note_move(
        self,
        connection: Connection,
        moved: Step,
        flow: FlowChange | None,
        hold: NewHold | None,
        now: datetime,
    ) -> None:
        """Write what a move means for what the step belongs to."""

    def _event(self, event: NewEvent) -> NewEvent:
        """Return *event* as it is kept."""
        return event

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
        lease = Lease(owner, now, lease_until)
        fresh = first_claim(StepKey(flow_id, operation, sequence_key), lease)

        def work(connection: Connection) -> Step | None:
            return self._insert(connection, fresh) or self._claim_again(connection, fresh, lease)

        return self._database.write(work)

    def _claim_again(self, connection: Connection, fresh: Step, lease: Lease) -> Step | None:
        row = connection.execute(self._find, column_values(fresh, KEY)).one_or_none()
        if row is None:
            # Another step of the flow is claimed.
            return None
        found = to_step(row)
        claimed = claimed_again(found, lease)
        if claimed is None:
            return None
        try:
            # The unique index and the fence decide between two workers; their refusal must not
            # end the transaction that others may share.
            with connection.begin_nested():
                self._write(connection, found, claimed)
        except (IntegrityError, LeaseLostError):
            return None
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
        asked = requested(StepKey(flow_id, operation, sequence_key), payload, now)

        def work(connection: Connection) -> bool:
            if self._insert(connection, asked) is None:
                return False
            self._note_request(connection, asked, now)
            event_log.append(connection, [self._event(event) for event in events], now)
            return True

        return self._database.write(work)

    def take_over(
        self, old: Step, *, owner: str, now: datetime, lease_until: datetime
    ) -> Step | None:
        taken = taken_over(old, Lease(owner, now, lease_until))
        try:
            self._database.write(lambda connection: self._write(connection, old, taken))
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
            self._write(connection, old, moved)
            self._note_move(connection, moved, flow, hold, now)
            event_log.append(connection, [self._event(event) for event in events], now)

        self._database.write(work)
        return moved

    def expired(self, now: datetime, alive_owners: Sequence[str] = ()) -> tuple[Step, ...]:
        # Beside other writers, the owners of this process say nothing about theirs.
        alive = frozenset(alive_owners if self._database.is_only_writer else ())
        return tuple(
            found for found in self._read(self._leased) if is_lease_gone(found, now, alive)
        )

    def in_doubt(self, now: datetime, limit: int = 1000) -> tuple[Step, ...]:
        return self._read(self._in_doubt.limit(limit), now=now)

    def get(self, step_id: int) -> Step:
        found = self._read(self._get, step_id=step_id)
        if not found:
            raise KeyError(step_id)
        return found[0]

    def _read(self, query: Select[Any], **values: object) -> tuple[Step, ...]:
        return self._database.read(
            lambda connection: tuple(map(to_step, connection.execute(query, values)))
        )

    def _write(self, connection: Connection, old: Step, new: Step) -> None:
        # The state is always named: a move that changes nothing else is checked all the same.
        names = tuple(
            name for name in MUTABLE if name == "state" or getattr(old, name) != getattr(new, name)
        )
        values = {f"new_{name}": value for name, value in column_values(new, names).items()}
        values |= {"step_id": old.id, "old_fence": old.fence, "old_state": old.state.value}
        if _set(self._table, names).run(connection, values).rowcount != 1:
            raise LeaseLostError(
                f"step {old.id} ({old.operation}) was taken over by another worker"
            )
