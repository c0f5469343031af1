"""`sd-connector health`: for containers, monitoring and people at night."""

from __future__ import annotations

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say


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
    from connector.bootstrap.drop_folders import left_alone
    from connector.bootstrap.reconciliation_news import ReconciliationNews
    from connector.bootstrap.reconciliation_standing import (
        Standing,
        StandingReader,
        standing_json,
        standing_rows,
    )
    from connector.clock import SystemClock
    from connector.daemon.heartbeat import read_heartbeat
    from connector.errors import ConnectorError

    invocation = invocation_of(context)
    with invocation.application(read_only=True) as application:
        path = application.settings.daemon.heartbeat
        heartbeat = read_heartbeat(path)
        problems: list[str] = []
        counts: dict[str, int] = {}
        standing, now_in_books = Standing(), application.clock.now()
        try:
            counts = dict(application.store.flows.count())
            standing = StandingReader(
                application.reconciliation_runs,
                application.reconciliation_log,
                ReconciliationNews(application).recent,
            ).read()
        except ConnectorError as error:
            problems.append(str(error))
        try:
            folders = [
                f"channel {each.channel}: {each.problem}" for each in left_alone(application)
            ]
        except ConnectorError as error:
            folders = [str(error)]
    now = SystemClock().now()
    if heartbeat is None:
        problems.append(f"{path}: no sign of life; start the daemon with `sd-connector run`")
    elif not heartbeat.is_fresh(now):
        problems.append(
            f"the last sign of life of process {heartbeat.process} is "
            f"{(now - heartbeat.at).total_seconds():.0f} s old"
        )
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
