"""`sd-connector health`: for containers, monitoring and people at night."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.bootstrap.reconciliation_standing import Standing
    from connector.daemon.heartbeat import Heartbeat


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("health", epilog="Example: sd-connector health --json")(health)


def health(context: typer.Context, as_json: JsonOption = False) -> None:
    """
    Tell whether the daemon is alive and its store can be read.

    Exit code 0 when both hold, 1 otherwise. An ERP that is away is no illness: the daemon waits.
    Neither are files in a drop folder that match no pattern of their channel, but they are told,
    and so are the last reconciliation, its verdict, the breaks that are open, and the key dates
    without a run to rely on.
    """
    from connector.bootstrap.reconciliation_standing import standing_json, standing_rows
    from connector.clock import SystemClock
    from connector.daemon.heartbeat import read_heartbeat

    with invocation_of(context).application(read_only=True) as application:
        path = application.settings.daemon.heartbeat
        # Reading a large store takes longer than a daemon may be silent.
        heartbeat, read_at = read_heartbeat(path), SystemClock().now()
        counts, standing, problems = _of_store(application)
        folders = _folders(application)
        now_in_books = application.clock.now()
    problems += _of_daemon(path, heartbeat, read_at)
    jobs = heartbeat.jobs if heartbeat else {}
    if as_json:
        print_json(
            {
                "healthy": not problems,
                "problems": problems,
                "jobs": jobs,
                "orders": counts,
                "folders": folders,
                "reconciliation": standing_json(standing, now_in_books),
            }
        )
    else:
        say("healthy" if not problems else "not healthy")
        for line in problems:
            say(f"- {line}")
        for line in folders:
            say(line)
        for name, outcome in jobs.items():
            say(f"job {name}: {outcome}")
        if counts:
            say("orders: " + ", ".join(f"{count} {state}" for state, count in counts.items()))
        for line in standing_rows(standing, now_in_books):
            say(line)
    if problems:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _of_store(application: Application) -> tuple[dict[str, int], Standing, list[str]]:
    """Return orders by state and the standing of reconciliation, and why they cannot be read."""
    from connector.bootstrap.reconciliation_news import ReconciliationNews
    from connector.bootstrap.reconciliation_standing import Standing, StandingReader
    from connector.errors import ConnectorError

    counts: dict[str, int] = {}
    try:
        counts = dict(application.store.flows.count())
        standing = StandingReader(
            application.reconciliation_runs,
            application.reconciliation_log,
            ReconciliationNews(application).recent,
        ).read()
    except ConnectorError as error:
        return counts, Standing(), [str(error)]
    return counts, standing, []


def _folders(application: Application) -> list[str]:
    """Return what drop folders hold that nobody reads."""
    from connector.bootstrap.drop_folders import left_alone
    from connector.errors import ConnectorError

    try:
        return [f"channel {each.channel}: {each.problem}" for each in left_alone(application)]
    except ConnectorError as error:
        return [str(error)]


def _of_daemon(path: Path, heartbeat: Heartbeat | None, now: datetime) -> list[str]:
    """Return what is wrong with the last sign of life at *path*."""
    if heartbeat is None:
        return [f"{path}: no sign of life; start the daemon with `sd-connector run`"]
    if heartbeat.is_fresh(now):
        return []
    age = (now - heartbeat.at).total_seconds()
    return [f"the last sign of life of process {heartbeat.process} is {age:.0f} s old"]
