"""Sample tables read for the first time: their columns, and which of them make an order."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from connector.errors import ConfigurationError, MessageError
from connector.mappings.message_format import DelimitedMessage
from connector.mappings.proposing import vocabulary
from connector.mappings.proposing.names import likeness
from connector.mappings.readers.encodings import decoded

_DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_ROWS: Final = 5000
_ID: Final = next(each for each in vocabulary.ORDER if each.field == "external_id")
#: What only a line has.
_OF_LINE: Final = tuple(
    phrase
    for phrases in (
        *(target.phrases for target in vocabulary.LINE),
        vocabulary.PRICE,
        vocabulary.LINE_DISCOUNT,
        vocabulary.TAX_RATE,
    )
    for phrase in phrases
)


def table_message(paths: Sequence[Path], kind: str) -> dict[str, Any]:
    """
    Return the ``message`` of a profile for delimited text or workbooks at *paths*.

    Raises:
        ConfigurationError: there is no header, or no row.
    """
    rows = _workbook(paths[0]) if kind == "xlsx" else _delimited(paths[0])
    header = [name.strip() for name in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    if len(rows) < 2 or not header or not all(header) or len(set(header)) != len(header):
        raise ConfigurationError(
            str(paths[0]),
            "has no header that names each column differently, or no row below it",
            "Give samples with a header in the first row",
        )
    records = [dict(zip(header, row, strict=False)) for row in rows[1:]]
    group_by = _group_by(header, records)
    same = _same(header, records, group_by)
    return {
        "format": kind,
        "columns": header,
        "group_by": group_by,
        "same_in_all_lines": [group_by, *(name for name in same if name != group_by)],
    }


def _delimited(path: Path) -> list[list[str]]:
    # Only how bytes become text is needed of it.
    message = DelimitedMessage(format="delimited", columns=("a",), group_by="a")
    try:
        with path.open("rb") as stream:
            text, _ = decoded(stream.read(message.max_bytes), message, path.name, guess=True)
    except MessageError as error:
        raise ConfigurationError(error.source, error.problem, "Give samples of text") from error
    lines = text.splitlines()
    first = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return list(csv.reader(lines[: _MOST_ROWS + 1], delimiter=delimiter))
    except csv.Error as error:
        raise ConfigurationError(
            str(path), f"is no delimited text: {error}", "Give samples with columns"
        ) from error


def _workbook(path: Path) -> list[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, BadZipFile, InvalidFileException) as error:
        raise ConfigurationError(
            str(path), f"is no workbook: {error}", "Save it as XLSX"
        ) from error
    try:
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=_MOST_ROWS + 1, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    finally:
        book.close()


def _group_by(header: Sequence[str], records: Sequence[dict[str, str]]) -> str:
    """Return the column that looks like the order's number; one that repeats in lines wins."""

    def score(name: str) -> float:
        values = [record.get(name, "") for record in records]
        runs = sum(1 for _ in groupby(values))
        repeats = runs < len(values) and len(set(values)) == runs
        return likeness((name,), _ID.phrases) + (0.3 if repeats else 0.0)

    return max(header, key=score)


def _same(header: Sequence[str], records: Sequence[dict[str, str]], group_by: str) -> list[str]:
    """Return the columns that are of the order as a whole."""
    groups = [list(rows) for _, rows in groupby(records, lambda each: each.get(group_by, ""))]
    several = [rows for rows in groups if len(rows) > 1]
    constant = [
        name
        for name in header
        if all(len({record.get(name, "") for record in rows}) == 1 for rows in several)
    ]
    if len(several) >= 3:
        # What happens to be the same in a few orders may still be the line's.
        return [name for name in constant if not _is_of_line(name)]
    return [name for name in constant if name == group_by or not _is_of_line(name)]


def _is_of_line(name: str) -> bool:
    of_order = max(likeness((name,), target.phrases) for target in vocabulary.ORDER)
    return likeness((name,), _OF_LINE) > max(of_order, 0.6)
