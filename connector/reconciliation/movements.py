"""
The money outside as a run takes it in: bank statements, payouts, and how well they were read.

Bank accounts and providers are assigned to company codes by the settings; the rest of a run does
not know where they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from connector.reconciliation.sources import ReadRecord, SourceReading, control
from connector.statements.continuity import gaps, late
from connector.statements.model import BankLine, BankStatement, Payout

BANK_STATEMENTS = "bank statements"
PAYOUTS = "payouts"
STATEMENT_FILES = "statement files"
BANK, PROVIDER = "bank", "payment provider"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """
    A bank account of ours.

    ``gl_account`` is its account in the ledger, empty where that does not matter. Lines whose text
    matches one of ``ignored`` are not from customers, e.g. interest or transfers between our own
    accounts.
    """

    number: str
    company_code: str
    gl_account: str = ""
    ignored: tuple[re.Pattern[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """A payment provider: the gateways of channels that it pays out, and for whom."""

    name: str
    gateways: frozenset[str] = frozenset()
    company_code: str = ""


@dataclass(frozen=True)
class MoneyMovements:
    """
    What bank and providers say about money, until the key date.

    ``problems`` are those of files and conflicts that nobody has solved; those of statements and
    payouts stand with them. ``pages`` are those read and those expected. ``read_at`` is when the
    newest file was read, empty for none.
    """

    statements: tuple[BankStatement, ...] = ()
    payouts: tuple[Payout, ...] = ()
    accounts: tuple[BankAccount, ...] = ()
    providers: tuple[Provider, ...] = ()
    problems: tuple[str, ...] = ()
    pages: tuple[int, int] = (1, 1)
    read_at: datetime | None = None

    @cached_property
    def lines(self) -> tuple[BankLine, ...]:
        """All bank lines, oldest first."""
        return tuple(
            sorted(
                (line for statement in self.statements for line in statement.lines),
                key=lambda line: (line.booking_date, line.bank_account, line.bank_reference),
            )
        )

    @cached_property
    def by_number(self) -> dict[str, BankAccount]:
        """What the settings say, by the number that statements carry: no blanks, capitals."""
        return {"".join(each.number.split()).upper(): each for each in self.accounts}

    def account(self, number: str) -> BankAccount | None:
        """Return what the settings say about bank account *number*, None for nothing."""
        return self.by_number.get(number)

    def provider(self, name: str) -> Provider:
        """Return what the settings say about provider *name*; unknown ones pay all gateways."""
        return next((each for each in self.providers if each.name == name), Provider(name))

    def __bool__(self) -> bool:
        return bool(self.statements or self.payouts or self.accounts or self.problems)


def until(movements: MoneyMovements, key_date: date) -> MoneyMovements:
    """Return what of *movements* had happened on *key_date*."""
    statements = tuple(
        statement.model_copy(
            update={
                "lines": tuple(line for line in statement.lines if line.booking_date <= key_date)
            }
        )
        for statement in movements.statements
        if statement.opened_on is None or statement.opened_on <= key_date
    )
    return MoneyMovements(
        statements=statements,
        payouts=tuple(each for each in movements.payouts if each.paid_on <= key_date),
        accounts=movements.accounts,
        providers=movements.providers,
        problems=movements.problems,
        pages=movements.pages,
        read_at=movements.read_at,
    )


def movement_sources(
    movements: MoneyMovements, key_date: date, grace_days: int
) -> tuple[SourceReading, ...]:
    """
    Return the control totals of every bank account and provider, with what is short or missing.

    A statement must reach *key_date* less *grace_days*; numbers and balances must follow each
    other.
    """
    by_account: dict[str, list[BankStatement]] = {each: [] for each in movements.by_number}
    for statement in movements.statements:
        by_account.setdefault(statement.bank_account, []).append(statement)
    found = [
        _of_account(number, statements, movements, key_date, grace_days)
        for number, statements in sorted(by_account.items())
    ]
    by_provider: dict[str, list[Payout]] = {}
    for payout in movements.payouts:
        by_provider.setdefault(payout.provider, []).append(payout)
    found += [_of_provider(name, by_provider[name], movements) for name in sorted(by_provider)]
    if movements.problems or movements.pages[0] < movements.pages[1]:
        found.append(
            control(
                STATEMENT_FILES,
                "store",
                [],
                pages=movements.pages,
                as_of=movements.read_at,
                problems=movements.problems,
            )
        )
    return tuple(found)


def with_left_out(
    sources: Iterable[SourceReading], left_out: Mapping[str, int]
) -> tuple[SourceReading, ...]:
    """Return *sources* with how many lines of each bank account were *left_out* of a run."""
    return tuple(
        source.model_copy(update={"left_out": left_out[number]})
        if (number := source.name.removeprefix(f"{BANK_STATEMENTS} ")) in left_out
        else source
        for source in sources
    )


def is_of_movements(source: str) -> bool:
    """Tell whether the source of that name is one of statements or payouts."""
    return source.startswith((BANK_STATEMENTS, PAYOUTS, STATEMENT_FILES))


def _of_account(
    number: str,
    statements: Iterable[BankStatement],
    movements: MoneyMovements,
    key_date: date,
    grace_days: int,
) -> SourceReading:
    statements = tuple(statements)
    problems = [problem for statement in statements for problem in statement.problems]
    problems += gaps(statements)
    problems += late(statements, (number,), key_date, grace_days)
    if movements.account(number) is None and movements.accounts:
        problems.append(
            f"bank account {number} belongs to no company code; name it in statements.accounts"
        )
    return control(
        f"{BANK_STATEMENTS} {number}",
        BANK,
        [
            ReadRecord(_content(line), line.booking_date, line.amount)
            for statement in statements
            for line in statement.lines
        ],
        as_of=movements.read_at,
        problems=problems,
    )


def _content(line: BankLine) -> str:
    # What file and place brought it says nothing about the line.
    return line.model_copy(update={"statement": "", "position": 0}).model_dump_json()


def _of_provider(name: str, payouts: Iterable[Payout], movements: MoneyMovements) -> SourceReading:
    payouts = tuple(payouts)
    problems = [problem for payout in payouts for problem in payout.problems]
    problems += [
        f"{payout.name}: its transactions are missing"
        for payout in payouts
        if not payout.are_lines_reported and payout.is_decomposed and payout.status == "paid"
    ]
    return control(
        f"{PAYOUTS} {name}",
        PROVIDER,
        [
            ReadRecord(
                payout.model_copy(update={"source": "", "sha256": ""}).model_dump_json(),
                payout.paid_on,
                payout.amount,
            )
            for payout in payouts
        ],
        as_of=movements.read_at,
        problems=problems,
    )
