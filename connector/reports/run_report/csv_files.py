"""The parts of a report as CSV, one file each, for programs and pivot tables."""

from __future__ import annotations

import csv
from pathlib import Path

from connector.mappings.fill_in_sheets import guarded
from connector.reports.run_report.files import replacing
from connector.reports.run_report.parts import Cell, Part, plain
from connector.reports.run_report.run_report import RunReport


def write_csv(report: RunReport, folder: Path) -> tuple[Path, ...]:
    """
    Write ``<part>.csv`` for every part into *folder*, which is made when it is missing.

    UTF-8 with a mark for spreadsheets, commas, headings first; a part without rows has its heading
    alone. Texts that a spreadsheet would take for a formula begin with an apostrophe.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return tuple(_write(part, folder / f"{part.name}.csv") for part in report.parts)


def _write(part: Part, path: Path) -> Path:
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8-sig", errors="replace", newline="") as stream,
    ):
        writer = csv.writer(stream)
        writer.writerow(column.name for column in part.columns)
        writer.writerows([_text(cell) for cell in row] for row in part.rows)
    return path


def _text(cell: Cell) -> str:
    text = plain(cell)
    return guarded(text) if isinstance(cell, str) else text
