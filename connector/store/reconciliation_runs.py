"""The log of reconciliation runs: appended to, never changed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select

from connector.ports.reconciliation import StoredRun
from connector.store.database import Database
from connector.store.schema import reconciliation_run

_INSERT: Final = insert(reconciliation_run)
_BY_ID: Final = select(reconciliation_run).where(reconciliation_run.c.run_id == bindparam("run_id"))
_NEWEST: Final = (
    select(reconciliation_run)
    .order_by(reconciliation_run.c.run_id.desc())
    .limit(bindparam("limit"))
)


class SqlReconciliationRuns:
    """Implements :class:`connector.ports.reconciliation.ReconciliationRuns`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_reconciliation_run(self, run: StoredRun) -> None:
        def work(connection: Connection) -> None:
            known = connection.execute(_BY_ID, {"run_id": run.run_id}).first()
            if known is None:
                connection.execute(_INSERT, _to_row(run))
            elif _to_run(known) != run:
                raise ValueError(f"run {run.run_id} is in the log with other content")

        self._database.write(work)

    def reconciliation_runs(self, limit: int = 20) -> tuple[StoredRun, ...]:
        return self._database.read(
            lambda connection: tuple(map(_to_run, connection.execute(_NEWEST, {"limit": limit})))
        )


def _to_row(run: StoredRun) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "key_date": run.key_date.isoformat(),
        "company_codes": json.dumps(run.company_codes),
        "verdict": run.verdict,
        "content_hash": run.content_hash,
        "finished_at": run.finished_at,
        "content": run.content,
    }


def _to_run(row: Row[Any]) -> StoredRun:
    return StoredRun(
        run_id=row.run_id,
        key_date=date.fromisoformat(row.key_date),
        company_codes=tuple(json.loads(row.company_codes)),
        verdict=row.verdict,
        content_hash=row.content_hash,
        finished_at=row.finished_at,
        content=row.content,
    )
