"""A reconciliation run over the application's store and ERP."""

from __future__ import annotations

from datetime import date

from connector.bootstrap.application import Application
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, reconcile
from connector.settings import checked_options


def run_reconciliation(application: Application, key_date: date | None = None) -> ReconciliationRun:
    """
    Compare at *key_date* (None: today, where the company keeps its books), and keep the run.

    Raises:
        ConfigurationError: the rules are wrong.
        ConnectorError: store or ERP could not be read; the failed run was kept.
    """
    settings = application.settings
    erp = application.erp  # before the clock is read: a simulated ERP may be days ahead
    rules = checked_options(settings, "reconciliation.rules", ReconciliationRules)
    assignment = Assignment(
        key_date=key_date or application.clock.today(settings.time_zone),
        company_codes=settings.reconciliation.company_codes,
        time_zone=settings.time_zone,
        rules=rules,
    )
    return reconcile(
        assignment,
        application.store,
        erp,
        application.reconciliation_runs,
        application.clock,
    )
