"""
The steps that post bank lines.

A step belongs to the record of a line instead of a flow, and what it comes to stands in the record
in the same transaction. There is one step per record, by a unique column.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update

from connector.ports.statement_payments import PaymentState
from connector.ports.step_state import StepState
from connector.ports.store_records import FlowChange, NewEvent, NewHold, Step
from connector.store.database import Database
from connector.store.schema import statement_payment as payment_table
from connector.store.schema import statement_payment_step as step_table
from connector.store.step_states import column_values
from connector.store.step_table import StepTable
from connector.store.upsert import insert_or_ignore

_GIVEN: Final = tuple(column.name for column in step_table.columns if column.name != "id")
_OF_PAYMENT: Final = select(step_table).where(step_table.c.flow_id == bindparam("payment_id"))


class SqlPaymentSteps(StepTable):
    """Implements :class:`connector.ports.store.Steps` for the records of lines."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, step_table)

    def of_payment(self, payment_id: int) -> Step | None:
        """Return the step of a record, None while it has none."""
        return next(iter(self._read(_OF_PAYMENT, payment_id=payment_id)), None)

    def _insert(self, connection: Connection, fresh: Step) -> Step | None:
        values = column_values(fresh, _GIVEN)
        made = connection.execute(
            insert_or_ignore(connection, step_table).values(values).returning(step_table.c.id)
        ).scalar()
        return None if made is None else replace(fresh, id=made)

    def _note_request(self, connection: Connection, asked: Step, now: datetime) -> None:
        """A request changes nothing of the record: it says already what is to be posted."""

    def _note_move(
        self,
        connection: Connection,
        moved: Step,
        flow: FlowChange | None,
        hold: NewHold | None,
        now: datetime,
    ) -> None:
        # What *flow* would say of a flow stands in the step itself.
        result = _result(moved, hold)
        if result:
            connection.execute(
                update(payment_table).where(payment_table.c.id == moved.flow_id).values(result)
            )

    def _event(self, event: NewEvent) -> NewEvent:
        """Return *event* naming the record of the line; flow and step are others' numbers."""
        detail = {**event.detail, "payment": str(event.flow_id)}
        return replace(event, flow_id=None, step_id=None, detail=detail)


def _result(moved: Step, hold: NewHold | None) -> dict[str, Any]:
    """What a move means for the record of the line."""
    if moved.state is StepState.DONE:
        return {"state": PaymentState.POSTED.value, "document": moved.numbers[0], "reason": ""}
    if hold is not None:
        return {"state": PaymentState.HELD.value, "reason": hold.message}
    return {}
