"""The log of files that were read, and which of their problems still stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from connector.ports.statements import StatementFile
from connector.statements.model import Reading


def file_row(reading: Reading, read_at: datetime, *, added: int, replayed: int) -> dict[str, Any]:
    """Return the row of a file that was read."""
    return {
        "source": reading.source,
        "sha256": reading.sha256,
        "format": reading.format,
        "read_at": read_at,
        "statements": len(reading.statements),
        "payouts": len(reading.payouts),
        "added": added,
        "replayed": replayed,
        "pages": reading.pages,
        "pages_expected": reading.pages_expected,
        "problems": json.dumps(reading.problems, ensure_ascii=False),
    }


def as_file(row: Row[Any]) -> StatementFile:
    """Return the file of *row*."""
    return StatementFile(
        id=row.id,
        source=row.source,
        sha256=row.sha256,
        format=row.format,
        read_at=row.read_at,
        statements=row.statements,
        payouts=row.payouts,
        added=row.added,
        replayed=row.replayed,
        pages=row.pages,
        pages_expected=row.pages_expected,
        problems=tuple(json.loads(row.problems)),
    )


def with_standing_problems(files: Iterable[StatementFile]) -> tuple[StatementFile, ...]:
    """
    Return *files*, which come oldest first, newest first and with the problems that still stand.

    A later file of the same name and format takes the place of an earlier one. What was refused
    has no format: any file of its name, or of its content, that was read later takes its place.
    """
    newest: dict[tuple[str, str], int] = {}
    read: dict[str, int] = {}
    files = list(files)
    for file in files:
        newest[file.source, file.format] = file.id
        if not file.is_refused:
            read[file.source] = read[file.sha256] = file.id
    return tuple(
        replace(file, standing_problems=file.problems)
        if newest[file.source, file.format] == file.id
        and not (
            file.is_refused and max(read.get(file.source, 0), read.get(file.sha256, 0)) > file.id
        )
        else file
        for file in reversed(files)
    )
