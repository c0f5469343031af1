"""Intake: messages become flows and order versions, each content once."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, insert, select, update

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.ports.store_records import (
    EventKind,
    NewEvent,
    OrderVersion,
    Received,
    UnreadableMessage,
)
from connector.store import events as event_log
from connector.store.codec import text_hash
from connector.store.database import Database
from connector.store.holds import release_holds
from connector.store.schema import flow, order_version, unreadable_message
from connector.store.upsert import insert_or_ignore

_KNOWN: Final = (
    select(
        flow.c.id,
        flow.c.external_id,
        flow.c.version,
        order_version.c.version.label("number"),
        order_version.c.content_hash,
        order_version.c.changed_at,
    )
    .join(order_version, order_version.c.flow_id == flow.c.id)
    .where(
        flow.c.channel == bindparam("channel"),
        flow.c.external_id.in_(bindparam("external_ids", expanding=True)),
    )
    .order_by(flow.c.id, order_version.c.version)
)
_NEW_FLOWS: Final = insert(flow).returning(flow.c.id, flow.c.external_id)
_NEW_VERSIONS: Final = insert(order_version)
_TAKE_EFFECT: Final = (
    update(flow)
    .where(flow.c.id == bindparam("flow_id"))
    .values(
        version=bindparam("new_version"),
        order_name=bindparam("new_name"),
        due_at=bindparam("now"),
        # What a person has cancelled stays cancelled; the version is kept all the same.
        closed_at=case((flow.c.cancelled, flow.c.closed_at), else_=None),
        wakes=flow.c.wakes + 1,
        # What it changes is compared with the ERP as it is then, not as it was read before.
        writes=case((flow.c.writes > 0, flow.c.writes + 1), else_=flow.c.writes),
    )
)
_VERSIONS: Final = (
    select(order_version)
    .where(order_version.c.flow_id == bindparam("flow_id"))
    .order_by(order_version.c.version)
)
_RAW: Final = select(order_version.c.raw).where(
    order_version.c.flow_id == bindparam("flow_id"), order_version.c.version == bindparam("number")
)
_UNREADABLE: Final = select(unreadable_message).order_by(unreadable_message.c.id.desc())


def order_text(order: ExternalOrder) -> str:
    """
    Return the content of *order* as text, by which it is stored and compared.

    Fields at their default are left out, so that a field which a later version of the connector
    adds does not make every known order look changed.
    """
    return order.model_dump_json(exclude_defaults=True)


@dataclass(slots=True)
class _Known:
    """What the store has of one order, kept up to date while a batch is worked through."""

    flow_id: int | None = None
    current: int = 0
    latest: int = 0
    changed_at: datetime | None = None
    hashes: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Batch:
    """What a batch comes to, before anything is written."""

    versions: list[tuple[InboundOrder, str, str, int]] = field(default_factory=list)
    effective: dict[str, InboundOrder] = field(default_factory=dict)
    outdated: list[tuple[str, int]] = field(default_factory=list)
    new_orders: int = 0
    duplicates: int = 0


def _sort(batch: Sequence[InboundOrder], known: dict[str, _Known]) -> _Batch:
    result = _Batch()
    for message in batch:
        order = message.order
        content = order_text(order)
        content_hash = text_hash(content)
        state = known.setdefault(order.external_id, _Known())
        if content_hash in state.hashes:
            result.duplicates += 1
            continue
        result.new_orders += state.latest == 0
        state.latest += 1
        state.hashes.add(content_hash)
        result.versions.append((message, content, content_hash, state.latest))
        if state.changed_at is not None and order.latest_change < state.changed_at:
            result.outdated.append((order.external_id, state.latest))
            continue
        state.current, state.changed_at = state.latest, order.latest_change
        result.effective[order.external_id] = message
    return result


def _unreadable_row(error: MessageError, channel: str, now: datetime) -> dict[str, Any]:
    key = "\n".join((channel, error.source, error.problem))
    return {
        "channel": channel,
        "source": error.source,
        "problem": error.problem,
        "expected": error.expected,
        "content_hash": text_hash(key),
        "received_at": now,
    }


def _read_known(connection: Connection, channel: str, ids: Sequence[str]) -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    for row in connection.execute(_KNOWN, {"channel": channel, "external_ids": list(ids)}):
        state = known.setdefault(row.external_id, _Known(flow_id=row.id, current=row.version))
        state.latest = row.number
        state.hashes.add(row.content_hash)
        if row.number == row.version:
            state.changed_at = row.changed_at
    return known


def _add_flows(
    connection: Connection, batch: _Batch, known: dict[str, _Known], plan: str, now: datetime
) -> None:
    rows = [
        {
            "channel": message.order.channel,
            "external_id": external_id,
            "order_name": message.order.order_name,
            "plan": plan,
            "version": known[external_id].current,
            "checked_version": 0,
            "writes": 0,
            "mirrored_writes": 0,
            "wakes": 0,
            "created_at": now,
            "due_at": now,
            "cancelled": False,
        }
        for external_id, message in batch.effective.items()
        if known[external_id].flow_id is None
    ]
    if rows:
        for row in connection.execute(_NEW_FLOWS, rows):
            known[row.external_id].flow_id = row.id


def _add_versions(
    connection: Connection, batch: _Batch, known: dict[str, _Known], now: datetime, keep_raw: bool
) -> None:
    rows = [
        {
            "flow_id": known[message.order.external_id].flow_id,
            "version": number,
            "content_hash": content_hash,
            "received_at": now,
            "changed_at": message.order.latest_change,
            "source": message.source,
            "external_order": content,
            "raw": zlib.compress(message.raw.encode(), 6) if keep_raw else None,
        }
        for message, content, content_hash, number in batch.versions
    ]
    if rows:
        connection.execute(_NEW_VERSIONS, rows)


def _let_take_effect(
    connection: Connection, batch: _Batch, known: dict[str, _Known], old: set[str], now: datetime
) -> None:
    for external_id in batch.effective.keys() & old:
        state, message = known[external_id], batch.effective[external_id]
        connection.execute(
            _TAKE_EFFECT,
            {
                "flow_id": state.flow_id,
                "new_version": state.current,
                "new_name": message.order.order_name,
                "now": now,
            },
        )
        assert state.flow_id is not None
        release_holds(
            connection,
            state.flow_id,
            now,
            "connector",
            f"version {state.current} of the order arrived",
            only_healing=True,
        )


def _events(batch: _Batch, known: dict[str, _Known]) -> list[NewEvent]:
    outdated = set(batch.outdated)
    result = []
    for message, _, _, number in batch.versions:
        if (message.order.external_id, number) in outdated:
            kind = EventKind.OUTDATED_VERSION
        else:
            kind = EventKind.ORDER_RECEIVED if number == 1 else EventKind.NEW_VERSION
        detail = {"version": str(number), "source": message.source}
        result.append(NewEvent(kind, known[message.order.external_id].flow_id, detail=detail))
    return result


class SqlOrders:
    """Implements :class:`connector.ports.store.Orders`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def receive(
        self,
        messages: Sequence[InboundOrder | MessageError],
        *,
        channel: str,
        plan: str,
        now: datetime,
        keep_raw: bool = True,
    ) -> Received:
        inbound = [message for message in messages if isinstance(message, InboundOrder)]
        errors = [message for message in messages if isinstance(message, MessageError)]

        def work(connection: Connection) -> Received:
            if errors:
                connection.execute(
                    insert_or_ignore(connection, unreadable_message),
                    [_unreadable_row(error, channel, now) for error in errors],
                )
            ids = sorted({message.order.external_id for message in inbound})
            known = _read_known(connection, channel, ids) if ids else {}
            old = set(known)
            batch = _sort(inbound, known)
            _add_flows(connection, batch, known, plan, now)
            _add_versions(connection, batch, known, now, keep_raw)
            _let_take_effect(connection, batch, known, old, now)
            event_log.append(connection, _events(batch, known), now)
            return Received(
                new_orders=batch.new_orders,
                new_versions=len(batch.versions) - batch.new_orders - len(batch.outdated),
                outdated_versions=len(batch.outdated),
                duplicates=batch.duplicates,
                unreadable=len(errors),
            )

        return self._database.write(work)

    def versions(self, flow_id: int) -> tuple[OrderVersion, ...]:
        def work(connection: Connection) -> tuple[OrderVersion, ...]:
            return tuple(
                OrderVersion(
                    flow_id=row.flow_id,
                    version=row.version,
                    content_hash=row.content_hash,
                    received_at=row.received_at,
                    source=row.source,
                    order=ExternalOrder.model_validate_json(row.external_order),
                )
                for row in connection.execute(_VERSIONS, {"flow_id": flow_id})
            )

        return self._database.read(work)

    def raw(self, flow_id: int, version: int) -> str:
        def work(connection: Connection) -> str:
            found = connection.execute(_RAW, {"flow_id": flow_id, "number": version}).scalar()
            return zlib.decompress(found).decode() if found else ""

        return self._database.read(work)

    def unreadable(self, limit: int = 1000) -> tuple[UnreadableMessage, ...]:
        def work(connection: Connection) -> tuple[UnreadableMessage, ...]:
            return tuple(
                UnreadableMessage(
                    id=row.id,
                    channel=row.channel,
                    source=row.source,
                    problem=row.problem,
                    expected=row.expected,
                    received_at=row.received_at,
                )
                for row in connection.execute(_UNREADABLE.limit(limit))
            )

        return self._database.read(work)
