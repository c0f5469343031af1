"""Changing a flow within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Integer, and_, bindparam, case, func, or_, select, update

from connector.ports.store_records import (
    DocumentKey,
    FlowChange,
    ReferenceTakenError,
    Unchanged,
)
from connector.store.codec import search_number
from connector.store.schema import flow, flow_document
from connector.store.types import UtcInstant
from connector.store.upsert import insert_or_ignore

_NOT_WOKEN: Final = or_(
    bindparam("if_wakes", type_=Integer).is_(None),
    flow.c.wakes == bindparam("if_wakes", type_=Integer),
)
# One statement for every combination of fields: it is compiled once.
_CHANGE: Final = (
    update(flow)
    .where(flow.c.id == bindparam("flow_id"))
    .values(
        due_at=case(
            (
                and_(bindparam("set_due", type_=Integer) == 1, _NOT_WOKEN),
                bindparam("new_due", type_=UtcInstant),
            ),
            else_=flow.c.due_at,
        ),
        reference=func.coalesce(bindparam("new_reference"), flow.c.reference),
        checked_version=func.coalesce(bindparam("checked"), flow.c.checked_version),
        writes=flow.c.writes + bindparam("wrote", type_=Integer),
        closed_at=case(
            (
                and_(bindparam("close", type_=Integer) == 1, _NOT_WOKEN),
                bindparam("at", type_=UtcInstant),
            ),
            else_=flow.c.closed_at,
        ),
        wakes=flow.c.wakes + bindparam("woke", type_=Integer),
        cancelled=case((bindparam("cancel", type_=Integer) == 1, True), else_=flow.c.cancelled),
    )
)
_OF_REFERENCE: Final = select(flow.c.id).where(flow.c.reference == bindparam("taken"))


def change_flow(
    connection: Connection,
    flow_id: int,
    change: FlowChange,
    now: datetime,
    *,
    wakes: bool = False,
) -> None:
    """
    Apply *change*; *wakes* says that it is news to whoever works on the flow.

    Raises:
        ReferenceTakenError: another flow carries the new reference.
    """
    if change.reference is not None:
        owner = connection.execute(_OF_REFERENCE, {"taken": change.reference}).scalar()
        if owner is not None and owner != flow_id:
            raise ReferenceTakenError(change.reference)
    set_due = not isinstance(change.due_at, Unchanged)
    connection.execute(
        _CHANGE,
        {
            "flow_id": flow_id,
            "set_due": int(set_due),
            "new_due": change.due_at if set_due else None,
            "new_reference": change.reference,
            "checked": change.checked_version,
            "wrote": int(change.wrote),
            "close": int(change.close or change.cancel),
            "cancel": int(change.cancel),
            "at": now,
            "if_wakes": change.if_wakes,
            "woke": int(wakes),
        },
    )
    add_documents(connection, ((flow_id, key) for key in change.documents))


def add_documents(connection: Connection, documents: Iterable[tuple[int, DocumentKey]]) -> None:
    """Note that documents belong to flows; what is known already stays."""
    rows = [
        {
            "flow_id": flow_id,
            "category": key.category.value,
            "document": key.number,
            "number": search_number(key),
        }
        for flow_id, key in documents
    ]
    if rows:
        connection.execute(insert_or_ignore(connection, flow_document), rows)
