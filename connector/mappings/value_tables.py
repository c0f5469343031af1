"""Value tables: CSV files and workbooks that translate the channel's values into the ERP's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

from connector.errors import ConfigurationError
from connector.mappings.config_file import nearest
from connector.mappings.table_files import read_records

#: In a key column: matches any value that has no row of its own.
ANY: Final = "*"

Row = dict[str, str]
RowKey = tuple[str, ...]


class Match(NamedTuple):
    """
    What a table has for some values: the ``row`` that holds, and how sure that is.

    ``by_default`` tells that a ``*`` stood in for a value. ``rivals`` are other rows that fit as
    well: of a repeated key (``is_ambiguous``: none of them wins), or with as many ``*``.
    """

    row: Row
    by_default: bool = False
    rivals: tuple[Row, ...] = ()
    is_ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class ValueTable:
    """
    A table with its rows by key; ``label`` is its file as the rules name it.

    A key may have several columns; ``*`` in one of them matches any value. The row with the
    fewest of them wins, of equal ones that whose ``*`` stand further right. ``repeated`` are the
    further rows of a key, where the rules allow that; ``lines`` says where each row stands,
    ``sheet`` in which sheet of a workbook (empty for the first).
    """

    name: str
    file: Path
    label: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[RowKey, Row]
    has_wildcards: bool
    repeated: Mapping[RowKey, tuple[Row, ...]] = field(default_factory=dict)
    lines: Mapping[RowKey, int] = field(default_factory=dict)
    wildcards: tuple[tuple[int, ...], ...] = ()
    sheet: str = ""

    def find(self, values: Sequence[str]) -> Row | None:
        """Return the row for *values* (one per key column), None where there is none."""
        match = self.match(values)
        return None if match is None else match.row

    def match(self, values: Sequence[str]) -> Match | None:
        """Return the row for *values* and what else would fit, None where nothing does."""
        wanted = tuple(value.strip() for value in values)
        row = self.rows.get(wanted)
        if row is not None:
            others = self.repeated.get(wanted)
            return Match(row, rivals=others, is_ambiguous=True) if others else Match(row)
        if not self.has_wildcards:
            return None
        best: Row | None = None
        rivals: list[Row] = []
        many = 0
        for wild in self.wildcards:
            if best is not None and len(wild) > many:
                break
            key = tuple(ANY if i in wild else value for i, value in enumerate(wanted))
            row = self.rows.get(key)
            if row is None:
                continue
            if best is None:
                best, many = row, len(wild)
                rivals.extend(self.repeated.get(key, ()))
                if rivals:
                    return Match(best, True, tuple(rivals), is_ambiguous=True)
            else:
                rivals.append(row)
        return None if best is None else Match(best, True, tuple(rivals))


def read_table(
    name: str,
    file: Path,
    key: tuple[str, ...],
    label: str = "",
    *,
    sheet: str = "",
    repeats: bool = False,
) -> ValueTable:
    """
    Read *file* (CSV in UTF-8 with commas, or a workbook) whose rows are unique in *key*.

    *label* is what messages call it, its name when empty. With *repeats* rows may repeat a key.

    Raises:
        ConfigurationError: unreadable, a key column is missing, a row is ragged or repeats a key;
            names file and line.
    """
    header, records = read_records(name, file, sheet)
    for column in key:
        if column not in header:
            raise ConfigurationError(
                f"{file}, line 1", f"there is no column {column!r}", nearest(column, header)
            )
    rows: dict[RowKey, Row] = {}
    lines: dict[RowKey, int] = {}
    repeated: dict[RowKey, tuple[Row, ...]] = {}
    for line, row in records:
        row_key = tuple(row[column] for column in key)
        if row_key not in rows:
            rows[row_key], lines[row_key] = row, line
        elif repeats:
            repeated[row_key] = (*repeated.get(row_key, ()), row)
        else:
            raise ConfigurationError(
                f"{file}, line {line}",
                f"{' / '.join(row_key)} is there already",
                "Remove one of the rows",
            )
    used = {
        tuple(i for i, value in enumerate(row_key) if value == ANY)
        for row_key in rows
        if ANY in row_key
    }
    return ValueTable(
        name=name,
        file=file,
        label=label or file.name,
        key=key,
        columns=header,
        rows=rows,
        has_wildcards=bool(used),
        repeated=repeated,
        lines=lines,
        wildcards=tuple(wild for wild in _in_order(len(key)) if wild in used),
        sheet=sheet,
    )


def _in_order(columns: int) -> Iterable[tuple[int, ...]]:
    """Yield the places that ``*`` may have, in the order in which rows win."""
    for many in range(1, columns + 1):
        yield from reversed(list(combinations(range(columns), many)))
