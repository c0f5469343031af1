"""Holds: why a flow stands still, and who let it go on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from connector.ports.store_records import EventKind, FlowChange, Hold, NewEvent, NewHold
from connector.store import events as event_log
from connector.store.codec import to_hold
from connector.store.database import Database
from connector.store.flow_change import change_flow
from connector.store.schema import hold

_OPEN: Final = (
    select(hold)
    .where(hold.c.flow_id == bindparam("flow_id"), hold.c.released_at.is_(None))
    .order_by(hold.c.id)
)
_OF_FLOW: Final = select(hold).where(hold.c.flow_id == bindparam("flow_id")).order_by(hold.c.id)
_INSERT: Final = insert(hold)
_RELEASE: Final = (
    update(hold)
    .where(hold.c.id == bindparam("hold_id"))
    .values(
        released_at=bindparam("at"),
        released_by=bindparam("who"),
        comment=bindparam("because"),
        accepted=bindparam("as_it_is"),
    )
)


def open_hold(connection: Connection, flow_id: int, new: NewHold, now: datetime) -> None:
    """Open *new* within the caller's transaction, with its event, unless it is open already."""
    for row in connection.execute(_OPEN, {"flow_id": flow_id}):
        if (row.reason, row.message) == (new.reason, new.message):
            return
    connection.execute(
        _INSERT,
        {
            "flow_id": flow_id,
            "step_id": new.step_id,
            "reason": new.reason,
            "message": new.message,
            "heals": new.heals,
            "opened_at": now,
            "released_by": "",
            "comment": "",
            "accepted": False,
        },
    )
    opened = NewEvent(
        EventKind.HOLD_OPENED,
        flow_id,
        new.step_id,
        detail={"reason": new.reason, "message": new.message},
    )
    event_log.append(connection, [opened], now)


def release_holds(
    connection: Connection,
    flow_id: int,
    now: datetime,
    by: str,
    comment: str,
    *,
    accepted: bool = False,
    only_healing: bool = False,
) -> tuple[Hold, ...]:
    """Release open holds within the caller's transaction, with their events."""
    found = [to_hold(row) for row in connection.execute(_OPEN, {"flow_id": flow_id})]
    released = [item for item in found if item.heals or not only_healing]
    for item in released:
        connection.execute(
            _RELEASE,
            {
                "hold_id": item.id,
                "at": now,
                "who": by,
                "because": comment,
                "as_it_is": accepted,
            },
        )
    event_log.append(
        connection,
        [
            NewEvent(
                EventKind.HOLD_RELEASED,
                flow_id,
                item.step_id,
                detail={"reason": item.reason, "by": by, "comment": comment},
            )
            for item in released
        ],
        now,
    )
    return tuple(released)


class SqlHolds:
    """Implements :class:`connector.ports.store.Holds`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(
        self, flow_id: int, new: NewHold, *, now: datetime, events: Sequence[NewEvent] = ()
    ) -> None:
        def work(connection: Connection) -> None:
            open_hold(connection, flow_id, new, now)
            event_log.append(connection, events, now)

        self._database.write(work)

    def release(
        self,
        flow_id: int,
        *,
        now: datetime,
        by: str,
        comment: str,
        accepted: bool,
        flow: FlowChange | None = None,
        events: Sequence[NewEvent] = (),
    ) -> tuple[Hold, ...]:
        def work(connection: Connection) -> tuple[Hold, ...]:
            released = release_holds(connection, flow_id, now, by, comment, accepted=accepted)
            change_flow(connection, flow_id, flow or FlowChange(due_at=now), now, wakes=True)
            event_log.append(connection, events, now)
            return released

        return self._database.write(work)

    def of_flow(self, flow_id: int) -> tuple[Hold, ...]:
        return self._database.read(
            lambda connection: tuple(
                map(to_hold, connection.execute(_OF_FLOW, {"flow_id": flow_id}))
            )
        )
