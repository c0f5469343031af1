"""The options of a run that leave its reports in a folder at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from connector.bootstrap.application import Application
    from connector.reconciliation.report import ReconciliationRun
    from connector.reports.run_report.writing import Format

ReportOption = Annotated[
    Path | None,
    typer.Option("--report", help="Folder that gets reports of the run, in a folder of its own."),
]
FormatsOption = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMATS",
        help="What --report writes: of csv, xlsx, pdf, jsonl and html, with commas between.",
    ),
]

ALL_FORMATS = "html,xlsx,pdf,csv,jsonl"


def checked_formats(folder: Path | None, formats: str) -> Collection[Format]:
    """
    Return the formats that *formats* names.

    Raises:
        typer.BadParameter: one is unknown, none is named, or *folder* is a file.
    """
    from connector.reports.run_report.writing import Format

    if folder is not None and folder.exists() and not folder.is_dir():
        raise typer.BadParameter(f"{folder} is a file", param_hint="--report")
    names = [name.strip().lower() for name in formats.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Format)]
    if unknown or not names:
        wrong = f"{', '.join(unknown)}: " if unknown else ""
        raise typer.BadParameter(f"{wrong}there are {', '.join(Format)}", param_hint="--format")
    return {Format(name) for name in names}


def write_reports_of(
    application: Application, run: ReconciliationRun, folder: Path, formats: Collection[Format]
) -> list[Path]:
    """
    Write *formats* of *run* into *folder*, as `reconcile report` does; returns what was written.

    Raises:
        ConfigurationError: one cannot be written.
    """
    from connector.bootstrap.reconciliation_reports import report_of
    from connector.reports.run_report.writing import write_reports

    font = application.settings.reconciliation.reports.font
    return list(write_reports(report_of(application, run), folder, formats, font=font))


def shortened(written: Iterable[Path]) -> list[str]:
    """Return the files as they are told: those of CSV by their folder."""
    written = list(written)
    return list(
        dict.fromkeys(
            f"{path.parent} ({sum(each.parent == path.parent for each in written)} files)"
            if path.suffix == ".csv"
            else str(path)
            for path in written
        )
    )
