"""Reports of a kept run: the run with what the log knows around it, and files in a folder."""

from __future__ import annotations

from pathlib import Path

from connector.bootstrap.application import Application
from connector.reconciliation.break_register import BreakRegister
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.sign_off import sign_offs
from connector.reports.run_report.run_report import RunReport
from connector.reports.run_report.writing import Format, write_reports


def report_of(application: Application, run: ReconciliationRun) -> RunReport:
    """Return *run* with its breaks as they stand now, its signatures, and the head of the log."""
    log = application.reconciliation_log
    records = BreakRegister.read(log).records
    return RunReport(
        run=run,
        records={each.id: records[each.id] for each in run.breaks if each.id in records},
        head=log.head(),
        sign_off=sign_offs(log).get(run.header.run_id),
        company=application.settings.reconciliation.reports.company,
    )


def write_run_reports(application: Application, run: ReconciliationRun) -> tuple[Path, ...]:
    """
    Write the reports of *run* that the settings ask for; returns the files, none without a folder.

    Raises:
        ConfigurationError: one cannot be written.
    """
    wanted = application.settings.reconciliation.reports
    if wanted.folder is None:
        return ()
    formats = {Format(each) for each in wanted.formats}
    return write_reports(report_of(application, run), wanted.folder, formats, font=wanted.font)
