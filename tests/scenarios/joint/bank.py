"""The bank: accounts with lines, and statements of them in the folder of statements."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

from connector.sd_documents.currency import decimals_of
from tests.scenarios.joint.installation import BANK, Books


class Bank:
    """Writes a statement (MT940) for each day with lines, and for each day that is closed."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._balances: dict[str, Decimal] = defaultdict(Decimal)
        self._numbers: dict[str, int] = defaultdict(int)
        self._waiting: dict[str, list[tuple[Decimal, str, str]]] = defaultdict(list)
        self._undelivered = False

    def credits(self, account: str, amount: str, reference: str, text: str) -> None:
        """Book a credit (a debit where *amount* is below zero) on an account of `BANK`."""
        self._waiting[account].append((Decimal(amount), reference, text))

    def deliver(self) -> bool:
        """Put statements of what was booked into the folder; tells whether anything is new."""
        for account in sorted(name for name, lines in self._waiting.items() if lines):
            self._write(account, self._books.today)
        was, self._undelivered = self._undelivered, False
        return was

    def close(self, day: date) -> None:
        """Let every account have a statement of *day*, if only to say that nothing happened."""
        for account in BANK:
            self._write(account, day)

    def again(self, account: str) -> None:
        """Deliver the last statement of an account once more, as another file."""
        number = self._numbers[account]
        name = self._file(account, number)
        content = (self._books.folder / "inbox/statements/done" / name).read_text("utf-8")
        self._books.drop("statements", f"again-{name}", content)
        self._undelivered = True

    def _file(self, account: str, number: int) -> str:
        return f"{account.replace(' ', '-')}-{number:03d}.sta"

    def _write(self, account: str, day: date) -> None:
        iban, currency = BANK[account]
        self._numbers[account] += 1
        number, lines = self._numbers[account], self._waiting.pop(account, [])
        opening = self._balances[account]
        closing = self._balances[account] = opening + sum((a for a, _, _ in lines), Decimal(0))
        booked = "".join(
            f":61:{day:%y%m%d}{_amount(amount, currency)}NTRFNONREF//{reference}\n:86:{text}\n"
            for amount, reference, text in lines
        )
        content = (
            f":20:S{number}\n:25:{iban}\n:28C:{number}/1\n"
            f":60F:{_balance(opening, currency, day)}\n{booked}"
            f":62F:{_balance(closing, currency, day)}\n-\n"
        )
        self._books.drop("statements", self._file(account, number), content)
        self._undelivered = True


def _amount(amount: Decimal, currency: str) -> str:
    sign = "C" if amount >= 0 else "D"
    return (
        sign
        + f"{abs(amount):.{decimals_of(currency)}f}".replace(".", ",")
        + ("," if not decimals_of(currency) else "")
    )


def _balance(amount: Decimal, currency: str, day: date) -> str:
    text = _amount(amount, currency)
    return f"{text[0]}{day:%y%m%d}{currency}{text[1:]}"
