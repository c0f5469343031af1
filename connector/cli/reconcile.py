"""`sd-connector reconcile`: orders against billing, open items and the G/L, at a key date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import say, show, table

if TYPE_CHECKING:
    from rich.table import Table

    from connector.reconciliation.report import ReconciliationRun


def add_to(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("reconcile", epilog="Example: sd-connector reconcile --key-date 2026-03-31")(
        reconcile
    )


def reconcile(
    context: typer.Context,
    *,
    key_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day that is looked at; today when left out."),
    ] = None,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Show every term of the identities, the ageing, and what is explained.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """
    Prove that orders, billing, open items, payments and the G/L balance agree.

    Reads the store and the ERP, repairs nothing, and keeps the run in the log of runs. Exit code
    0 when everything agrees or is only a matter of time, 1 when a person has to look at something.
    """
    from connector.bootstrap.reconciliation import run_reconciliation
    from connector.reconciliation.report import Verdict

    with invocation_of(context).application(beside=True) as application:
        day = key_date.date() if key_date is not None else None
        run = run_reconciliation(application, day)
    if as_json:
        say(run.to_json())
    else:
        show(*reconciliation_tables(run, full=full))
    if run.verdict not in (Verdict.RECONCILED, Verdict.WITH_PENDING):
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def reconciliation_tables(run: ReconciliationRun, *, full: bool = False) -> Iterator[Table]:
    """
    Yield the tables of a run: summary, identities, what is left.

    *full* adds the ageing and every difference that is explained.
    """
    from connector.reconciliation import rows

    yield table("Reconciliation", ("", ""), rows.summary_rows(run))
    if full:
        yield table("Identities", _numbers(rows.IDENTITY_HEADINGS, 4), rows.identity_rows(run))
        yield table("Ageing", _numbers(rows.AGEING_HEADINGS, 3), rows.ageing_rows(run))
        if run.explained:
            headings = _numbers(rows.EXPLAINED_HEADINGS, 2)
            yield table("Explained", (*headings[:-1], "Why"), rows.explained_rows(run))
    else:
        headings = ("No", "Comparison", "Company code", "Account", ">Amount", ">Difference")
        yield table("Identities", headings, rows.difference_rows(run))
    if run.breaks:
        yield table("Breaks", rows.BREAK_HEADINGS, rows.break_rows(run))
    if run.pending:
        yield table("Pending", rows.PENDING_HEADINGS, rows.pending_rows(run))


def _numbers(headings: tuple[str, ...], first: int) -> tuple[Any, ...]:
    return tuple(f">{each}" if at >= first else each for at, each in enumerate(headings))
