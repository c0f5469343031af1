"""Finds runs in the log by what people type: an id, its beginning, a key date, or `last`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from connector.errors import RejectedError

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.reconciliation.chain_of_runs import FinishedRun, RunHistory
    from connector.reconciliation.report import ReconciliationRun

RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Id of a run or its beginning, a key date (its newest run), or `last`.",
    ),
]


def find_run(history: RunHistory, wanted: str) -> FinishedRun:
    """
    Return the run that *wanted* names.

    Raises:
        RejectedError: there is none, or more than one.
    """
    found = history.find(wanted)
    if found is None and wanted == "last" and history.finished:
        found = history.finished[-1]
    if found is None and (key_date := _day(wanted)) is not None:
        of_day = [run for run in history.finished if run.key_date == key_date]
        found = of_day[-1] if of_day else None
    if found is None:
        raise RejectedError(f"no run, or more than one, is called {wanted}: `reconcile list`")
    return found


def read_run(application: Application, found: FinishedRun) -> ReconciliationRun:
    """
    Return all of a kept run.

    Raises:
        RejectedError: its content is gone.
    """
    from connector.reconciliation.report import ReconciliationRun

    stored = application.reconciliation_runs.reconciliation_run(found.run_id)
    if stored is None:
        raise RejectedError(f"{found.run_id}: its content is gone; run `reconcile verify`")
    return ReconciliationRun.from_json(stored.content)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
