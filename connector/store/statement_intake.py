"""What of a reading is new, what is a replay, and what contradicts what is there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from connector.statements.model import BankLine, BankStatement, Payout, PayoutLine, Reading
from connector.store.schema import (
    bank_line,
    bank_statement,
    payout_line,
    payout_report,
    statement_conflict,
    statement_file,
)

#: How many keys are looked up at a time; SQLite takes 999 parameters at least.
_BATCH: Final = 400


@dataclass(slots=True)
class Planned:
    """
    What adding a reading will do.

    Statements and reports come with what is new of them; ``conflicts`` hold key, content and
    text of lines that are there with other content.
    """

    statements: list[tuple[dict[str, Any], list[BankLine]]] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)
    payout_lines: list[dict[str, Any]] = field(default_factory=list)
    conflicts: list[tuple[str, str, str]] = field(default_factory=list)
    added: int = 0
    replayed: int = 0


class Intake:
    """Compares one reading with the store, within one writing transaction."""

    def __init__(self, connection: Connection, reading: Reading, read_at: datetime) -> None:
        self._connection, self._reading, self._read_at = connection, reading, read_at

    def planned(self) -> Planned:
        """Return what is to be written; nothing is written yet."""
        planned = Planned()
        known = self._known_lines()
        for statement in self._reading.statements:
            self._plan_statement(statement, known, planned)
        for payout in self._reading.payouts:
            self._plan_payout(payout, planned)
        return planned

    def _known_lines(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Return content and text of the lines of the reading that are there already."""
        wanted: dict[str, list[str]] = {}
        for statement in self._reading.statements:
            for line in statement.lines:
                wanted.setdefault(line.bank_account, []).append(line.bank_reference)
        return {
            (row.bank_account, row.bank_reference): (
                row.content_hash,
                _bank_text(BankLine.model_validate_json(row.body)),
            )
            for account, references in wanted.items()
            for start in range(0, len(references), _BATCH)
            for row in self._connection.execute(
                select(bank_line).where(
                    bank_line.c.bank_account == account,
                    bank_line.c.bank_reference.in_(references[start : start + _BATCH]),
                )
            )
        }

    def _plan_statement(
        self,
        statement: BankStatement,
        known: dict[tuple[str, str], tuple[str, str]],
        planned: Planned,
    ) -> None:
        fresh: list[BankLine] = []
        for line in statement.lines:
            content, text = _bank_hash(line), _bank_text(line)
            there = known.get(line.key)
            if there is None:
                known[line.key] = content, text
                fresh.append(line)
            elif there[0] == content:
                planned.replayed += 1
            else:
                self._conflict(f"bank line {line.key}", content, there[1], text, planned)
        planned.added += len(fresh)
        row = _statement_row(statement)
        self._compare_balances(statement, row["identity"], planned)
        planned.statements.append((row, fresh))

    def _compare_balances(self, statement: BankStatement, identity: str, planned: Planned) -> None:
        """A statement that was whole before must not come again with other balances."""
        query = select(bank_statement.c.body).where(bank_statement.c.identity == identity)
        for row in self._connection.execute(query):
            before = BankStatement.model_validate_json(row.body)
            if before.problems or statement.problems:
                continue
            if (before.opening, before.closing) != (statement.opening, statement.closing):
                key = f"statement {statement.name} of {statement.closed_on}"
                content = _hash(statement.opening, statement.closing)
                texts = [f"{each.opening} to {each.closing}" for each in (before, statement)]
                self._conflict(key, content, texts[0], texts[1], planned)
                return

    def _plan_payout(self, payout: Payout, planned: Planned) -> None:
        query = select(payout_line).where(
            payout_line.c.provider == payout.provider, payout_line.c.payout_id == payout.payout_id
        )
        known = {
            row.line_id: (row.content_hash, _payout_text(PayoutLine.model_validate_json(row.body)))
            for row in self._connection.execute(query)
        }
        if payout.lines and known and known.keys().isdisjoint(_line_ids(payout)):
            way = self._other_way(payout)
            if way is not None:
                planned.conflicts += [] if self._is_known(*way[:2]) else [way]
                return
        planned.reports.append(_report_row(payout))
        for line in payout.lines:
            content, text = _payout_hash(line), _payout_text(line)
            there = known.get(line.line_id)
            if there is None:
                known[line.line_id] = content, text
                planned.payout_lines.append(_payout_line_row(payout, line, content))
                planned.added += 1
            elif there[0] == content:
                planned.replayed += 1
            else:
                key = f"payout line {payout.key_of(line)}"
                self._conflict(key, content, there[1], text, planned)

    def _other_way(self, payout: Payout) -> tuple[str, str, str] | None:
        """
        Return the conflict of a payout whose lines came from a report of another format before.

        Formats that name lines in different ways cannot tell that they name the same ones: taken
        together they would count each movement twice.
        """
        query = (
            select(statement_file.c.source, statement_file.c.format)
            .join(payout_line, payout_line.c.file_id == statement_file.c.id)
            .where(
                payout_line.c.provider == payout.provider,
                payout_line.c.payout_id == payout.payout_id,
            )
            .order_by(statement_file.c.id)
        )
        rows = self._connection.execute(query).all()
        now = self._reading.format
        if not rows or any(row.format == now for row in rows):
            return None
        text = (
            f"{payout.name} was read already from {rows[0].source} as {rows[0].format}, and came "
            f"again as {now} with other ids of its lines; nothing of it was added: keep to one way"
        )
        return f"payout {payout.provider}/{payout.payout_id}", _hash("format", now), text

    def _conflict(self, key: str, content: str, before: str, after: str, planned: Planned) -> None:
        text = f"{key} was read as {before}, and came again as {after}"
        if not self._is_known(key, content) and (key, content, text) not in planned.conflicts:
            planned.conflicts.append((key, content, text))

    def _is_known(self, key: str, content: str) -> bool:
        """The same contradiction delivered twice is one thing to decide."""
        query = select(statement_conflict.c.id).where(
            statement_conflict.c.line_key == key, statement_conflict.c.content_hash == content
        )
        return self._connection.execute(query).first() is not None

    def write(self, planned: Planned, file_id: int) -> None:
        """Write what was planned as the content of the file *file_id*."""
        for row, lines in planned.statements:
            statement_id = self._statement_id({**row, "file_id": file_id})
            self._insert(bank_line, (_bank_line_row(line, statement_id) for line in lines))
        for report in planned.reports:
            if not self._has_report(report):
                self._insert(payout_report, [{**report, "file_id": file_id}])
        self._insert(payout_line, ({**row, "file_id": file_id} for row in planned.payout_lines))
        self._insert(
            statement_conflict,
            (
                {
                    "file_id": file_id,
                    "decides": None,
                    "line_key": key,
                    "content_hash": content,
                    "text": text,
                    "at": self._read_at,
                    "by": "",
                }
                for key, content, text in planned.conflicts
            ),
        )

    def _insert(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        found = list(rows)
        if found:
            self._connection.execute(insert(table), found)

    def _statement_id(self, row: dict[str, Any]) -> int:
        columns = bank_statement.c
        found = self._connection.execute(
            select(columns.id).where(
                columns.identity == row["identity"], columns.content_hash == row["content_hash"]
            )
        ).first()
        if found is not None:
            return int(found.id)
        inserted = self._connection.execute(
            insert(bank_statement).values(row).returning(columns.id)
        ).one()
        return int(inserted.id)

    def _has_report(self, row: dict[str, Any]) -> bool:
        columns = payout_report.c
        query = select(columns.id).where(
            columns.provider == row["provider"],
            columns.payout_id == row["payout_id"],
            columns.content_hash == row["content_hash"],
        )
        return self._connection.execute(query).first() is not None


def _hash(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _bank_hash(line: BankLine) -> str:
    """Of what a line must not say otherwise: texts may be cut, amount and day may not change."""
    return _hash(line.amount, line.booking_date)


def _bank_text(line: BankLine) -> str:
    return f"{line.amount} of {line.booking_date.isoformat()}"


def _line_ids(payout: Payout) -> Iterator[str]:
    return (line.line_id for line in payout.lines)


def _payout_hash(line: PayoutLine) -> str:
    return _hash(line.gross, line.fee, line.net)


def _payout_text(line: PayoutLine) -> str:
    return f"{line.gross} less {line.fee}"


def _days(statement: BankStatement) -> Iterator[date]:
    yield from (day for day in (statement.opened_on, statement.closed_on) if day is not None)
    yield from (line.booking_date for line in statement.lines)


def _statement_row(statement: BankStatement) -> dict[str, Any]:
    days = sorted(_days(statement)) or [date.min]
    head = statement.model_copy(update={"lines": ()})
    identity = _hash(
        statement.bank_account,
        statement.number,
        statement.page,
        # Numbers start anew with a year, and statements without one are told apart by balances.
        statement.closed_on.year if statement.number and statement.closed_on else "",
        "" if statement.number else _balances_text(statement),
    )
    content = head.model_copy(update={"source": "", "sha256": "", "problems": (), "reference": ""})
    return {
        "bank_account": statement.bank_account,
        "identity": identity,
        "content_hash": _hash(content.model_dump_json(), bool(statement.problems)),
        "first_day": days[0].isoformat(),
        "last_day": days[-1].isoformat(),
        "body": head.model_dump_json(),
    }


def _balances_text(statement: BankStatement) -> str:
    return "\x1f".join(
        map(
            str,
            (
                statement.reference,
                statement.opened_on,
                statement.closed_on,
                statement.opening,
                statement.closing,
            ),
        )
    )


def _bank_line_row(line: BankLine, statement_id: int) -> dict[str, Any]:
    return {
        "bank_account": line.bank_account,
        "bank_reference": line.bank_reference,
        "statement_id": statement_id,
        "booking_date": line.booking_date.isoformat(),
        "content_hash": _bank_hash(line),
        "body": line.model_dump_json(),
    }


def _report_row(payout: Payout) -> dict[str, Any]:
    head = payout.model_copy(update={"lines": ()})
    content = head.model_copy(update={"source": "", "sha256": "", "problems": ()})
    return {
        "provider": payout.provider,
        "payout_id": payout.payout_id,
        "content_hash": _hash(content.model_dump_json(), bool(payout.problems)),
        "paid_on": payout.paid_on.isoformat(),
        "body": head.model_dump_json(),
    }


def _payout_line_row(payout: Payout, line: PayoutLine, content: str) -> dict[str, Any]:
    return {
        "provider": payout.provider,
        "payout_id": payout.payout_id,
        "line_id": line.line_id,
        "content_hash": content,
        "body": line.model_dump_json(),
    }
