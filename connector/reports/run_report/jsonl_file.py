"""A report as JSON lines: one record per line, with its type, decimals as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connector.reports.run_report.files import replacing
from connector.reports.run_report.parts import Cell, Part, plain
from connector.reports.run_report.run_parts import RUN
from connector.reports.run_report.run_report import RunReport


def write_jsonl(report: RunReport, path: Path) -> tuple[Path, ...]:
    """
    Write *report* to *path*.

    The first line is the run itself (``type`` ``run``), each further one a row of the part that its
    ``type`` names. Numbers of records are numbers, amounts and quantities are text, what is empty
    is null.

    Raises:
        OSError: the file cannot be written.
    """
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="replace", newline="\n") as stream,
    ):
        for record in records_of(report):
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
    return (path,)


def records_of(report: RunReport) -> Iterator[dict[str, Any]]:
    """Yield what each line holds."""
    for part in report.parts:
        if part.name == RUN.name:
            yield _run(part)
            continue
        for row in part.rows:
            cells = zip(part.columns, row, strict=True)
            yield {"type": part.name, **{column.name: _value(cell) for column, cell in cells}}


def _run(part: Part) -> dict[str, Any]:
    """The fields of the run as one record; there may be several problems."""
    record: dict[str, Any] = {"type": RUN.name, "problems": []}
    for field, value in part.rows:
        if field == "problem":
            record["problems"].append(value)
        else:
            record[str(field)] = _value(value)
    return record


def _value(cell: Cell) -> str | int | None:
    return cell if cell is None or isinstance(cell, int) else plain(cell)
