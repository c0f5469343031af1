"""Read delimited text (CSV, TSV) into raw messages: one per order, streaming."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.errors import MessageError
from connector.mappings.message_format import DelimitedMessage
from connector.mappings.raw_message import RawMessage

Row = dict[str, str]


class _Line(NamedTuple):
    number: int
    cells: list[str]


@dataclass(slots=True)
class _Group:
    """The lines of one order so far; ``problem`` is the first thing wrong with them."""

    key: str
    first_line: int
    rows: list[Row] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    problem: MessageError | None = None


def read_delimited(
    content: bytes, message: DelimitedMessage, source: str
) -> Iterator[RawMessage | MessageError]:
    """
    Yield the orders of *content*, each a mapping of its common columns and ``lines``.

    A line that does not fit makes its own order a MessageError, not its neighbours.
    """
    try:
        lines = _lines(decoded(content, message, source), message, source)
        names = _columns(lines, message, source)
        found = False
        for group in _groups(lines, names, message, source):
            found = True
            yield _order(group, names, message, source)
        if not found:
            yield MessageError(source, "the message has no lines", "at least one order line")
    except MessageError as error:
        yield error


def _lines(text: str, message: DelimitedMessage, source: str) -> Iterator[_Line]:
    stream = io.StringIO(text, newline="")
    if message.quote:
        reader = csv.reader(
            stream, delimiter=message.delimiter, quotechar=message.quote, strict=True
        )
    else:
        reader = csv.reader(stream, delimiter=message.delimiter, quoting=csv.QUOTE_NONE)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _Line(reader.line_num, cells)
    except csv.Error as error:
        raise MessageError(
            f"{source}, line {reader.line_num}",
            f"{error}; this order and all after it are lost",
            f"text with columns separated by {message.delimiter!r}",
        ) from error


def _columns(lines: Iterator[_Line], message: DelimitedMessage, source: str) -> tuple[str, ...]:
    if not message.header:
        return message.columns
    header = next(lines, _Line(1, []))
    names = tuple(name.strip() for name in header.cells)
    missing = [name for name in message.columns if name not in names]
    if missing:
        raise MessageError(
            f"{source}, line {header.number}",
            f"the header has no column {', '.join(missing)}",
            f"the columns {', '.join(message.columns)}",
        )
    return names


def _groups(
    lines: Iterator[_Line], names: tuple[str, ...], message: DelimitedMessage, source: str
) -> Iterator[_Group]:
    group: _Group | None = None
    seen: set[str] = set()
    for line in lines:
        row = dict(zip(names, line.cells, strict=False))
        key = row.get(message.group_by, "").strip()
        if group is None or key != group.key:
            if group is not None:
                yield group
            group = _Group(key, line.number)
            if key in seen:
                group.problem = MessageError(
                    f"{source}, line {line.number}",
                    f"the lines of order {key} are not together",
                    "them one below the other",
                )
            seen.add(key)
        group.rows.append(row)
        group.cells.append(line.cells)
        if group.problem is None:
            wrong = _problem(line, names, group, message)
            if wrong is not None:
                group.problem = MessageError(f"{source}, line {line.number}", *wrong)
    if group is not None:
        yield group


def _problem(
    line: _Line, names: tuple[str, ...], group: _Group, message: DelimitedMessage
) -> tuple[str, str] | None:
    """Return what is wrong with the group's newest line, and what was expected."""
    if len(line.cells) != len(names):
        return f"the line has {len(line.cells)} columns", f"{len(names)}: {', '.join(names)}"
    if not group.key:
        return f"the column {message.group_by} is empty", "the order's key"
    first, row = group.rows[0], group.rows[-1]
    for name in message.same_in_all_lines:
        if row[name] != first.get(name):
            return (
                f"{name} is {row[name]!r}, but {first.get(name)!r} in the order's first line",
                f"the same {name} in all lines of order {group.key}",
            )
    return None


def _order(
    group: _Group, names: tuple[str, ...], message: DelimitedMessage, source: str
) -> RawMessage | MessageError:
    if group.problem is not None:
        return group.problem
    common = {name: group.rows[0][name] for name in message.same_in_all_lines}
    where = f"{source}, line {group.first_line}"
    return RawMessage({**common, "lines": group.rows}, where, _as_text(group, names, message))


def _as_text(group: _Group, names: tuple[str, ...], message: DelimitedMessage) -> str:
    """Return the order's lines as a message of their own, with the header where there is one."""
    lines = [list(names), *group.cells] if message.header else group.cells
    if not message.quote:
        return "".join(message.delimiter.join(cells) + "\n" for cells in lines)
    stream = io.StringIO()
    writer = csv.writer(
        stream, delimiter=message.delimiter, quotechar=message.quote, lineterminator="\n"
    )
    writer.writerows(lines)
    return stream.getvalue()


def decoded(content: bytes, message: object, source: str) -> str:
    """
    Return *content* as text, without a byte order mark.

    Raises:
        MessageError: too large, or not in the encoding of the profile.
    """
    if len(content) > message.max_bytes:
        raise MessageError(
            source,
            f"the message has {len(content):,} bytes",
            f"at most {message.max_bytes:,} (message.max_bytes in the channel profile)",
        )
    encoding = "utf-8-sig" if message.encoding in ("utf-8", "auto") else message.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MessageError(
            f"{source}, line {line}",
            f"byte {error.start + 1} is not {message.encoding} text ({error.reason})",
            f"{message.encoding} text (message.encoding in the channel profile)",
        ) from None
