"""What came again with other content, and what a person decided about it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from connector.ports.statements import Conflict
from connector.store.schema import statement_conflict, statement_file

_COLUMNS: Final = statement_conflict.c
_ALL: Final = (
    select(statement_conflict, statement_file.c.source)
    .outerjoin(statement_file, statement_file.c.id == _COLUMNS.file_id)
    .order_by(_COLUMNS.id)
)


def open_conflicts(connection: Connection) -> tuple[Conflict, ...]:
    """Return all conflicts with their decisions, oldest first."""
    rows = connection.execute(_ALL).all()
    decisions = {row.decides: row for row in rows if row.decides is not None}
    found: list[Conflict] = []
    for row in rows:
        if row.decides is None:
            decision = decisions.get(row.id)
            found.append(
                Conflict(
                    id=row.id,
                    key=row.line_key,
                    text=row.text,
                    source=row.source or "",
                    found_at=row.at,
                    decision=decision.text if decision is not None else "",
                    decided_by=decision.by if decision is not None else "",
                )
            )
    return tuple(found)


def decide(
    connection: Connection, conflict_id: int, by: str, reason: str, at: datetime
) -> Conflict:
    """
    Append the decision about a conflict.

    Raises:
        ValueError: there is no such conflict, or it was decided before.
    """
    found = next((each for each in open_conflicts(connection) if each.id == conflict_id), None)
    if found is None:
        raise ValueError(f"there is no conflict {conflict_id}")
    if found.decision:
        raise ValueError(f"conflict {conflict_id} was decided by {found.decided_by} before")
    connection.execute(
        insert(statement_conflict).values(
            file_id=None,
            decides=conflict_id,
            line_key=found.key,
            content_hash="",
            text=reason,
            at=at,
            by=by,
        )
    )
    return next(each for each in open_conflicts(connection) if each.id == conflict_id)
