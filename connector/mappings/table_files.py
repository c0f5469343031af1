"""Read the rows of a table from a file: CSV, or a sheet of a workbook."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from connector.errors import ConfigurationError
from connector.mappings.config_file import nearest
from connector.mappings.text_functions import text

#: A row with the number of its line.
Record = tuple[int, dict[str, str]]
_WORKBOOK: Final = ".xlsx"
#: A number format such as 0000: the digits that a cell shows, with its leading zeros.
_ZEROS: Final = re.compile(r"0{2,}")


def read_records(
    name: str, file: Path, sheet: str = "", delimiter: str = ","
) -> tuple[tuple[str, ...], Iterable[Record]]:
    """
    Return the columns of *file* and its rows that are not empty; *delimiter* is that of CSV.

    Raises:
        ConfigurationError: unreadable, without header, a column is there twice, or a row is
            ragged; names file and line.
    """
    if file.suffix.lower() == _WORKBOOK:
        return _checked(file, _workbook_rows(name, file, sheet))
    if sheet:
        raise ConfigurationError(str(file), "has no sheets", "Remove `sheet`, or name a workbook")
    return _checked(file, _csv_rows(name, file, delimiter))


def _checked(
    file: Path, rows: Iterator[tuple[int, list[str]]]
) -> tuple[tuple[str, ...], list[Record]]:
    _, cells = next(rows, (1, []))
    header = tuple(cell.strip() for cell in cells)
    for position, column in enumerate(header):
        if column and column in header[:position]:
            raise ConfigurationError(
                f"{file}, line 1", f"the column {column!r} is there twice", "Rename one of them"
            )
    found: list[Record] = []
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise ConfigurationError(
                f"{file}, line {line}", f"has {len(cells)} columns, the header {len(header)}"
            )
        found.append((line, {c: v.strip() for c, v in zip(header, cells, strict=True)}))
    return header, found


def _csv_rows(name: str, file: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, strict=True, delimiter=delimiter)
            for cells in lines:
                yield lines.line_num, cells
    except OSError as error:
        raise ConfigurationError(
            str(file), f"the table {name!r} cannot be read ({error.strerror})", "Check the path"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(file), f"is not UTF-8 CSV ({error})") from error


def sheets_of(file: Path) -> tuple[str, ...]:
    """Return the sheets of a workbook; ConfigurationError where it cannot be read."""
    book = _opened(file.name, file)
    try:
        return tuple(book.sheetnames)
    finally:
        book.close()


def _opened(name: str, file: Path) -> Any:
    """Open a workbook for reading its values; the caller closes it."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except OSError as error:
        raise ConfigurationError(
            str(file), f"the table {name!r} cannot be read ({error.strerror})", "Check the path"
        ) from error
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ConfigurationError(str(file), f"is not a workbook ({error})") from error


def _workbook_rows(name: str, file: Path, sheet: str) -> Iterator[tuple[int, list[str]]]:
    book = _opened(name, file)
    try:
        if sheet and sheet not in book.sheetnames:
            raise ConfigurationError(
                str(file), f"there is no sheet {sheet!r}", nearest(sheet, book.sheetnames)
            )
        wanted = book[sheet] if sheet else book.worksheets[0]
        width = 0
        for line, cells in enumerate(wanted.iter_rows(), start=1):
            shown = [_shown(cell) for cell in cells]
            if not width:
                # Formatted but empty columns to the right are no columns.
                width = max((i for i, text in enumerate(shown, start=1) if text), default=0)
            row = shown[:width] + [""] * (width - len(shown))
            yield line, row
    finally:
        book.close()


def _shown(cell: Any) -> str:
    """Return what a cell shows, with the leading zeros that its format gives a number."""
    value = cell.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        if number == number.to_integral_value():
            width = len(cell.number_format) if _ZEROS.fullmatch(cell.number_format or "") else 0
            return str(int(number)).zfill(width)
        return f"{number:f}"
    if isinstance(value, datetime) and not (value.hour or value.minute):
        return value.date().isoformat()
    return "" if value is None else text(value) if isinstance(value, bool | date) else str(value)
