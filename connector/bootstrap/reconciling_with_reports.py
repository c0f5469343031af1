"""A reconciliation of the daemon: the run, and the reports that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import structlog

from connector.bootstrap.application import Application
from connector.bootstrap.reconciliation import run_reconciliation
from connector.bootstrap.reconciliation_reports import write_run_reports
from connector.errors import ConnectorError
from connector.ports.reconciliation import EntryKind
from connector.reconciliation.report import ReconciliationRun, Verdict

_log = structlog.get_logger(__name__)


def reconcile_and_report(application: Application, key_date: date | None = None) -> str:
    """
    Reconcile at *key_date* (None: today), write the reports, and return the verdict.

    The run is kept before reports are written: a full disk is logged, and reports are written
    again with `reconcile report`. A run that failed leaves its reports as well, which say why.

    Raises:
        ConnectorError: the reconciliation failed, see :func:`run_reconciliation`.
    """

    def write(run: ReconciliationRun) -> None:
        _report(application, run)

    with failure_reported(application, write):
        run = run_reconciliation(application, key_date)
    write(run)
    return run.verdict.value


@contextmanager
def failure_reported(
    application: Application, write: Callable[[ReconciliationRun], object]
) -> Iterator[None]:
    """
    Have *write* write the reports of a run that fails in the block, if it was kept.

    What goes wrong with them is logged: the failure itself must not be hidden by it.
    """
    before, is_done = application.reconciliation_log.head().sequence, False
    try:
        yield
        is_done = True
    finally:
        if not is_done:
            try:
                for run in _failed_since(application, before):
                    write(run)
            except ConnectorError as error:
                _log.error("the failed run could not be reported", problem=str(error))


def _failed_since(application: Application, sequence: int) -> Iterator[ReconciliationRun]:
    entries = application.reconciliation_log.entries([EntryKind.RUN_FINISHED], after=sequence)
    for entry in entries:
        stored = application.reconciliation_runs.reconciliation_run(entry.subject)
        if stored is not None and stored.verdict == Verdict.FAILED:
            yield ReconciliationRun.from_json(stored.content)


def _report(application: Application, run: ReconciliationRun) -> None:
    try:
        written = write_run_reports(application, run)
    except ConnectorError as error:
        _log.error("reports could not be written", run=run.header.run_id, problem=str(error))
    else:
        if written:
            _log.info("reports written", run=run.header.run_id, files=len(written))
