"""Writes reports of a run: single ones to files, or a set of formats into a folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from pathlib import Path

from connector.errors import ConfigurationError
from connector.reports.run_report.run_report import RunReport


class Format(StrEnum):
    """What a report can be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    JSONL = "jsonl"
    HTML = "html"


def write_report(
    report: RunReport, as_format: Format, path: Path, *, font: Path | None = None
) -> tuple[Path, ...]:
    """
    Write one format to *path*, a folder for CSV and a file otherwise; returns what was written.

    Args:
        report: what is written.
        as_format: as what.
        path: its folder is made when it is missing.
        font: TrueType font for the PDF's texts that the shipped font has no signs for.

    Raises:
        ConfigurationError: it cannot be written there, or the font cannot be read.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _writers(font)[as_format](report, path)
    except OSError as error:
        raise ConfigurationError(
            str(error.filename or path),
            f"the {as_format.value} report cannot be written: {error.strerror or error}",
            "Name another place, or make room",
        ) from error


def write_reports(
    report: RunReport, folder: Path, formats: Collection[Format], *, font: Path | None = None
) -> tuple[Path, ...]:
    """
    Write *formats* into a folder of the run's own in *folder*; returns what was written.

    The files are called ``reconciliation.<format>``, those of CSV are in ``csv``. Writing them
    again replaces them.

    Raises:
        ConfigurationError: one cannot be written, or the font cannot be read.
    """
    own = folder / report.run.header.run_id
    written: list[Path] = []
    for each in Format:
        if each in formats:
            name = "csv" if each is Format.CSV else f"reconciliation.{each.value}"
            written += write_report(report, each, own / name, font=font)
    return tuple(written)


_Writer = Callable[[RunReport, Path], tuple[Path, ...]]


def _writers(font: Path | None) -> Mapping[Format, _Writer]:
    """Return how each format is written; their libraries are loaded when they are used."""

    def csv(report: RunReport, path: Path) -> tuple[Path, ...]:
        from connector.reports.run_report.csv_files import write_csv

        return write_csv(report, path)

    def xlsx(report: RunReport, path: Path) -> tuple[Path, ...]:
        from connector.reports.run_report.workbook import write_xlsx

        return write_xlsx(report, path)

    def pdf(report: RunReport, path: Path) -> tuple[Path, ...]:
        from connector.reports.run_report.sign_off_sheet import write_pdf

        return write_pdf(report, path, font)

    def jsonl(report: RunReport, path: Path) -> tuple[Path, ...]:
        from connector.reports.run_report.jsonl_file import write_jsonl

        return write_jsonl(report, path)

    def html(report: RunReport, path: Path) -> tuple[Path, ...]:
        from connector.reports.run_report.page import write_html

        return write_html(report, path)

    return {
        Format.CSV: csv, Format.XLSX: xlsx, Format.PDF: pdf, Format.JSONL: jsonl, Format.HTML: html,
    }  # fmt: skip
