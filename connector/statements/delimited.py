"""The rows of a CSV report with a header, by column name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connector.errors import MessageError
from connector.statements.encodings import File, require_size, text_of

#: Tried in this order.
_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the values by column name, without blanks around them, and its line in the file."""

    line: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the value of *column*, empty where the report has no such column."""
        return self.values.get(column, "")

    def first(self, *columns: str) -> str:
        """Return the first value of *columns* that is not empty, empty where all are."""
        return next((self[column] for column in columns if self[column]), "")


def header_of(file: File) -> tuple[str, ...]:
    """Return the column names in the first line that is not empty; empty for no CSV."""
    text = text_of(file)
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _cells(first, _delimiter(first))


def read_rows(file: File, needed: tuple[str, ...], what: str) -> Iterator[Row]:
    """
    Yield the rows of *file* under its header.

    Raises:
        MessageError: a column of *needed* is missing, a row has more cells than the header, or a
            quote is not closed.
    """
    require_size(file)
    text = text_of(file)
    # Not `splitlines`: it would cut a line at separators that may stand inside a cell.
    lines = io.StringIO(text, newline="").readlines()
    start = next((number for number, line in enumerate(lines) if line.strip()), None)
    if start is None:
        raise MessageError(
            file.source, "no line has anything in it", f"the columns of {what}: {', '.join(needed)}"
        )
    delimiter = _delimiter(lines[start])
    header = _cells(lines[start], delimiter)
    missing = [column for column in needed if column not in header]
    if missing:
        raise MessageError(
            f"{file.source}, line {start + 1}",
            f"the column {missing[0]!r} is missing",
            f"the columns of {what}: {', '.join(needed)}",
        )
    reader = csv.reader(lines[start + 1 :], delimiter=delimiter, strict=True)
    line = start + 1
    try:
        for cells in reader:
            line, started = start + 1 + reader.line_num, line + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                raise MessageError(
                    f"{file.source}, line {started}",
                    f"the row has {len(cells)} cells",
                    f"{len(header)}, as the header has columns",
                )
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            yield Row(started, values)
    except csv.Error as error:
        raise MessageError(
            f"{file.source}, line {line + 1}", f"{error}", f"rows of {what}"
        ) from None


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=lambda delimiter: (line.count(delimiter), delimiter == ","))


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:
        return ()
