"""
The steps that post bank lines: the state machine of :mod:`connector.store.steps` on its own table.

A step belongs to the record of a line instead of a flow, and what it comes to stands in the record
in the same transaction. There is one step per record, by a unique column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, or_, select, update

from connector.errors import LeaseLostError
from connector.ports.statement_payments import PaymentState
from connector.ports.step_state import CLAIMABLE, Operation, StepState, require_path
from connector.ports.store_records import FlowChange, NewEvent, NewHold, Step, StepChange
from connector.store import events as event_log
from connector.store.codec import from_list, to_step
from connector.store.database import Database
from connector.store.schema import statement_payment as payment
from connector.store.schema import statement_payment_step as step
from connector.store.steps import changed_step
from connector.store.upsert import insert_or_ignore

_LISTS: Final = frozenset({"known_before", "provisional_numbers", "numbers"})
_FIXED: Final = frozenset({"id", "flow_id", "operation", "sequence_key", "created_at"})


class SqlPaymentSteps:
    """Implements :class:`connector.ports.store.Steps` for the records of lines."""

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
        fresh = Step(
            id=0,
            flow_id=flow_id,
            operation=operation,
            sequence_key=sequence_key,
            state=StepState.CLAIMED,
            fence=1,
            attempt=1,
            order_version=0,
            created_at=now,
            lease_owner=owner,
            lease_until=lease_until,
        )

        def work(connection: Connection) -> Step | None:
            made = connection.execute(
                insert_or_ignore(connection, step).values(_row(fresh)).returning(step.c.id)
            ).scalar()
            if made is not None:
                return replace(fresh, id=made)
            found = to_step(connection.execute(select(step).where(step.c.flow_id == flow_id)).one())
            is_due = found.due_at is None or found.due_at <= now
            if found.state not in CLAIMABLE or not is_due:
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
            return claimed if _write(connection, found, claimed) else None

        return self._database.write(work)

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
        )

        def work(connection: Connection) -> bool:
            made = connection.execute(
                insert_or_ignore(connection, step).values(_row(asked)).returning(step.c.id)
            ).scalar()
            if made is not None:
                event_log.append(connection, list(map(_of_record, events)), now)
            return made is not None

        return self._database.write(work)

    def take_over(
        self, old: Step, *, owner: str, now: datetime, lease_until: datetime
    ) -> Step | None:
        taken = replace(old, fence=old.fence + 1, lease_owner=owner, lease_until=lease_until)
        written = self._database.write(lambda connection: _write(connection, old, taken))
        return taken if written else None

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
        del flow  # what it would say of a flow stands in the step itself
        moved = changed_step(old, require_path(old.state, path), change, now)

        def work(connection: Connection) -> None:
            if not _write(connection, old, moved):
                raise LeaseLostError(f"step {old.id} (payment) was taken over by another worker")
            result = _result(moved, hold)
            if result:
                connection.execute(
                    update(payment).where(payment.c.id == old.flow_id).values(result)
                )
            event_log.append(connection, list(map(_of_record, events)), now)

        self._database.write(work)
        return moved

    def expired(self, now: datetime, alive_owners: Sequence[str] = ()) -> tuple[Step, ...]:
        alone = self._database.is_only_writer

        def is_gone(found: Step) -> bool:
            assert found.lease_until is not None
            foreign = alone and bool(alive_owners) and found.lease_owner not in alive_owners
            return foreign or found.lease_until <= now

        query = select(step).where(step.c.lease_until.is_not(None)).order_by(step.c.id)
        return self._read(
            lambda connection: filter(is_gone, map(to_step, connection.execute(query)))
        )

    def in_doubt(self, now: datetime, limit: int = 1000) -> tuple[Step, ...]:
        query = (
            select(step)
            .where(
                step.c.state == StepState.IN_DOUBT.value,
                step.c.lease_until.is_(None),
                or_(step.c.due_at.is_(None), step.c.due_at <= now),
            )
            .order_by(step.c.id)
            .limit(limit)
        )
        return self._read(lambda connection: map(to_step, connection.execute(query)))

    def get(self, step_id: int) -> Step:
        found = self._read(
            lambda connection: map(
                to_step, connection.execute(select(step).where(step.c.id == step_id))
            )
        )
        if not found:
            raise KeyError(step_id)
        return found[0]

    def of_payment(self, payment_id: int) -> Step | None:
        """Return the step of a record, None while it has none."""
        found = self._read(
            lambda connection: map(
                to_step, connection.execute(select(step).where(step.c.flow_id == payment_id))
            )
        )
        return found[0] if found else None

    def _read(self, query: Callable[[Connection], Any]) -> tuple[Step, ...]:
        return self._database.read(lambda connection: tuple(query(connection)))


def _result(moved: Step, hold: NewHold | None) -> dict[str, Any]:
    """What a move means for the record of the line."""
    if moved.state is StepState.DONE:
        return {"state": PaymentState.POSTED.value, "document": moved.numbers[0], "reason": ""}
    if hold is not None:
        return {"state": PaymentState.HELD.value, "reason": hold.message}
    return {}


def _row(record: Step) -> dict[str, Any]:
    values = {
        column.name: getattr(record, column.name) for column in step.columns if column.name != "id"
    }
    values["state"], values["operation"] = record.state.value, record.operation.value
    return values | {name: from_list(values[name]) for name in _LISTS}


def _write(connection: Connection, old: Step, new: Step) -> bool:
    """Compare and set: who has lost the step changes nothing."""
    values = {name: value for name, value in _row(new).items() if name not in _FIXED}
    done = connection.execute(
        update(step)
        .where(step.c.id == old.id, step.c.fence == old.fence, step.c.state == old.state.value)
        .values(values)
    )
    return done.rowcount == 1


def _of_record(event: NewEvent) -> NewEvent:
    """An event of a step here names the record of the line; flow and step are others' numbers."""
    detail = {**event.detail, "payment": str(event.flow_id)}
    return replace(event, flow_id=None, step_id=None, detail=detail)
