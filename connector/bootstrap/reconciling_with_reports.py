"""A reconciliation of the daemon: the run, and the reports that the settings ask for."""

from __future__ import annotations

from datetime import date

import structlog

from connector.bootstrap.application import Application
from connector.bootstrap.reconciliation import run_reconciliation
from connector.bootstrap.reconciliation_reports import write_run_reports
from connector.errors import ConnectorError

_log = structlog.get_logger(__name__)


def reconcile_and_report(application: Application, key_date: date | None = None) -> str:
    """
    Reconcile at *key_date* (None: today), write the reports, and return the verdict.

    The run is kept before reports are written: a full disk is logged, and reports are written
    again with `reconcile report`.

    Raises:
        ConnectorError: the reconciliation failed, see :func:`run_reconciliation`.
    """
    run = run_reconciliation(application, key_date)
    try:
        written = write_run_reports(application, run)
    except ConnectorError as error:
        _log.error("reports could not be written", run=run.header.run_id, problem=str(error))
    else:
        if written:
            _log.info("reports written", run=run.header.run_id, files=len(written))
    return run.verdict.value
