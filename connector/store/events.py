"""The append-only log of events. Triggers refuse to change or delete what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select

from connector.ports.store_records import Event, EventKind, NewEvent
from connector.store.codec import from_detail, to_event
from connector.store.database import Database
from connector.store.prepared import Prepared
from connector.store.schema import event

_APPEND: Final = Prepared(
    insert(event), ("at", "kind", "flow_id", "step_id", "category", "document", "detail")
)
_OF_FLOW: Final = select(event).where(event.c.flow_id == bindparam("flow_id")).order_by(event.c.id)
_SINCE: Final = select(event).where(event.c.id > bindparam("after")).order_by(event.c.id)


def append(connection: Connection, events: Sequence[NewEvent], now: datetime) -> None:
    """Append *events* within the caller's transaction."""
    _APPEND.run_all(connection, [_row(new, now) for new in events])


def _row(new: NewEvent, now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "kind": new.kind.value,
        "flow_id": new.flow_id,
        "step_id": new.step_id,
        "category": new.category.value if new.category else "",
        "document": new.document,
        "detail": from_detail(new.detail),
    }


class SqlEvents:
    """Implements :class:`connector.ports.store.Events`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, events: Sequence[NewEvent], *, now: datetime) -> None:
        self._database.write(lambda connection: append(connection, events, now))

    def of_flow(self, flow_id: int) -> tuple[Event, ...]:
        return self._database.read(
            lambda connection: tuple(
                map(to_event, connection.execute(_OF_FLOW, {"flow_id": flow_id}))
            )
        )

    def since(
        self, event_id: int, *, kinds: Sequence[EventKind] = (), limit: int = 1000
    ) -> tuple[Event, ...]:
        query = _SINCE.limit(limit)
        if kinds:
            query = query.where(event.c.kind.in_([kind.value for kind in kinds]))
        return self._database.read(
            lambda connection: tuple(map(to_event, connection.execute(query, {"after": event_id})))
        )
