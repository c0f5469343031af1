"""Rows with columns become orders: rows that share a key, or order rows with lines elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from connector.errors import MessageError
from connector.mappings.message_format import Table, TableMessage
from connector.mappings.raw_message import RawMessage
from connector.mappings.readers.encodings import at_most
from connector.mappings.readers.seen_keys import SeenKeys

Row = dict[str, str]


class Cells(NamedTuple):
    """One row as read: where it stands, its texts, and what is wrong with it, if anything."""

    where: str
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """
    Rows in their order, without empty ones; making them may raise a MessageError in between.

    ``what`` is what a row is called: ``line`` of a text, ``row`` of a sheet.
    """

    rows: Iterator[Cells]
    source: str
    what: str
    notes: Callable[[], tuple[str, ...]] = tuple


#: Writes a group's rows, with their names, as a message of its own.
AsText = Callable[[tuple[str, ...], list[list[str]]], str]


@dataclass(slots=True)
class _Group:
    """The rows of one order so far; ``problem`` is the first thing wrong with them."""

    key: str
    where: str
    rows: list[Row] = field(default_factory=list)
    cells: list[list[str]] = field(default_factory=list)
    size: int = 0
    problem: MessageError | None = None


def read_grouped(
    grid: Grid, message: TableMessage, as_text: AsText | None
) -> Iterator[RawMessage | MessageError]:
    """
    Yield the orders of *grid*, each a mapping of its common columns and ``lines``.

    A row that does not fit makes its own order a MessageError, not its neighbours.
    """
    try:
        names = _columns(grid, message)
        found = False
        for group in _groups(grid, names, message):
            found = True
            yield _order(group, names, grid, message, as_text)
        if not found:
            yield MessageError(
                grid.source, f"the message has no {grid.what}s", f"at least one order {grid.what}"
            )
    except MessageError as error:
        yield error


def read_joined(
    orders: Grid, lines: Grid, message: TableMessage
) -> Iterator[RawMessage | MessageError]:
    """Yield each row of *orders* with its rows of *lines*; what belongs to none is an error."""
    assert message.lines_in is not None
    problems: list[MessageError] = []
    try:
        lines_by_key = _by_key(lines, message.lines_in, message)
        names = _columns(orders, message)
        seen: set[str] = set()
        for row in orders.rows:
            key, wrong = _keyed(row, names, message.group_by)
            if not wrong and key in seen:
                wrong = f"there is another row for order {key}", f"one {orders.what} for each order"
            seen.add(key)
            if wrong:
                yield MessageError(row.where, *wrong)
                continue
            group = lines_by_key.pop(key, _Group(key, ""))
            if group.problem is not None:
                yield group.problem
                continue
            content: dict[str, Any] = dict(zip(names, row.cells, strict=True))
            content["lines"] = group.rows
            notes = (*orders.notes(), *lines.notes())
            yield RawMessage(content, row.where, json.dumps(content, ensure_ascii=False), notes)
        if not seen:
            problems.append(MessageError(orders.source, "there are no orders", "at least one"))
    except MessageError as error:
        yield error
        return
    for key, group in lines_by_key.items():
        problems.append(
            group.problem
            or MessageError(group.where, f"the line's order {key!r} is missing",
                            f"a {orders.what} for it in {orders.source}")
        )  # fmt: skip
    yield from problems


def read_kept(content: bytes, source: str) -> Iterator[RawMessage | MessageError]:
    """Yield the order of a text that :func:`read_joined` or a workbook's reader kept as raw."""
    try:
        order = json.loads(content)
    except (ValueError, RecursionError):
        order = None
    if isinstance(order, dict) and isinstance(order.get("lines"), list):
        yield RawMessage(order, source, content.decode())
    else:
        yield MessageError(
            source, "this is neither the format nor a kept order", "a file of the channel's format"
        )


def as_json(names: tuple[str, ...], common: Row, rows: list[Row]) -> str:
    """Return an order as the text that :func:`read_kept` reads."""
    return json.dumps({**common, "lines": rows}, ensure_ascii=False)


def _columns(grid: Grid, table: Table) -> tuple[str, ...]:
    if not table.header:
        return table.columns
    header = next(grid.rows, Cells(f"{grid.source}, {grid.what} 1", []))
    if header.problem:
        raise MessageError(header.where, header.problem, "readable text")
    names = tuple(name.strip() for name in header.cells)
    missing = [name for name in table.columns if name not in names]
    if missing:
        raise MessageError(
            header.where,
            f"the header has no column {', '.join(missing)}",
            f"the columns {', '.join(table.columns)}",
        )
    twice = {name for name in table.columns if names.count(name) > 1}
    if twice:
        raise MessageError(
            header.where,
            f"the header has the column {', '.join(sorted(twice))} twice",
            "each column once",
        )
    return names


def _groups(grid: Grid, names: tuple[str, ...], message: TableMessage) -> Iterator[_Group]:
    group: _Group | None = None
    seen = SeenKeys()
    for row in grid.rows:
        values = dict(zip(names, row.cells, strict=False))
        key = values.get(message.group_by, "").strip()
        if group is None or key != group.key:
            if group is not None:
                yield group
            group = _Group(key, row.where)
            if key and not seen.add(key):
                group.problem = MessageError(
                    row.where,
                    f"the {grid.what}s of order {key} are not together",
                    "them one below the other",
                )
        _append(group, values, row, names, message)
    if group is not None:
        yield group


def _append(
    group: _Group, values: Row, row: Cells, names: tuple[str, ...], message: TableMessage
) -> None:
    group.size += sum(map(len, row.cells))
    if group.size > message.max_bytes:
        # Not kept: an endless order must not fill the memory.
        group.rows, group.cells = group.rows[:1], group.cells[:1]
        if group.problem is None:
            group.problem = MessageError(
                row.where, f"the order {group.key} is too large", at_most(message)
            )
        return
    group.rows.append(values)
    group.cells.append(row.cells)
    if group.problem is None:
        wrong = _problem(row, names, group, message)
        if wrong is not None:
            group.problem = MessageError(row.where, *wrong)


def _problem(
    row: Cells, names: tuple[str, ...], group: _Group, message: TableMessage
) -> tuple[str, str] | None:
    """Return what is wrong with the group's newest row, and what was expected."""
    _, wrong = _keyed(row, names, message.group_by)
    if wrong:
        return wrong
    first, newest = group.rows[0], group.rows[-1]
    for name in message.same_in_all_lines:
        if newest[name] != first.get(name):
            return (
                f"{name} is {newest[name]!r}, but {first.get(name)!r} in the order's first line",
                f"the same {name} in all lines of order {group.key}",
            )
    return None


def _keyed(row: Cells, names: tuple[str, ...], group_by: str) -> tuple[str, tuple[str, str] | None]:
    """Return the key of *row*, and what is wrong with the row and what was expected."""
    if row.problem:
        return "", (row.problem, "readable text")
    if len(row.cells) != len(names):
        what = f"the line has {len(row.cells)} columns"
        return "", (what, f"{len(names)}: {', '.join(names)}")
    key = row.cells[names.index(group_by)].strip()
    return key, None if key else (f"the column {group_by} is empty", "the order's key")


def _order(
    group: _Group,
    names: tuple[str, ...],
    grid: Grid,
    message: TableMessage,
    as_text: AsText | None,
) -> RawMessage | MessageError:
    if group.problem is not None:
        return group.problem
    common = {name: group.rows[0][name] for name in message.same_in_all_lines}
    raw = as_text(names, group.cells) if as_text else as_json(names, common, group.rows)
    return RawMessage({**common, "lines": group.rows}, group.where, raw, grid.notes())


def _by_key(grid: Grid, table: Table, message: TableMessage) -> dict[str, _Group]:
    """Return the rows of *grid* by order; they need not stand together."""
    names = _columns(grid, table)
    groups: dict[str, _Group] = {}
    for row in grid.rows:
        values = dict(zip(names, row.cells, strict=False))
        key = values.get(table.group_by, "").strip()
        group = groups.setdefault(key, _Group(key, row.where))
        group.rows.append(values)
        _, wrong = _keyed(row, names, table.group_by)
        if wrong and group.problem is None:
            group.problem = MessageError(row.where, *wrong)
    return groups


def without_empty(rows: Iterable[Cells]) -> Iterator[Cells]:
    """Leave out rows in which nothing stands."""
    return (row for row in rows if row.problem or any(cell.strip() for cell in row.cells))
