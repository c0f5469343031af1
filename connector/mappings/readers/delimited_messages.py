"""Read delimited text (CSV, TSV) into raw messages: one per order, streaming."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import IO, Final

from connector.errors import MessageError
from connector.mappings.message_format import AUTO, DelimitedMessage, Table
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers import encodings
from connector.mappings.readers.encodings import Encoding, Line
from connector.mappings.readers.tables import (
    Cells,
    Grid,
    read_grouped,
    read_joined,
    read_kept,
    without_empty,
)

#: Tried in this order where the delimiter is to be found out.
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_delimited(
    stream: IO[bytes],
    message: DelimitedMessage,
    source: str,
    lines: tuple[IO[bytes], str] | None = None,
) -> Iterator[RawMessage | MessageError]:
    """
    Yield the orders of *stream*, each a mapping of its common columns and ``lines``.

    *lines* is the file with the lines and its name, where the profile has them apart.
    """
    if message.lines_in is None:
        try:
            grid, delimiter = _grid(stream, message, message, source)
        except MessageError as error:
            yield error
            return
        yield from read_grouped(grid, message, partial(_as_text, message, delimiter))
    elif lines is None:
        yield from read_kept(stream.read(message.max_bytes), source)
    else:
        try:
            if lines[0].seek(0, io.SEEK_END) > message.max_bytes:
                raise MessageError(lines[1], "the file is too large", encodings.at_most(message))
            lines[0].seek(0)
            orders, _ = _grid(stream, message, message, source)
            found, _ = _grid(lines[0], message, message.lines_in, lines[1])
        except MessageError as error:
            yield error
            return
        yield from read_joined(orders, found, message)


def _grid(
    stream: IO[bytes], message: DelimitedMessage, table: Table, source: str
) -> tuple[Grid, str]:
    encoding = encodings.encoding_of(stream, message, guess=True)
    delimiter, said = message.delimiter, ""
    if delimiter == AUTO:
        delimiter, said = _delimiter(stream, encoding, message, table, source)
    notes = tuple(note for note in (encoding.note, said) if note)
    text = encodings.lines(stream, encoding, message, source)
    rows = _rows(text, message, delimiter, encoding, source)
    return Grid(without_empty(rows), source, "line", lambda: notes), delimiter


def _delimiter(
    stream: IO[bytes], encoding: Encoding, message: DelimitedMessage, table: Table, source: str
) -> tuple[str, str]:
    """Return the delimiter that gives the columns in the first line, and what to say of it."""
    stream.seek(0)
    text = encodings.lines(stream, encoding, message, source)
    first = next((line for line in text if line.text.strip()), Line(1, ""))
    stream.seek(0)
    fitting: list[str] = []
    for delimiter in _DELIMITERS:
        rows = _rows(iter([first]), message, delimiter, encoding, source)
        try:
            cells = [cell.strip() for cell in next(rows, Cells("", [])).cells]
        except MessageError:
            continue
        wanted = set(table.columns) <= set(cells) if table.header else (
            len(cells) == len(table.columns)
        )  # fmt: skip
        if wanted:
            fitting.append(delimiter)
    # Without a fitting one the comma lets the header's error say what is missing.
    found = fitting[0] if fitting else ","
    named = _DELIMITERS[found]
    said = (
        f"the columns were taken to be separated by {named}; say message.delimiter in the profile"
    )
    return found, "" if found == "," else said


def _rows(
    text: Iterator[Line],
    message: DelimitedMessage,
    delimiter: str,
    encoding: Encoding,
    source: str,
) -> Iterator[Cells]:
    taken: list[str] = []

    def given() -> Iterator[str]:
        for line in text:
            taken.append(line.text)
            yield line.text

    if message.quote:
        reader = csv.reader(given(), delimiter=delimiter, quotechar=message.quote, strict=True)
    else:
        reader = csv.reader(given(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    try:
        for cells in reader:
            problem = next(filter(None, (_not_text(line, encoding) for line in taken)), "")
            taken.clear()
            yield Cells(f"{source}, line {reader.line_num}", cells, problem)
    except csv.Error as error:
        raise MessageError(
            f"{source}, line {reader.line_num}",
            f"{error}; this order and all after it are lost",
            f"text with columns separated by {delimiter!r}",
        ) from error


def _not_text(line: str, encoding: Encoding) -> str:
    found = encodings.not_text_in(line, encoding.name)
    return found[1] if found else ""


def _as_text(
    message: DelimitedMessage, delimiter: str, names: tuple[str, ...], rows: list[list[str]]
) -> str:
    """Return the order's lines as a message of their own, with the header where there is one."""
    lines = [list(names), *rows] if message.header else rows
    if not message.quote:
        return "".join(delimiter.join(cells) + "\n" for cells in lines)
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quotechar=message.quote, lineterminator="\n")
    writer.writerows(lines)
    return stream.getvalue()
