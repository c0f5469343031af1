"""`sd-connector sync`: one pass over everything."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, print_json, progress, say

if TYPE_CHECKING:
    from connector.channels.statement_folder import ReceivedFile
    from connector.sync.passes import PassSummary

#: Phases of a pass, as people read them.
_PHASES = {"receive": "Receiving messages", "advance": "Working on orders"}


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("sync", epilog="Example: sd-connector sync --json")(sync)


def sync(
    context: typer.Context,
    *,
    channel: Annotated[str, typer.Option("--channel", help="Receive from this channel only.")] = "",
    as_json: JsonOption = False,
) -> None:
    """
    Do one pass: receive orders and statements, create what is due, pull changes, post payments.

    Exit code 0 when nothing needs a person, 1 when orders are held, payments from statements wait
    for one, or a file could not be read,
    3 when the ERP or a channel could not be reached (nothing is lost; run it again).
    """
    from connector.bootstrap.statement_payments import post_from_statements
    from connector.bootstrap.statements import receive
    from connector.sync.passes import run_pass
    from connector.sync.statement_payments import PostedFromStatements

    with invocation_of(context).application() as application:
        chosen = [application.channel(channel)] if channel else [*application.channels.values()]
        with progress(_PHASES["receive"], quiet=as_json) as line:
            summary = run_pass(
                application.context,
                [setup.channel for setup in chosen],
                progress=lambda phase, done: line.at(done, doing=_PHASES.get(phase, phase)),
            )
        folders = () if channel else application.statement_folders
        files = [file for folder in folders for file in receive(application, folder)]
        done = PostedFromStatements() if channel else post_from_statements(application)
        counts = dict(application.store.flows.count())
    if as_json:
        print_json(
            {
                **_plain(summary),
                "statements": list(map(_file, files)),
                "payments_from_statements": asdict(done),
                "orders": counts,
            }
        )
    else:
        _say(summary, counts)
        for file in files:
            say(f"{file.name}: {file.added.summary if file.added else 'refused'}.")
            for problem in file.problems:
                note(f"- {problem}")
        if done.posted or done.proposed:
            say(f"Payments from statements: {done.posted} posted, {done.proposed} proposed.")
    if summary.erp_problem or summary.channel_problems or done.erp_problem:
        raise typer.Exit(ExitCode.UNREACHABLE)
    unsettled = done.proposed or done.held or any(file.problems for file in files)
    if counts.get("held") or summary.received.unreadable or unsettled:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _file(file: ReceivedFile) -> dict[str, Any]:
    added = file.added
    return {
        "file": file.name,
        "added": added.added if added else 0,
        "replayed": added.replayed if added else 0,
        "problems": list(file.problems),
    }


def _plain(summary: PassSummary) -> dict[str, Any]:
    return {
        "received": asdict(summary.received),
        "recovered_steps": summary.recovered,
        "work": asdict(summary.tally),
        "erp_problem": summary.erp_problem,
        "channel_problems": summary.channel_problems,
    }


def _say(summary: PassSummary, counts: dict[str, int]) -> None:
    received, tally = summary.received, summary.tally
    say(
        f"Received: {received.new_orders} new orders, {received.new_versions} changed, "
        f"{received.duplicates} known already, {received.unreadable} unreadable."
    )
    say(
        f"Done: {tally.written} documents created or changed, {tally.read} chains read, "
        f"{tally.completed} orders completed."
    )
    say("Orders: " + ", ".join(f"{count} {state}" for state, count in counts.items()) + ".")
    for failure in tally.failures:
        note(f"- {failure}")
    for problem in summary.channel_problems:
        note(f"A channel could not be reached: {problem}")
    if summary.erp_problem:
        note(f"The ERP could not be reached: {summary.erp_problem}")
    if counts.get("held"):
        note("Held orders and what to do: sd-connector orders list --held")
    if received.unreadable:
        note("Unreadable messages: sd-connector orders list --unreadable")
