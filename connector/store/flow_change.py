"""Changing a flow within a transaction of the caller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Integer,
    bindparam,
    case,
    null,
    or_,
    select,
    true,
    update,
)

from connector.ports.store_records import (
    DocumentKey,
    FlowChange,
    ReferenceTakenError,
    Unchanged,
)
from connector.store.codec import search_number
from connector.store.prepared import Prepared
from connector.store.schema import flow, flow_document
from connector.store.types import UtcInstant
from connector.store.upsert import insert_or_ignore

_NOT_WOKEN: Final = or_(
    bindparam("if_wakes", type_=Integer).is_(None),
    flow.c.wakes == bindparam("if_wakes", type_=Integer),
)
_NEW_VALUES: Final[dict[str, Any]] = {
    "due_at": case((_NOT_WOKEN, bindparam("new_due", type_=UtcInstant)), else_=flow.c.due_at),
    "reference": bindparam("new_reference"),
    "checked_version": bindparam("checked"),
    "writes": flow.c.writes + 1,
    "closed_at": case((_NOT_WOKEN, bindparam("at", type_=UtcInstant)), else_=flow.c.closed_at),
    "wakes": flow.c.wakes + 1,
    "cancelled": true(),
    "reopened": null(),
}
#: Columns that have another name than what is set in them.
_COLUMNS: Final = {"reopened": "closed_at"}
_OF_REFERENCE: Final = Prepared(select(flow.c.id).where(flow.c.reference == bindparam("taken")))


def _set_by(change: FlowChange, *, wakes: bool) -> dict[str, bool]:
    return {
        "due_at": not isinstance(change.due_at, Unchanged),
        "reference": change.reference is not None,
        "checked_version": change.checked_version is not None,
        "writes": change.wrote,
        "closed_at": change.close or change.cancel,
        "wakes": wakes,
        "cancelled": change.cancel,
        "reopened": change.reopen,
    }


@cache
def _change(names: tuple[str, ...]) -> Prepared:
    """
    Return the UPDATE of the columns *names*.

    A column that is not named costs its index nothing, and there are few combinations.
    """
    return Prepared(
        update(flow)
        .where(flow.c.id == bindparam("flow_id"))
        .values({_COLUMNS.get(name, name): _NEW_VALUES[name] for name in names})
    )


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
        owner = _OF_REFERENCE.run(connection, {"taken": change.reference}).scalar()
        if owner is not None and owner != flow_id:
            raise ReferenceTakenError(change.reference)
    names = tuple(name for name, is_set in _set_by(change, wakes=wakes).items() if is_set)
    if names:
        values = {
            "flow_id": flow_id,
            "new_due": change.due_at,
            "new_reference": change.reference,
            "checked": change.checked_version,
            "at": now,
            "if_wakes": change.if_wakes,
        }
        _change(names).run(connection, values)
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
