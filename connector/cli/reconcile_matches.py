"""`sd-connector reconcile matches`: what a kept run has matched with what, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.kept_runs import RunArgument, find_run, read_run
from connector.cli.output import note, print_json, show, table

if TYPE_CHECKING:
    from connector.reconciliation.matching import Match

#: More matches than these are not shown as a table.
_SHOWN: Final = 50


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = "Example: sd-connector reconcile matches last --with 0090000001"
    group.command("matches", epilog=example)(matches)


def matches(
    context: typer.Context,
    run: RunArgument,
    *,
    text: Annotated[
        str, typer.Option("--with", help="Only matches of which one side contains this.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """
    List what a run has matched: which records belong together, by which rule, for how much.

    With --json all of them, one per line; otherwise the first fifty. The run itself holds how many
    there are and their hash, which `reconcile verify` checks.
    """
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reconciliation.kept_matches import matches_of

    with invocation_of(context).application(read_only=True) as application:
        kept = read_run(application, find_run(RunHistory.read(application.reconciliation_log), run))
        found = (
            match
            for match in matches_of(kept, application.reconciliation_runs)
            if text in match.outside or text in match.erp
        )
        if as_json:
            for match in found:
                print_json(match.model_dump(mode="json"))
            return
        first = list(islice(found, _SHOWN))
        more = sum(1 for _ in found)
    if not first:
        note(f"{kept.header.run_id} has matched nothing{f' with {text}' if text else ''}")
        raise typer.Exit(ExitCode.NEEDS_PERSON if text else ExitCode.DONE)
    headings = (">Comparison", "Outside", "ERP", "Rule", ">Amount")
    show(table(f"Matches of {kept.header.run_id}", headings, _rows(first)))
    if more:
        note(f"... and {more:,} more; --json prints all")


def _rows(found: list[Match]) -> Iterator[tuple[str, ...]]:
    for match in found:
        rule, amount = match.rule.value, str(match.amount)
        yield str(match.identity), match.outside, match.erp, rule, amount
