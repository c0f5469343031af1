"""The mirror: ERP documents of our flows, as they were last read. Only changes are written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select, update

from connector.ports.erp import ChainSnapshot
from connector.ports.store_records import DocumentKey, Flow, MirrorUpdate
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.delivery import Delivery
from connector.sd_documents.sales_document import PostedSalesDocument
from connector.sd_documents.values import DocumentCategory
from connector.store import events as event_log
from connector.store.codec import from_link, text_hash, to_flow
from connector.store.database import Database
from connector.store.flow_change import add_documents
from connector.store.schema import (
    customer_item,
    document,
    flow,
    flow_document,
    flow_link,
    watermark,
)
from connector.store.upsert import insert_or_replace

_WRITES: Final = select(flow.c.id, flow.c.writes, flow.c.mirrored_writes).where(
    flow.c.id.in_(bindparam("ids", expanding=True))
)
_FLOWS: Final = select(flow).where(flow.c.id.in_(bindparam("ids", expanding=True)))
_UNREAD: Final = (
    select(flow.c.id)
    .where(flow.c.writes > flow.c.mirrored_writes, flow.c.id > bindparam("after"))
    .order_by(flow.c.id)
    .limit(bindparam("most"))
)
_FLOWS_OF: Final = (
    select(flow.c.id)
    .join(flow_document, flow_document.c.flow_id == flow.c.id)
    .where(
        # Of a sales document both are the same; the index is on the number.
        flow_document.c.number.in_(bindparam("numbers", expanding=True)),
        flow_document.c.document == flow_document.c.number,
        flow.c.closed_at.is_(None) | (flow.c.read_at < bindparam("since")),
    )
    .distinct()
    .order_by(flow.c.id)
)
# The category is named beside the number: the keys begin with it, and without it the whole table
# would be read.
_HASHES: Final = select(document.c.category, document.c.document, document.c.body_hash).where(
    document.c.category == bindparam("of_category"),
    document.c.document.in_(bindparam("numbers", expanding=True)),
)
_ITEM_HASHES: Final = select(
    customer_item.c.document, customer_item.c.line_item, customer_item.c.body_hash
).where(customer_item.c.document.in_(bindparam("numbers", expanding=True)))
_MEMBERS: Final = select(
    flow_document.c.flow_id, flow_document.c.category, flow_document.c.document
).where(flow_document.c.flow_id.in_(bindparam("ids", expanding=True)))
_LINKS: Final = select(flow_link).where(
    flow_link.c.preceding_category == bindparam("of_category"),
    flow_link.c.preceding_document.in_(bindparam("numbers", expanding=True)),
)
_LINK_KEY: Final = tuple(column.name for column in flow_link.primary_key)
_DROP_LINK: Final = delete(flow_link).where(
    *(flow_link.c[name] == bindparam(f"old_{name}") for name in _LINK_KEY)
)
_DROP_MEMBER: Final = delete(flow_document).where(
    *(
        flow_document.c[name] == bindparam(f"old_{name}")
        for name in ("flow_id", "category", "document")
    )
)
_READ: Final = (
    update(flow)
    .where(flow.c.id == bindparam("flow_id"))
    .values(mirrored_writes=bindparam("shown"), read_at=bindparam("now"))
)
_WAKE: Final = (
    update(flow)
    .where(flow.c.id == bindparam("flow_id"), flow.c.cancelled.is_(False))
    .values(due_at=bindparam("now"), closed_at=None, wakes=flow.c.wakes + 1)
)
_WATERMARK: Final = select(watermark.c.value).where(watermark.c.name == bindparam("wanted"))

#: Updates, each with the documents that it shows.
_Members = Sequence[tuple[MirrorUpdate, Collection[DocumentKey]]]

#: Documents that can vanish from a chain: the ERP lets them be deleted before anything follows.
_DELETABLE: Final = frozenset(
    {DocumentCategory.DELIVERY.value, DocumentCategory.RETURNS_DELIVERY.value}
)


def documents_of(snapshot: ChainSnapshot) -> list[tuple[DocumentKey, str]]:
    """Return the documents of *snapshot* with their bodies as JSON."""
    return [
        (DocumentKey(found.category, found.number), found.model_dump_json(exclude_defaults=True))
        for found in _documents(snapshot)
    ]


def _documents(
    snapshot: ChainSnapshot,
) -> tuple[PostedSalesDocument | Delivery | BillingDocument, ...]:
    return (*snapshot.sales_documents, *snapshot.deliveries, *snapshot.billing_documents)


def _members(update_: MirrorUpdate) -> set[DocumentKey]:
    snapshot = update_.snapshot
    found = {(each.category, each.number) for each in _documents(snapshot)}
    found |= {(DocumentCategory.ACCOUNTING_DOCUMENT, str(item.key)) for item in snapshot.items}
    for link in snapshot.links:
        before, after = link.preceding, link.subsequent
        found.add((before.category, before.document))
        found.add((after.category, after.document))
    return {DocumentKey(category, number) for category, number in found}


def _chunks(values: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def _by_category(keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the numbers of *keys* (category, number) by category, in pieces."""
    numbers: dict[str, list[str]] = {}
    for category, number in keys:
        numbers.setdefault(category, []).append(number)
    for category, found in numbers.items():
        for piece in _chunks(found):
            yield category, piece


class SqlMirror:
    """Implements :class:`connector.ports.store.Mirror`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unread(self, limit: int, after_id: int = 0) -> tuple[int, ...]:
        values = {"after": after_id, "most": limit}
        return self._database.read(
            lambda connection: tuple(connection.execute(_UNREAD, values).scalars())
        )

    def flows_of(
        self, sales_documents: Sequence[str], *, closed_unread_since: datetime
    ) -> tuple[int, ...]:
        def work(connection: Connection) -> tuple[int, ...]:
            found: set[int] = set()
            for numbers in _chunks(sales_documents):
                values = {"numbers": numbers, "since": closed_unread_since}
                found.update(connection.execute(_FLOWS_OF, values).scalars())
            return tuple(sorted(found))

        return self._database.read(work)

    def store(
        self,
        updates: Sequence[MirrorUpdate],
        *,
        now: datetime,
        watermark: tuple[str, str] | None = None,
    ) -> Mapping[int, Flow]:
        def work(connection: Connection) -> Mapping[int, Flow]:
            taken = _in_time(connection, updates)
            if taken:
                changed = _write_documents(connection, taken, now)
                changed |= _write_items(connection, taken)
                members = [(update_, _members(update_)) for update_ in taken]
                changed |= _write_links(connection, members)
                changed |= _write_members(connection, members)
                _note_reading(connection, taken, changed, now)
                event_log.append(
                    connection, [event for update_ in taken for event in update_.events], now
                )
            if watermark is not None:
                _set_watermark(connection, *watermark, now)
            ids = [update_.flow_id for update_ in taken]
            return {row.id: to_flow(row) for row in connection.execute(_FLOWS, {"ids": ids})}

        return self._database.write(work)

    def watermark(self, name: str) -> str:
        return self._database.read(
            lambda connection: connection.execute(_WATERMARK, {"wanted": name}).scalar() or ""
        )

    def set_watermark(self, name: str, value: str, *, now: datetime) -> None:
        self._database.write(lambda connection: _set_watermark(connection, name, value, now))


def _in_time(connection: Connection, updates: Sequence[MirrorUpdate]) -> list[MirrorUpdate]:
    """Return the updates that were read after the last write of their flow."""
    ids = [update_.flow_id for update_ in updates]
    if not ids:
        return []
    writes = {row.id: row.writes for row in connection.execute(_WRITES, {"ids": ids})}
    return [found for found in updates if writes.get(found.flow_id) == found.read_at_writes]


def _write_documents(
    connection: Connection, updates: Sequence[MirrorUpdate], now: datetime
) -> set[int]:
    bodies: dict[tuple[str, str], tuple[str, str]] = {}
    owners: dict[tuple[str, str], set[int]] = {}
    for update_ in updates:
        for key, body in documents_of(update_.snapshot):
            identity = (key.category.value, key.number)
            bodies[identity] = (body, text_hash(body))
            owners.setdefault(identity, set()).add(update_.flow_id)
    old: Mapping[tuple[str, str], str] = {
        (row.category, row.document): row.body_hash
        for category, numbers in _by_category(bodies)
        for row in connection.execute(_HASHES, {"of_category": category, "numbers": numbers})
    }
    news = [key for key, (_, body_hash) in bodies.items() if old.get(key) != body_hash]
    rows = [
        {
            "category": category,
            "document": number,
            "body": bodies[category, number][0],
            "body_hash": bodies[category, number][1],
            "read_at": now,
        }
        for category, number in news
    ]
    if rows:
        connection.execute(insert_or_replace(connection, document), rows)
    return {flow_id for key in news for flow_id in owners[key]}


def _write_items(connection: Connection, updates: Sequence[MirrorUpdate]) -> set[int]:
    bodies: dict[tuple[str, int], tuple[str, str]] = {}
    owners: dict[tuple[str, int], set[int]] = {}
    for update_ in updates:
        for item in update_.snapshot.items:
            identity = (str(item.key), item.line_item)
            body = item.model_dump_json(exclude_defaults=True)
            bodies[identity] = (body, text_hash(body))
            owners.setdefault(identity, set()).add(update_.flow_id)
    old = {
        (row.document, row.line_item): row.body_hash
        for numbers in _chunks(number for number, _ in bodies)
        for row in connection.execute(_ITEM_HASHES, {"numbers": numbers})
    }
    news = [key for key, (_, body_hash) in bodies.items() if old.get(key) != body_hash]
    rows = [
        {
            "document": key[0],
            "line_item": key[1],
            "body": bodies[key][0],
            "body_hash": bodies[key][1],
        }
        for key in news
    ]
    if rows:
        connection.execute(insert_or_replace(connection, customer_item), rows)
    return {flow_id for key in news for flow_id in owners[key]}


def _write_links(connection: Connection, members: _Members) -> set[int]:
    """Bring the links of each flow to what the ERP says; rows that are gone there go here."""
    wanted: dict[tuple[Any, ...], dict[str, Any]] = {}
    owners: dict[tuple[str, str], set[int]] = {}
    for update_, keys in members:
        for link in update_.snapshot.links:
            row = from_link(link)
            wanted[tuple(row[name] for name in _LINK_KEY)] = row
        for key in keys:
            owners.setdefault((key.category.value, key.number), set()).add(update_.flow_id)
    old = {
        tuple(row[name] for name in _LINK_KEY): row
        for category, numbers in _by_category(owners)
        for row in map(
            dict,
            connection.execute(_LINKS, {"of_category": category, "numbers": numbers}).mappings(),
        )
    }
    news = [key for key, row in wanted.items() if old.get(key) != row]
    gone = [key for key in old if key not in wanted]
    if news:
        connection.execute(insert_or_replace(connection, flow_link), [wanted[key] for key in news])
    if gone:
        connection.execute(
            _DROP_LINK,
            [
                {f"old_{name}": part for name, part in zip(_LINK_KEY, key, strict=True)}
                for key in gone
            ],
        )
    return {flow_id for key in (*news, *gone) for flow_id in owners.get((key[0], key[1]), ())}


def _write_members(connection: Connection, members: _Members) -> set[int]:
    ids = [update_.flow_id for update_, _ in members]
    old = {
        (row.flow_id, row.category, row.document)
        for row in connection.execute(_MEMBERS, {"ids": ids})
    }
    found = {(update_.flow_id, key) for update_, keys in members for key in keys}
    now_known = {(flow_id, key.category.value, key.number) for flow_id, key in found}
    news = [
        (flow_id, key)
        for flow_id, key in found
        if (flow_id, key.category.value, key.number) not in old
    ]
    add_documents(
        connection, sorted(news, key=lambda row: (row[0], row[1].category, row[1].number))
    )
    gone = [row for row in old - now_known if row[1] in _DELETABLE]
    if gone:
        connection.execute(
            _DROP_MEMBER,
            [
                {"old_flow_id": flow_id, "old_category": category, "old_document": number}
                for flow_id, category, number in gone
            ],
        )
    return {row[0] for row in news} | {row[0] for row in gone}


def _note_reading(
    connection: Connection, updates: Sequence[MirrorUpdate], changed: set[int], now: datetime
) -> None:
    ids = [update_.flow_id for update_ in updates]
    behind = {
        row.id
        for row in connection.execute(_WRITES, {"ids": ids})
        if row.mirrored_writes != row.writes
    }
    connection.execute(
        _READ,
        [
            {"flow_id": found.flow_id, "shown": found.read_at_writes, "now": now}
            for found in updates
        ],
    )
    awake = sorted(changed | behind)
    if awake:
        connection.execute(_WAKE, [{"flow_id": flow_id, "now": now} for flow_id in awake])


def _set_watermark(connection: Connection, name: str, value: str, now: datetime) -> None:
    connection.execute(
        insert_or_replace(connection, watermark),
        {"name": name, "value": value, "written_at": now},
    )
