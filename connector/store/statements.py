"""Bank statements and payouts in the store: each line once, whatever file brings it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from connector.ports.statements import AddedReading, Conflict, StatementFile
from connector.statements.merging import merged
from connector.statements.model import BankLine, BankStatement, Payout, PayoutLine, Reading
from connector.store.database import Database
from connector.store.schema import (
    bank_line,
    bank_statement,
    payout_line,
    payout_report,
    statement_file,
)
from connector.store.statement_conflicts import decide, open_conflicts
from connector.store.statement_files import dismiss, file_row, follow_up, read_files
from connector.store.statement_intake import Intake


class SqlStatements:
    """Implements :class:`connector.ports.statements.Statements`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, reading: Reading, read_at: datetime) -> AddedReading:
        return self._database.write(lambda connection: _add(connection, reading, read_at))

    def files(self, limit: int | None = None) -> tuple[StatementFile, ...]:
        return self._database.read(read_files)[:limit]

    def dismiss(self, file_id: int, by: str, reason: str, at: datetime) -> StatementFile:
        return self._database.write(lambda connection: dismiss(connection, file_id, by, reason, at))

    def bank_statements(
        self, until: date | None = None, since: date | None = None
    ) -> tuple[BankStatement, ...]:
        return self._database.read(lambda connection: _bank_statements(connection, until, since))

    def payouts(self, until: date | None = None, since: date | None = None) -> tuple[Payout, ...]:
        found = self._database.read(_payouts)
        return tuple(
            payout
            for payout in found
            if (until is None or payout.paid_on <= until)
            and (since is None or payout.paid_on >= since)
        )

    def conflicts(self, *, decided: bool = False) -> tuple[Conflict, ...]:
        found = self._database.read(open_conflicts)
        return tuple(each for each in found if decided or not each.decision)

    def decide(self, conflict_id: int, by: str, reason: str, at: datetime) -> Conflict:
        return self._database.write(
            lambda connection: decide(connection, conflict_id, by, reason, at)
        )


def _add(connection: Connection, reading: Reading, read_at: datetime) -> AddedReading:
    intake = Intake(connection, reading, read_at)
    planned = intake.planned()
    row = file_row(reading, read_at, added=planned.added, replayed=planned.replayed)
    (file_id,) = connection.execute(
        insert(statement_file).values(row).returning(statement_file.c.id)
    ).one()
    intake.write(planned, file_id)
    follow_up(connection, reading, file_id, read_at)
    return AddedReading(
        source=reading.source,
        sha256=reading.sha256,
        format=reading.format,
        statements=len(reading.statements),
        payouts=len(reading.payouts),
        added=planned.added,
        replayed=planned.replayed,
        conflicts=tuple(text for _, _, text in planned.conflicts),
        problems=reading.all_problems,
        notes=(
            *reading.notes,
            *(note for statement in reading.statements for note in statement.notes),
        ),
    )


def _bank_statements(
    connection: Connection, until: date | None, since: date | None
) -> tuple[BankStatement, ...]:
    query = select(bank_statement).order_by(bank_statement.c.last_day, bank_statement.c.id)
    # Lines of one day and position come in one order, on every database.
    lines = select(bank_line.c.statement_id, bank_line.c.body).order_by(
        bank_line.c.bank_account, bank_line.c.bank_reference
    )
    if until is not None:
        query = query.where(bank_statement.c.first_day <= until.isoformat())
        lines = lines.where(bank_line.c.booking_date <= until.isoformat())
    if since is not None:
        query = query.where(bank_statement.c.last_day >= since.isoformat())
        lines = lines.where(bank_line.c.booking_date >= since.isoformat())
    of_statement: dict[int, list[BankLine]] = defaultdict(list)
    for row in connection.execute(lines):
        of_statement[row.statement_id].append(BankLine.model_validate_json(row.body))
    return _newest_of_each((row, of_statement.get(row.id, ())) for row in connection.execute(query))


def _newest_of_each(
    rows: Iterable[tuple[Row[Any], Iterable[BankLine]]],
) -> tuple[BankStatement, ...]:
    """What came first holds, unless it had problems that a later reading of it does not have."""
    heads: dict[str, BankStatement] = {}
    lines: dict[str, list[BankLine]] = defaultdict(list)
    for row, of_row in rows:
        statement = BankStatement.model_validate_json(row.body)
        known = heads.get(row.identity)
        if known is None or known.problems:
            heads[row.identity] = statement
        lines[row.identity] += of_row
    return tuple(
        head.model_copy(
            update={
                "lines": tuple(
                    sorted(lines[identity], key=lambda line: (line.booking_date, line.position))
                )
            }
        )
        for identity, head in heads.items()
    )


def _payouts(connection: Connection) -> tuple[Payout, ...]:
    lines: dict[tuple[str, str], list[PayoutLine]] = defaultdict(list)
    for row in connection.execute(
        select(payout_line).order_by(
            payout_line.c.provider, payout_line.c.payout_id, payout_line.c.line_id
        )
    ):
        lines[row.provider, row.payout_id].append(PayoutLine.model_validate_json(row.body))
    reports = [
        Payout.model_validate_json(row.body)
        for row in connection.execute(select(payout_report).order_by(payout_report.c.id))
    ]
    return merged(
        report.model_copy(update={"lines": tuple(lines[report.provider, report.payout_id])})
        if report.are_lines_reported
        else report
        for report in reports
    )
