"""
Whether statements follow each other: no number missing, no balance jumping, no day read twice.

A statement that nobody delivered hides its lines; these checks are how it is noticed. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from connector.statements.model import BankStatement


def gaps(statements: Iterable[BankStatement]) -> tuple[str, ...]:
    """
    Return what is missing between *statements*, or there twice, account by account.

    Numbers count up by one and start anew with a year; pages count up within a number. Balances
    carry over: a closing balance that the next statement does not open with shows a gap that no
    number tells.
    """
    by_account: dict[tuple[str, str], list[BankStatement]] = defaultdict(list)
    for statement in statements:
        by_account[statement.bank_account, statement.currency].append(statement)
    return tuple(
        text
        for key in sorted(by_account)
        for text in _of_account(sorted(by_account[key], key=_order))
    )


def last_closed(statements: Iterable[BankStatement]) -> dict[str, date]:
    """Return, by bank account, until which day its statements reach."""
    found: dict[str, date] = {}
    for statement in statements:
        day = statement.closed_on or max(
            (line.booking_date for line in statement.lines), default=None
        )
        if day is not None:
            account = statement.bank_account
            found[account] = max(found.get(account, day), day)
    return found


def late(
    statements: Iterable[BankStatement], accounts: Iterable[str], key_date: date, grace_days: int
) -> tuple[str, ...]:
    """
    Return which of *accounts* have no statement that reaches *key_date* less *grace_days*.

    Weekends are inside the grace: banks write no statement for them.
    """
    reached = last_closed(statements)
    needed = key_date - timedelta(days=grace_days)
    told: list[str] = []
    for account in sorted(set(accounts)):
        day = reached.get(account)
        if day is None:
            told.append(f"bank account {account}: no statement until {key_date.isoformat()}")
        elif day < needed:
            told.append(
                f"bank account {account}: the last statement reaches {day.isoformat()}, "
                f"{(key_date - day).days} days before the key date"
            )
    return tuple(told)


def _order(statement: BankStatement) -> tuple[date, date, int, int]:
    closed = statement.closed_on or date.min
    return (
        closed,
        statement.opened_on or closed,
        _number(statement.number) or 0,
        _number(statement.page) or 1,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def _of_account(statements: Sequence[BankStatement]) -> list[str]:
    told: list[str] = []
    for before, after in pairwise(statements):
        told += _between(before, after)
    if statements and not statements[-1].is_last_page:
        told.append(f"{statements[-1].name}: its next page is missing")
    return told


def _between(before: BankStatement, after: BankStatement) -> list[str]:
    first, second = _number(before.number), _number(after.number)
    if first is not None and first == second:
        return _pages(before, after)
    told: list[str] = []
    if not before.is_last_page:
        told.append(f"{before.name}: its next page is missing")
    if (
        first is not None
        and second is not None
        and second != first + 1
        and not _new_year(before, after)
    ):
        told.append(_missing_numbers(before, after, first, second))
    elif _overlap(before, after):
        told.append(
            f"{after.name} ({_period(after)}) overlaps {before.name} ({_period(before)}): "
            "lines without a bank reference may be in both"
        )
    elif _jumps(before, after):
        told.append(
            f"between {before.name} (closes with {before.closing}) and {after.name} (opens with "
            f"{after.opening}) something is missing"
        )
    return told


def _pages(before: BankStatement, after: BankStatement) -> list[str]:
    first, second = _number(before.page) or 1, _number(after.page) or 1
    if second > first + 1:
        return [f"{before.name}: page {first + 1} is missing"]
    if second == first and (before.opening, before.closing) != (after.opening, after.closing):
        return [f"{after.name} is there twice, with different balances"]
    return [f"{after.name}: opens with another balance than the page before"] * (
        second == first + 1 and _jumps(before, after)
    )


def _missing_numbers(before: BankStatement, after: BankStatement, first: int, second: int) -> str:
    if second > first + 1:
        missing = str(first + 1) if second == first + 2 else f"{first + 1} to {second - 1}"
        return f"bank account {after.bank_account}: statement {missing} is missing"
    return f"{after.name} comes after {before.name}: the numbers do not count up"


def _new_year(before: BankStatement, after: BankStatement) -> bool:
    return (
        after.number.lstrip("0") == "1"
        and before.closed_on is not None
        and after.closed_on is not None
        and after.closed_on.year > before.closed_on.year
    )


def _overlap(before: BankStatement, after: BankStatement) -> bool:
    opened, closed = after.opened_on, before.closed_on
    return opened is not None and closed is not None and opened < closed


def _jumps(before: BankStatement, after: BankStatement) -> bool:
    return (
        before.closing is not None and after.opening is not None and before.closing != after.opening
    )


def _period(statement: BankStatement) -> str:
    return f"{statement.opened_on} to {statement.closed_on}"
