"""
Rows that a person filled in, on their way into the value tables of the rules.

Everything is checked before anything is written: what a row says must be complete, must not
contradict the table, and must not be something that a spreadsheet program would run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connector.errors import ConfigurationError
from connector.mappings.config_file import nearest
from connector.mappings.fill_in_sheets import (
    OVERVIEW,
    is_for_people,
    looks_like_a_formula,
    sheet_names,
    unguarded,
)
from connector.mappings.table_files import Record, read_records, sheets_of
from connector.mappings.value_tables import Row, ValueTable

#: Filled in where somebody wants to say why; never needed.
_BECAUSE = "because"


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """Rows for one table, as ``label`` has them: a file, or a sheet of one."""

    table: str
    label: str
    columns: tuple[str, ...]
    records: Sequence[Record]


@dataclass(slots=True)
class TableChange:
    """
    What loading would change in one table.

    ``added`` are new rows by their line in the file, ``known`` counts those that the table has
    already, ``empty`` those that nobody filled in. With ``problems`` nothing may be written.
    """

    table: ValueTable
    label: str
    added: dict[int, Row] = field(default_factory=dict)
    known: int = 0
    empty: int = 0
    problems: list[str] = field(default_factory=list)


def read_filled(
    path: Path, tables: Mapping[str, ValueTable], table: str = ""
) -> tuple[FilledSheet, ...]:
    """
    Read the rows of *path*: a workbook with a sheet for each table, or a CSV file of one.

    The table of a CSV file is *table*, or what stands before its suffix: ``missing.skus.csv``.

    Raises:
        ConfigurationError: unreadable, or it is not known which table a sheet is for.
    """
    if path.suffix.lower() != ".xlsx":
        name = table or path.stem.rpartition(".")[2]
        if name not in tables:
            raise ConfigurationError(
                str(path),
                f"it is not known which table it is for: the rules have no table {name!r}",
                f"{nearest(name, tables)}; say it with --table",
            )
        columns, records = read_records(name, path, delimiter=_delimiter(path))
        shown = [(line, {c: unguarded(v) for c, v in row.items()}) for line, row in records]
        return (FilledSheet(name, path.name, columns, shown),)
    by_sheet = {sheet: name for name, sheet in sheet_names(tables).items()}
    found: list[FilledSheet] = []
    for sheet in sheets_of(path):
        if sheet == OVERVIEW or (table and by_sheet.get(sheet) != table):
            continue
        if sheet not in by_sheet:
            raise ConfigurationError(
                f"{path}, sheet {sheet}",
                "the rules have no table of that name",
                nearest(sheet, by_sheet),
            )
        columns, records = read_records(by_sheet[sheet], path, sheet)
        label = f"{path.name}, sheet {sheet}"
        found.append(FilledSheet(by_sheet[sheet], label, columns, list(records)))
    return tuple(found)


def _delimiter(path: Path) -> str:
    """Return what separates the columns: in much of Europe spreadsheet programs write ``;``."""
    try:
        with path.open("rb") as stream:
            header = stream.readline()
    except OSError:
        return ","
    return ";" if b";" in header and b"," not in header else ","


def change_of(sheet: FilledSheet, table: ValueTable) -> TableChange:
    """Return what the rows of *sheet* would change in *table*, and what speaks against it."""
    change = TableChange(table, sheet.label)
    change.problems += _wrong_columns(sheet, table)
    if change.problems:
        return change
    always = _always_filled(table)
    seen: dict[tuple[str, ...], int] = {}
    for line, record in sheet.records:
        row = {column: record.get(column, "") for column in table.columns}
        values = [c for c in table.columns if c not in table.key and c != _BECAUSE]
        if values and not any(row[column] for column in values):
            change.empty += 1
            continue
        key = tuple(row[column] for column in table.key)
        wrong = [*_wrong_cells(row), *_gaps(row, table, always)]
        change.problems += [f"{sheet.label}, line {line}: {each}" for each in wrong]
        if wrong:
            continue
        before = table.rows.get(key)
        if before is not None:
            _compare(change, line, row, before)
        elif key in seen:
            _compare_within(change, line, row, seen[key])
        else:
            seen[key] = line
            change.added[line] = row
    return change


def _wrong_columns(sheet: FilledSheet, table: ValueTable) -> Iterator[str]:
    for column in table.key:
        if column not in sheet.columns:
            yield (
                f"{sheet.label}: the key column {column!r} of {table.label} is missing; "
                f"{nearest(column, sheet.columns)}"
            )
    for column in sheet.columns:
        if column and column not in table.columns and not is_for_people(column):
            yield (
                f"{sheet.label}: {table.label} has no column {column!r}; "
                f"{nearest(column, table.columns)}"
            )


def _always_filled(table: ValueTable) -> frozenset[str]:
    """Return the columns that no row of *table* leaves empty."""
    if not table.rows:
        return frozenset()
    return frozenset(
        column
        for column in table.columns
        if column != _BECAUSE and all(row[column] for row in table.rows.values())
    )


def _wrong_cells(row: Row) -> Iterator[str]:
    for column, text in row.items():
        if looks_like_a_formula(text):
            yield (
                f"{column} is {text[:40]!r}, which spreadsheet programs may take for a formula; "
                "if it is meant, write the row into the table by hand"
            )
        elif not text.isprintable():
            yield f"{column} has characters that do not print"


def _gaps(row: Row, table: ValueTable, always: Iterable[str]) -> Iterator[str]:
    if not any(row[column] for column in table.key):
        yield f"the key ({' / '.join(table.key)}) is empty"
    for column in sorted(always):
        if not row[column] and column not in table.key:
            yield f"{column} is empty, and no row of {table.label} leaves it empty"


def _compare(change: TableChange, line: int, row: Row, before: Row) -> None:
    table = change.table
    differing = [
        c for c in table.columns if c not in (*table.key, _BECAUSE) and row[c] != before[c]
    ]
    if not differing:
        change.known += 1
        return
    key = tuple(row[column] for column in table.key)
    change.problems.append(
        f"{change.label}, line {line}: {' / '.join(key)} has "
        + ", ".join(f"{c} {row[c]!r}" for c in differing)
        + f", but {table.file}, line {table.lines.get(key, 0)} has "
        + ", ".join(f"{c} {before[c]!r}" for c in differing)
        + "; change the table by hand, or take the row out of the file"
    )


def _compare_within(change: TableChange, line: int, row: Row, first: int) -> None:
    if row == change.added[first]:
        change.known += 1
        return
    key = " / ".join(row[column] for column in change.table.key)
    change.problems.append(
        f"{change.label}, lines {first} and {line}: {key} is there twice, with different values; "
        "take one of them out"
    )
