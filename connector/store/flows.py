"""Finding flows: what is due, what is listed, and whose number that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, exists, func, select, union

from connector.ports.order_records import OrderRecord
from connector.ports.step_state import Operation
from connector.ports.store_records import FlowChange, FlowView, NewEvent
from connector.sd_documents.payment_state import RECEIPTS
from connector.sd_documents.values import pad_number
from connector.store import events as event_log
from connector.store.database import Database
from connector.store.flow_change import change_flow
from connector.store.order_fingerprints import read_fingerprints
from connector.store.order_records import read_records
from connector.store.schema import flow, flow_document, hold, step
from connector.store.views import read_views

_IS_HELD: Final = exists().where(hold.c.flow_id == flow.c.id, hold.c.released_at.is_(None))
_DUE: Final = (
    select(flow.c.id)
    .where(
        flow.c.closed_at.is_(None),
        flow.c.due_at <= bindparam("now"),
        flow.c.id > bindparam("after"),
        ~_IS_HELD,
    )
    .order_by(flow.c.id)
    .limit(bindparam("most"))
)
_NEXT_DUE: Final = (
    select(flow.c.due_at)
    .where(flow.c.closed_at.is_(None), flow.c.due_at.is_not(None), ~_IS_HELD)
    .order_by(flow.c.due_at)
    .limit(1)
)
_FIND: Final = union(
    select(flow.c.id).where(flow.c.external_id == bindparam("text")),
    select(flow.c.id).where(flow.c.order_name.in_(bindparam("names", expanding=True))),
    select(flow.c.id).where(flow.c.reference == bindparam("text")),
    select(flow_document.c.flow_id).where(flow_document.c.number == bindparam("padded")),
    select(flow_document.c.flow_id).where(
        flow_document.c.number == bindparam("part"), flow_document.c.document == bindparam("text")
    ),
    # Of other steps the key is only a running number, which nearly every order has.
    select(step.c.flow_id).where(
        step.c.sequence_key == bindparam("text"),
        step.c.operation == Operation.POST_PAYMENT.value,
    ),
    select(step.c.flow_id).where(step.c.reference == bindparam("text")),
)


class SqlFlows:
    """Implements :class:`connector.ports.store.Flows`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: FI document types of receipts, by which views tell how far invoices are paid.
        self.receipt_types = RECEIPTS

    def due(self, now: datetime, limit: int, after_id: int = 0) -> tuple[int, ...]:
        values = {"now": now, "after": after_id, "most": limit}
        return self._database.read(
            lambda connection: tuple(connection.execute(_DUE, values).scalars())
        )

    def views(self, flow_ids: Sequence[int]) -> tuple[FlowView, ...]:
        return self._database.read(
            lambda connection: read_views(connection, flow_ids, self.receipt_types)
        )

    def records(self, flow_ids: Sequence[int]) -> tuple[OrderRecord, ...]:
        """Return the records of *flow_ids*, ascending; unknown ids are left out."""
        return self._database.read(lambda connection: read_records(connection, flow_ids))

    def fingerprints(self, flow_ids: Sequence[int]) -> tuple[tuple[int, bytes], ...]:
        """Return the fingerprints of the flows from the first to the last of *flow_ids*."""
        return self._database.read(lambda connection: read_fingerprints(connection, flow_ids))

    def ids(
        self,
        *,
        channel: str | None = None,
        held: bool | None = None,
        open_only: bool = False,
        after_id: int = 0,
        limit: int = 500,
        newest_first: bool = False,
    ) -> tuple[int, ...]:
        query: Select[Any] = select(flow.c.id).limit(limit)
        if newest_first:
            query = query.order_by(flow.c.id.desc())
            query = query.where(flow.c.id < after_id) if after_id else query
        else:
            query = query.order_by(flow.c.id).where(flow.c.id > after_id)
        if channel is not None:
            query = query.where(flow.c.channel == channel)
        if held is not None:
            query = query.where(_IS_HELD if held else ~_IS_HELD)
        if open_only:
            query = query.where(flow.c.closed_at.is_(None))
        return self._database.read(lambda connection: tuple(connection.execute(query).scalars()))

    def find(self, number: str) -> tuple[int, ...]:
        text = number.strip()
        values = {
            "text": text,
            # People leave out the # of a web shop's order name, and so do shells.
            "names": [text, f"#{text}"],
            "padded": pad_number(text),
            # Of 1000/1400000001/2026 the middle, which the index is on.
            "part": text.split("/")[1] if "/" in text else text,
        }
        return self._database.read(
            lambda connection: tuple(sorted(connection.execute(_FIND, values).scalars()))
        )

    def change(
        self, flow_id: int, change: FlowChange, *, now: datetime, events: Sequence[NewEvent] = ()
    ) -> None:
        def work(connection: Connection) -> None:
            change_flow(connection, flow_id, change, now)
            event_log.append(connection, events, now)

        self._database.write(work)

    def next_due_at(self) -> datetime | None:
        return self._database.read(lambda connection: connection.execute(_NEXT_DUE).scalar())

    def count(self) -> Mapping[str, int]:
        def work(connection: Connection) -> Mapping[str, int]:
            def number(*conditions: Any) -> int:
                return connection.execute(
                    select(func.count()).select_from(flow).where(*conditions)
                ).scalar_one()

            is_open = flow.c.closed_at.is_(None)
            return {
                "open": number(is_open, ~_IS_HELD),
                "held": number(is_open, _IS_HELD),
                "completed": number(~is_open, flow.c.cancelled.is_(False)),
                "cancelled": number(flow.c.cancelled.is_(True)),
            }

        return self._database.read(work)
