"""`sd-connector reconcile diff`: what two runs show otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.kept_runs import RunArgument, find_run, read_run
from connector.cli.output import print_json, say, show, table

if TYPE_CHECKING:
    from connector.reconciliation.run_comparison import RunDifference


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = "Example: sd-connector reconcile diff 2026-03-31 2026-04-30"
    group.command("diff", epilog=example)(diff)


def diff(
    context: typer.Context,
    first: RunArgument,
    second: RunArgument,
    *,
    as_json: JsonOption = False,
) -> None:
    """
    Show which figures and breaks differ between two runs of the log.

    Exit code 0 when both say the same, 1 when they do not.
    """
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.run_comparison import compare_runs

    with invocation_of(context).application(read_only=True) as application:
        history = RunHistory.read(application.reconciliation_log)
        runs = [read_run(application, find_run(history, each)) for each in (first, second)]
    found = compare_runs(*runs)
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)
    if not found.is_empty:
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def _show(found: RunDifference) -> None:
    from connector.reconciliation import log_rows
    from connector.reconciliation.rows import BREAK_HEADINGS, break_rows_of

    if found.is_empty:
        say("Both runs say the same")
        return
    if found.header:
        show(table("About the runs", ("", "First", "Second"), found.header))
    if found.figures:
        headings: tuple[Any, ...] = ("Figure", ">First", ">Second", ">Change")
        show(table("Figures", headings, log_rows.figure_rows(found.figures)))
    for title, breaks in (("Only in the first", found.gone), ("Only in the second", found.new)):
        if breaks:
            show(table(f"Breaks: {title.lower()}", BREAK_HEADINGS, break_rows_of(breaks)))
    if found.changed:
        rows = [
            (old.id, old.code.value, old.subject, str(old.difference or ""),
             str(new.difference or ""))
            for old, new in found.changed
        ]  # fmt: skip
        show(table("Breaks: changed", ("Break", "Code", "About", ">First", ">Second"), rows))
