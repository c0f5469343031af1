"""Headings and rows of the tables about statements and payouts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.ports.statements import Conflict, StatementFile
    from connector.statements.model import BankLine, BankStatement, Payout

Rows = tuple[tuple[str, ...], Iterable[tuple[str, ...]]]


def as_json_text(content: Any) -> str:
    """Return *content* as JSON for programs; amounts are text."""
    return json.dumps(content, indent=2, ensure_ascii=False)


def statement_rows(statements: Iterable[BankStatement]) -> Rows:
    """One row per statement."""
    headings = ("Statement", "Until", ">Lines", ">Opening", ">Closing", "Problems")
    return headings, (
        (
            each.name,
            str(each.closed_on or ""),
            str(len(each.lines)),
            "" if each.opening is None else str(each.opening),
            "" if each.closing is None else str(each.closing),
            "; ".join(each.problems),
        )
        for each in statements
    )


def payout_rows(payouts: Iterable[Payout]) -> Rows:
    """One row per payout."""
    headings = ("Payout", "Paid", "Status", ">Amount", ">Lines", ">Sum of lines", "Problems")
    return headings, (
        (
            each.name,
            each.paid_on.isoformat(),
            each.status,
            str(each.amount),
            str(len(each.lines)) if each.is_decomposed else "not told",
            str(each.of_lines),
            "; ".join(each.problems),
        )
        for each in payouts
    )


def bank_line_rows(lines: Iterable[BankLine]) -> Rows:
    """One row per bank line; what payers write stays out of it."""
    headings = ("Account", "Reference", "Booked", "Value", ">Amount", "")
    return headings, (
        (
            each.bank_account,
            each.bank_reference,
            each.booking_date.isoformat(),
            each.value_date.isoformat(),
            str(each.amount),
            "reversal" if each.is_reversal else "",
        )
        for each in lines
    )


def payout_line_rows(payout: Payout) -> Rows:
    """One row per line of *payout*."""
    headings = ("Line", "Kind", "Charge", "Order", ">Gross", ">Fee", ">Net", "Day")
    return headings, (
        (
            each.line_id,
            each.kind.value,
            each.charge_id,
            each.order_reference,
            str(each.gross),
            str(each.fee),
            str(each.net),
            each.happened_on.isoformat(),
        )
        for each in payout.lines
    )


def file_rows(files: Iterable[StatementFile]) -> Rows:
    """One row per file that was read."""
    headings = (">No", "File", "Format", "Read", ">Added", ">Skipped", "Problems", "Ended by")
    return headings, (
        (
            str(each.id),
            each.source,
            each.format,
            f"{each.read_at:%Y-%m-%d %H:%M}",
            str(each.added),
            str(each.replayed),
            "; ".join(each.problems),
            each.ended_by,
        )
        for each in files
    )


def conflict_rows(conflicts: Iterable[Conflict]) -> Rows:
    """One row per contradiction that waits for a person."""
    headings = (">No", "What", "File")

    def rows() -> Iterator[tuple[str, ...]]:
        for each in conflicts:
            yield str(each.id), each.text, each.source

    return headings, rows()
