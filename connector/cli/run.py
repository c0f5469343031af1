"""`sd-connector run`: the daemon."""

from __future__ import annotations

import os
import sys
from functools import partial

import typer

from connector.cli.invocation import invocation_of


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command(
        "run", epilog="Example: sd-connector --config /etc/sd-connector/connector.yaml run"
    )(run)


def run(context: typer.Context) -> None:
    """
    Run the daemon: intake, advance, status pull, payments and reconciliation on their intervals.

    Stays in the foreground until SIGTERM or Ctrl-C, then finishes running steps and ends with 0.
    An ERP or channel that is away is waited for. Exit code 2 when the settings are wrong, another
    daemon has the store, or the ERP refuses the logon.
    """
    from connector.bootstrap.reconciling_with_reports import reconcile_and_report
    from connector.daemon.service import Service

    with invocation_of(context).application() as application:
        service = Service(application, partial(reconcile_and_report, application))
        finished = service.run()
    if not finished:
        # Threads that still wait for the ERP would keep the process alive beyond its time. Their
        # steps are recorded, and the next start looks them up before it writes anything.
        sys.stderr.flush()
        os._exit(0)
