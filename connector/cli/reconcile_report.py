"""`sd-connector reconcile report`: a kept run as workbook, page, sheet to sign, or files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli.invocation import invocation_of
from connector.cli.kept_runs import find_run, read_run
from connector.cli.output import say
from connector.cli.run_reports import shortened

if TYPE_CHECKING:
    from connector.reports.run_report.writing import Format

RunOrLast = Annotated[
    str,
    typer.Argument(
        metavar="[RUN]",
        help="Id of a run or its beginning, a key date (its newest run), or `last`.",
        show_default=False,
    ),
]


def add_to(group: typer.Typer) -> None:
    """Add the command to *group*."""
    example = "Example: sd-connector reconcile report last --pdf march.pdf --xlsx march.xlsx"
    group.command("report", epilog=example)(report)


def report(
    context: typer.Context,
    run: RunOrLast = "last",
    *,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Folder for CSV files, one for each part.")
    ] = None,
    xlsx: Annotated[
        Path | None, typer.Option("--xlsx", help="Workbook with formulas and evidence.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", help="Sheet that preparer and reviewer sign.")
    ] = None,
    jsonl: Annotated[
        Path | None, typer.Option("--jsonl", help="File with one record per line.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Page with pictures, which needs no network.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Folder that gets all formats, in a folder of the run."),
    ] = None,
) -> None:
    """
    Write reports of a run of the log, the newest when none is named.

    All formats have the same counts and totals. Breaks are shown with the owner, the due day and
    the comments that they have now, and the sheet with the signatures that there are.
    """
    from connector.bootstrap.reconciliation_reports import report_of
    from connector.reconciliation.chain_of_runs import RunHistory
    from connector.reports.run_report.writing import Format, write_report, write_reports

    wanted: dict[Format, Path | None] = {
        Format.CSV: csv, Format.XLSX: xlsx, Format.PDF: pdf, Format.JSONL: jsonl, Format.HTML: html,
    }  # fmt: skip
    if folder is None and not any(wanted.values()):
        raise typer.BadParameter(
            "say what to write: --html, --xlsx, --pdf, --csv, --jsonl, or --folder for all of them"
        )
    for each, path in wanted.items():
        if path is not None and path.is_dir() is not (each is Format.CSV) and path.exists():
            kind = "a file" if each is Format.CSV else "a folder"
            raise typer.BadParameter(f"{path} is {kind}", param_hint=f"--{each.value}")
    with invocation_of(context).application(read_only=True) as application:
        found = find_run(RunHistory.read(application.reconciliation_log), run)
        made = report_of(application, read_run(application, found))
        font = application.settings.reconciliation.reports.font
    written = [
        path
        for each, place in wanted.items()
        if place is not None
        for path in write_report(made, each, place, font=font)
    ]
    if folder is not None:
        written += write_reports(made, folder, set(Format), font=font)
    say(f"{found.run_id}: {found.verdict.value}, key date {found.key_date}")
    for name in shortened(written):
        say(name)
