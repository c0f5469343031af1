"""`sd-connector reconcile list`: the log of runs, failed and interrupted ones too."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say, show, table


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    group.command("list", epilog="Example: sd-connector reconcile list --limit 5")(list_runs)


def list_runs(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, help="Most runs to list, newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the runs of the log, newest first, with their verdicts and sign-offs."""
    from connector.reconciliation import log_rows
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.sign_off import sign_offs

    with invocation_of(context).application(read_only=True) as application:
        history = RunHistory.read(application.reconciliation_log)
        signed = sign_offs(application.reconciliation_log)
    runs = history.finished[::-1][:limit]
    if as_json:
        for run in runs:
            row: dict[str, Any] = {
                "run_id": run.run_id,
                "sequence": run.sequence,
                "key_date": run.key_date.isoformat(),
                "mode": run.mode.value,
                "company_codes": run.kind.company_codes,
                "currencies": run.kind.currencies,
                "verdict": run.verdict.value,
                "breaks": run.breaks,
                "pending": run.pending,
                "content_hash": run.content_hash,
                "ended_at": run.ended_at.isoformat(),
                "failure": run.failure,
                "sign_off": signed[run.run_id].state if run.run_id in signed else "",
            }
            print_json(row)
        return
    headings = [f">{each}" if each == "Breaks" else each for each in log_rows.RUN_HEADINGS]
    show(table("Runs", headings, log_rows.run_rows(runs, signed)))
    for run in runs:
        if run.failure:
            say(f"{run.run_id} failed: {run.failure}")
        if run.run_id in signed and signed[run.run_id].void_because:
            say(f"{run.run_id}: the sign-off is void: {signed[run.run_id].void_because}")
    for entry in history.unfinished:
        say(f"{entry.subject} was started {entry.at:%Y-%m-%d %H:%M} UTC and has not ended")
