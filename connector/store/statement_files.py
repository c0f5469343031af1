"""The log of files that were read, and which of their problems still stand."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from connector.ports.statements import StatementFile
from connector.statements.model import Reading
from connector.store.schema import statement_file, statement_file_end, statement_file_part

_FILES: Final = select(statement_file).order_by(statement_file.c.id)
#: Parts of files that fell short and that nothing has made good for.
_SHORT: Final = (
    select(statement_file_part)
    .join(statement_file, statement_file.c.id == statement_file_part.c.file_id)
    .outerjoin(statement_file_end, statement_file_end.c.file_id == statement_file_part.c.file_id)
    .where(statement_file_end.c.file_id.is_(None))
)


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


def read_files(connection: Connection) -> tuple[StatementFile, ...]:
    """
    Return all files, newest first, each with the problems that still stand or what ended them.

    A later file of the same name and format takes the place of an earlier one. What was refused
    has no format: any file of its name, or of its content, that was read later takes its place.
    """
    ends = {row.file_id: row for row in connection.execute(select(statement_file_end))}
    files = [as_file(row) for row in connection.execute(_FILES)]
    sources = {file.id: file.source for file in files}
    newest: dict[tuple[str, str], int] = {}
    read: dict[str, int] = {}
    for file in files:
        newest[file.source, file.format] = file.id
        if not file.is_refused:
            read[file.source] = read[file.sha256] = file.id

    def ended_by(file: StatementFile) -> str:
        end = ends.get(file.id)
        if end is not None and end.by_file_id is not None:
            return f"{sources[end.by_file_id]}, which is complete"
        if end is not None:
            return f"{end.by}: {end.reason}"
        if newest[file.source, file.format] != file.id:
            return "a later file of this name"
        if file.is_refused and max(read.get(file.source, 0), read.get(file.sha256, 0)) > file.id:
            return "a later file of this name or content"
        return ""

    return tuple(
        replace(file, standing_problems=() if ended else file.problems, ended_by=ended)
        for file in reversed(files)
        for ended in [ended_by(file) if file.problems else ""]
    )


def dismiss(
    connection: Connection, file_id: int, by: str, reason: str, at: datetime
) -> StatementFile:
    """
    Append that a person lets the problems of a file be.

    Raises:
        ValueError: there is no such file, or it has no problem that still stands.
    """
    found = next((each for each in read_files(connection) if each.id == file_id), None)
    if found is None:
        raise ValueError(f"there is no file {file_id}")
    if not found.standing_problems:
        ended = f": {found.ended_by}" if found.ended_by else ""
        raise ValueError(f"{found.source} has no problem that still stands{ended}")
    connection.execute(
        insert(statement_file_end).values(
            file_id=file_id, by_file_id=None, by=by, reason=reason, at=at
        )
    )
    return next(each for each in read_files(connection) if each.id == file_id)


def follow_up(connection: Connection, reading: Reading, file_id: int, read_at: datetime) -> None:
    """
    Note what a file that falls short holds, or which ones a complete file makes good.

    It makes good those of its format that hold nothing but what it holds itself.
    """
    parts = {
        f"{payout.name}{' with its lines' if payout.are_lines_reported else ''}"
        for payout in reading.payouts
    }
    if reading.pages < reading.pages_expected:
        if parts:
            rows = [{"file_id": file_id, "part": part} for part in sorted(parts)]
            connection.execute(insert(statement_file_part), rows)
        return
    if reading.problems or not parts:
        return
    held: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(_SHORT.where(statement_file.c.format == reading.format)):
        held[row.file_id].add(row.part)
    ended = [short for short, its_parts in held.items() if its_parts <= parts]
    if ended:
        connection.execute(
            insert(statement_file_end),
            [
                {"file_id": short, "by_file_id": file_id, "by": "", "reason": "", "at": read_at}
                for short in sorted(ended)
            ],
        )
