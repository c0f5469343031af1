"""A reconciliation run over the application's store and ERP."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import make_url

from connector.bootstrap.application import Application
from connector.bootstrap.intake_marks import intake_complete_until
from connector.bootstrap.statements import movements
from connector.errors import ConfigurationError
from connector.kept_extract.keeping import Keeping, KeptRun
from connector.kept_extract.whole import Moment
from connector.reconciliation.break_causes import Causes
from connector.reconciliation.chain_of_runs import RunHistory
from connector.reconciliation.recording import RunRecorder
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment
from connector.settings import Settings, checked_options


def run_reconciliation(
    application: Application,
    key_date: date | None = None,
    *,
    company_codes: Sequence[str] = (),
    currencies: Sequence[str] = (),
    dry: bool = False,
    read_all: bool = False,
) -> ReconciliationRun:
    """
    Compare at *key_date* (None: today, where the company keeps its books), and keep the run.

    With *company_codes* or *currencies* all others are left out. A *dry* run is not kept. Only
    what changed since the last run is read, unless *read_all* asks for everything.

    Raises:
        ConfigurationError: the rules are wrong, a company code is not among the settings', or the
            key date has not come yet and the run is to be kept.
        ReconciliationRunningError: another process reconciles in this store.
        ConnectorError: store or ERP could not be read; the failed run was kept.
    """
    erp = application.erp  # before the clock is read: a simulated ERP may be days ahead
    assignment = assignment_of(
        application, key_date, company_codes=company_codes, currencies=currencies
    )

    today = application.clock.today(application.settings.time_zone)
    if assignment.key_date > today and not dry:
        raise ConfigurationError(
            f"key date {assignment.key_date.isoformat()}",
            f"is in the future: today is {today.isoformat()}",
            "Take a day that has come, or --dry to see what would be without keeping it",
        )
    recorder = RunRecorder(
        log=application.reconciliation_log,
        runs=application.reconciliation_runs,
        items=erp.open_items,
        clock=application.clock,
        cause_of=Causes(application.store).of,
        holder=f"process {os.getpid()} on {socket.gethostname()}",
    )
    keeping = Keeping(
        path=extract_path(application.settings),
        seal=RunHistory.read(application.reconciliation_log).extract,
        full_read_days=application.settings.reconciliation.full_read_days,
        read_all=read_all,
        dry=dry,
    )
    with KeptRun(assignment, application.store, erp, keeping) as readings:

        def work(now: datetime) -> ReconciliationRun:
            return readings.work(
                Moment(
                    now=now,
                    intake_complete_until=intake_complete_until(
                        application.store.mirror, application.settings.channels
                    ),
                    movements=movements(application, assignment.key_date),
                )
            )

        run = recorder.dry(assignment, work) if dry else recorder.run(assignment, work)
        readings.keep()
    return run


def extract_path(settings: Settings) -> Path | None:
    """Return where what a run reads is kept for the next one; None where it is not."""
    wanted = settings.reconciliation.kept_extract
    if isinstance(wanted, Path):
        return wanted
    if not wanted:
        return None
    database = make_url(settings.store.url)
    in_file = database.get_backend_name() == "sqlite" and database.database
    folder = Path(in_file).parent if in_file else settings.daemon.heartbeat.parent
    return folder / "reconciliation-extract.sqlite3"


def assignment_of(
    application: Application,
    key_date: date | None = None,
    *,
    company_codes: Sequence[str] = (),
    currencies: Sequence[str] = (),
) -> Assignment:
    """
    Return what a run at *key_date* (None: today) is about, as the settings say.

    Raises:
        ConfigurationError: the rules are wrong, or a company code is not among the settings'.
    """
    settings = application.settings
    known = settings.reconciliation.company_codes
    for code in company_codes:
        if code not in known:
            raise ConfigurationError(
                f"company code {code}",
                "is not among reconciliation.company_codes of the settings",
                f"There are {', '.join(known)}",
            )
    return Assignment(
        key_date=key_date or application.clock.today(settings.time_zone),
        company_codes=tuple(dict.fromkeys(company_codes)) or known,
        time_zone=settings.time_zone,
        rules=checked_options(settings, "reconciliation.rules", ReconciliationRules),
        currencies=tuple(dict.fromkeys(currencies)),
        restricted=bool(company_codes) and set(company_codes) != set(known),
    )
