"""The steps of flows: one step of a flow is claimed at a time, by a unique index."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import Connection, bindparam, select

from connector.ports.store_records import FlowChange, NewHold, Step
from connector.store.database import Database
from connector.store.flow_change import change_flow
from connector.store.holds import open_hold
from connector.store.prepared import Prepared
from connector.store.schema import flow as flow_table
from connector.store.schema import step as step_table
from connector.store.step_states import column_values
from connector.store.step_table import KEY, MUTABLE, StepTable
from connector.store.upsert import ignoring

#: What a new step is given; its order version is the flow's.
_GIVEN: Final = (*KEY, "created_at", *(name for name in MUTABLE if name != "order_version"))

_CURRENT_VERSION: Final = (
    select(flow_table.c.version).where(flow_table.c.id == bindparam("of_flow")).scalar_subquery()
)


@cache
def _statement(dialect: str) -> Prepared:
    """Return the INSERT of a step that does nothing where a unique index stands against it."""
    return Prepared(
        ignoring(dialect, step_table)
        .values(order_version=_CURRENT_VERSION)
        .returning(step_table.c.id, step_table.c.order_version),
        _GIVEN,
    )


class SqlSteps(StepTable):
    """Implements :class:`connector.ports.store.Steps` for flows."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, step_table)

    def _insert(self, connection: Connection, fresh: Step) -> Step | None:
        values = {"of_flow": fresh.flow_id, **column_values(fresh, _GIVEN)}
        made = _statement(connection.dialect.name).run(connection, values).one_or_none()
        if made is None:
            return None
        return replace(fresh, id=made.id, order_version=made.order_version)

    def _note_request(self, connection: Connection, asked: Step, now: datetime) -> None:
        change = FlowChange(due_at=now, reopen=True)
        change_flow(connection, asked.flow_id, change, now, wakes=True)

    def _note_move(
        self,
        connection: Connection,
        moved: Step,
        flow: FlowChange | None,
        hold: NewHold | None,
        now: datetime,
    ) -> None:
        if flow is not None:
            change_flow(connection, moved.flow_id, flow, now)
        if hold is not None:
            open_hold(connection, moved.flow_id, hold, now)
