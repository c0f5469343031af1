"""`sd-connector reconcile run`: orders against billing, open items and the G/L, at a key date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli.failures import ExitCode
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import note, say, show, table
from connector.cli.run_reports import (
    ALL_FORMATS,
    FormatsOption,
    ReportOption,
    checked_formats,
    shortened,
    write_reports_of,
)

if TYPE_CHECKING:
    from rich.table import Table

    from connector.reconciliation.report import ReconciliationRun

KeyDateOption = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day that is looked at; today when left out."),
]
CompanyCodeOption = Annotated[
    list[str] | None,
    typer.Option("--company-code", help="Only this company code; may be given more than once."),
]
CurrencyOption = Annotated[
    list[str] | None,
    typer.Option("--currency", help="Only this currency; may be given more than once."),
]
DryOption = Annotated[
    bool, typer.Option("--dry", help="Keep nothing: neither the run nor what becomes of breaks.")
]
ReadAllOption = Annotated[
    bool,
    typer.Option(
        "--read-all", help="Read everything anew, whatever the last run kept of what it read."
    ),
]
FullOption = Annotated[
    bool,
    typer.Option(
        "--full", help="Show every term of the identities, the ageing, and what is explained."
    ),
]


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = "Example: sd-connector reconcile run --key-date 2026-03-31 --report /srv/finance"
    group.command("run", epilog=f"{example} --format xlsx,pdf")(run)


def run(
    context: typer.Context,
    *,
    key_date: KeyDateOption = None,
    company_code: CompanyCodeOption = None,
    currency: CurrencyOption = None,
    dry: DryOption = False,
    read_all: ReadAllOption = False,
    full: FullOption = False,
    report: ReportOption = None,
    formats: FormatsOption = ALL_FORMATS,
    as_json: JsonOption = False,
) -> None:
    """
    Prove that orders, billing, open items, payments and the G/L balance agree.

    Reads the store and the ERP, repairs nothing, and keeps the run in the log of runs. Exit code
    0 when everything agrees or is only a matter of time, 1 when a person has to look at something.
    A run for a day before one that was reconciled already verifies: it leaves the breaks alone.
    A run that fails leaves its reports as well, which say why.
    """
    from connector.bootstrap.reconciliation import run_reconciliation
    from connector.bootstrap.reconciling_with_reports import failure_reported
    from connector.reconciliation.report import Verdict

    wanted = checked_formats(report, formats)
    with invocation_of(context).application(beside=True) as application:

        def write(run: ReconciliationRun) -> None:
            if report is not None:
                for name in shortened(write_reports_of(application, run, report, wanted)):
                    note(name)

        with failure_reported(application, write):
            found = run_reconciliation(
                application,
                key_date.date() if key_date is not None else None,
                company_codes=company_code or (),
                currencies=currency or (),
                dry=dry,
            )
        if as_json:
            say(found.to_json())
        else:
            show(*reconciliation_tables(found, full=full))
        write(found)
    if found.verdict not in (Verdict.RECONCILED, Verdict.WITH_PENDING):
        raise typer.Exit(ExitCode.NEEDS_PERSON)


def reconciliation_tables(run: ReconciliationRun, *, full: bool = False) -> Iterator[Table]:
    """
    Yield the tables of a run: summary, identities, what is left, how it became so.

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
    yield from roll_forward_tables(run)
    yield from restated_tables(run)


def roll_forward_tables(run: ReconciliationRun) -> Iterator[Table]:
    """Yield how breaks and open items came from the run before, where there is one."""
    from connector.reconciliation import log_rows

    forward = run.roll_forward
    if forward is None or forward.opens_from is None:
        return
    before = f"since {forward.opens_from.key_date.isoformat()} ({forward.opens_from.run_id})"
    if forward.breaks:
        headings = _numbers(log_rows.BREAK_ROLL_HEADINGS, 1)
        yield table(f"Breaks {before}", headings, log_rows.break_roll_rows(forward))
    if forward.items:
        headings = _numbers(log_rows.ITEM_ROLL_HEADINGS, 3)
        yield table(f"Open items {before}", headings, log_rows.item_roll_rows(forward))


def restated_tables(run: ReconciliationRun) -> Iterator[Table]:
    """Yield what an earlier run for the same key date had otherwise, and why."""
    from connector.reconciliation import log_rows

    restated = run.restated
    if restated is None:
        return
    title = f"Restated since {restated.earlier.run_id}"
    yield table(
        title, _numbers(log_rows.FIGURE_HEADINGS, 1), log_rows.figure_rows(restated.figures)
    )
    if restated.documents:
        headings = (*log_rows.LATE_HEADINGS[:-1], f">{log_rows.LATE_HEADINGS[-1]}")
        yield table("Entered later", headings, log_rows.late_rows(restated))
    if restated.unexplained:
        rows = [(str(amount),) for amount in restated.unexplained]
        yield table("Changed without a document that was entered later", (">Amount",), rows)


def _numbers(headings: tuple[str, ...], first: int) -> tuple[Any, ...]:
    return tuple(f">{each}" if at >= first else each for at, each in enumerate(headings))
