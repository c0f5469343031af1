"""
Add rows to value tables: whole files are replaced in one go, and what is there stays as it is.

Of a CSV file every byte stays, with its line ends and byte order mark; new rows come after the
last. Of a workbook the rows, formats and notes of all sheets stay.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from connector.errors import ConfigurationError
from connector.mappings.value_tables import Row, ValueTable, read_table

#: Files are written beside the table first, under this suffix behind the name of the table's file.
_PART = ".part"


def add_rows(table: ValueTable, rows: Sequence[Row]) -> None:
    """
    Write *rows* behind those of *table*, of a workbook into the same sheet.

    Raises:
        ConfigurationError: the file cannot be written, or would not be a table then; it stays as
            it was.
    """
    is_workbook = table.file.suffix.lower() == ".xlsx"
    # The suffix says how the file is read.
    part = table.file.with_name(f".{table.file.stem}{_PART}{table.file.suffix}")
    try:
        try:
            if is_workbook:
                _write_workbook(table, rows, part)
            else:
                part.write_bytes(_with_lines(table, rows))
            shutil.copymode(table.file, part)
            _check(table, rows, part)
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
            part.replace(table.file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            str(table.file),
            f"cannot be written ({error.strerror})",
            "Copy rules and tables to a folder of your own and name them in the settings",
        ) from error


def _with_lines(table: ValueTable, rows: Iterable[Row]) -> bytes:
    content = table.file.read_bytes()
    end = "\r\n" if b"\r\n" in content else "\n"
    stream = io.StringIO(newline="")
    lines = csv.writer(stream, lineterminator=end)
    lines.writerows([row[column] for column in table.columns] for row in rows)
    between = b"" if content.endswith(b"\n") else end.encode()
    return content + between + stream.getvalue().encode("utf-8")


def _write_workbook(table: ValueTable, rows: Iterable[Row], part: Path) -> None:
    from openpyxl import load_workbook

    book = load_workbook(table.file)
    try:
        wanted: Any = book[table.sheet] if table.sheet else book.worksheets[0]
        last = max(
            (
                cells[0].row
                for cells in wanted.iter_rows()
                if any(c.value is not None for c in cells)
            ),
            default=1,
        )
        first, below = last, last
        for row in rows:
            below += 1
            for position, column in enumerate(table.columns, start=1):
                if row[column]:
                    cell = wanted.cell(below, position)
                    # Numbers keep their leading zeros as text.
                    cell.number_format = "@"
                    cell.value, cell.data_type = row[column], "s"
        _stretch(wanted, first, below)
        book.save(part)
    finally:
        book.close()


def _stretch(sheet: Any, last: int, below: int) -> None:
    """Let the filter, and the sheet's tables, that ended at row *last* go on to *below*."""
    for area in (sheet.auto_filter, *sheet.tables.values()):
        start, colon, end = (area.ref or "").partition(":")
        column = end.rstrip("0123456789")
        if colon and end == f"{column}{last}":
            area.ref = f"{start}:{column}{below}"
            if getattr(area, "autoFilter", None) is not None:
                area.autoFilter.ref = area.ref


def _check(table: ValueTable, rows: Iterable[Row], part: Path) -> None:
    """Read what was written as the rules will: all rows must be there, and no other."""
    written = read_table(
        table.name, part, table.key, table.label, sheet=table.sheet, repeats=bool(table.repeated)
    )
    added = {tuple(row[column] for column in table.key): row for row in rows}
    expected = {**table.rows, **added}
    if written.rows != expected:
        raise ConfigurationError(
            str(table.file),
            "was changed in the meantime, or cannot hold the rows as they are",
            "Load the file again",
        )
