"""Value tables: CSV files that translate the channel's values into the ERP's."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from connector.errors import ConfigurationError
from connector.mappings.config_file import nearest

#: In a key column: matches any value that has no row of its own.
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class ValueTable:
    """
    A table with its rows by key; ``label`` is its file as the rules name it.

    A key may have several columns; ``*`` in one of them matches any value. The row with the
    fewest of them wins, of equal ones that whose ``*`` stand further right.
    """

    name: str
    file: Path
    label: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[tuple[str, ...], dict[str, str]]
    has_wildcards: bool

    def find(self, values: Sequence[str]) -> dict[str, str] | None:
        """Return the row for *values* (one per key column), None where there is none."""
        wanted = tuple(value.strip() for value in values)
        row = self.rows.get(wanted)
        if row is not None or not self.has_wildcards:
            return row
        positions = range(len(wanted))
        for many in range(1, len(wanted) + 1):
            for wild in reversed(list(combinations(positions, many))):
                key = tuple(ANY if i in wild else wanted[i] for i in positions)
                row = self.rows.get(key)
                if row is not None:
                    return row
        return None


def read_table(name: str, file: Path, key: tuple[str, ...], label: str = "") -> ValueTable:
    """
    Read the CSV *file* (UTF-8, comma, header) whose rows are unique in *key*.

    *label* is what messages call it, its name when empty.

    Raises:
        ConfigurationError: unreadable, a key column is missing, a row is ragged or repeats a key;
            names file and line.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, strict=True)
            header = tuple(column.strip() for column in next(lines, []))
            for column in key:
                if column not in header:
                    raise ConfigurationError(
                        f"{file}, line 1", f"there is no column {column!r}", nearest(column, header)
                    )
            rows: dict[tuple[str, ...], dict[str, str]] = {}
            for cells in lines:
                if not any(cells):
                    continue
                where = f"{file}, line {lines.line_num}"
                if len(cells) != len(header):
                    raise ConfigurationError(
                        where, f"has {len(cells)} columns, the header {len(header)}"
                    )
                row = {c: v.strip() for c, v in zip(header, cells, strict=True)}
                row_key = tuple(row[column] for column in key)
                if row_key in rows:
                    raise ConfigurationError(
                        where, f"{' / '.join(row_key)} is there already", "Remove one of the rows"
                    )
                rows[row_key] = row
    except OSError as error:
        raise ConfigurationError(
            str(file), f"the table {name!r} cannot be read ({error.strerror})", "Check the path"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(str(file), f"is not UTF-8 CSV ({error})") from error
    has_wildcards = any(ANY in found for found in rows)
    return ValueTable(name, file, label or file.name, key, header, rows, has_wildcards)
