"""
Money that moved outside the ERP: bank statements with their lines, payouts with theirs.

All amounts are signed from our side: above zero is money that came in. A line has a key that names
it for good, whatever file it comes in: reading a file again adds nothing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money, total

Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class BankLineKey(NamedTuple):
    """What names a bank line for good."""

    bank_account: str
    bank_reference: str

    def __str__(self) -> str:
        return f"{self.bank_account} {self.bank_reference}"


class PayoutLineKey(NamedTuple):
    """What names a line of a payout for good."""

    provider: str
    payout_id: str
    line_id: str

    def __str__(self) -> str:
        return f"{self.provider} {self.payout_id} {self.line_id}"


class BankLine(Frozen):
    """
    One booked movement on a bank account.

    ``amount`` is above zero for a credit to us, below for a debit. ``bank_reference`` is the
    bank's own; where the bank gives none it is derived from what the line says, see
    :mod:`connector.statements.references`, and ``is_derived`` tells so. ``remittance`` is what the
    payer wrote, line by line; ``payer_hint`` names an account or a party of the other side and is
    empty where the bank does not say. ``is_reversal`` marks a movement that takes back an earlier
    one; its sign already is that of the movement.
    """

    bank_account: Name
    bank_reference: Name
    statement: str
    position: int
    booking_date: date
    value_date: date
    amount: Money
    remittance: tuple[str, ...] = ()
    end_to_end_id: str = ""
    payer_hint: str = ""
    is_reversal: bool = False
    is_derived: bool = False

    @property
    def key(self) -> BankLineKey:
        return BankLineKey(self.bank_account, self.bank_reference)

    @property
    def text(self) -> str:
        """All that the payer wrote, end-to-end reference included."""
        return " ".join(part for part in (*self.remittance, self.end_to_end_id) if part)


class BankStatement(Frozen):
    """
    A statement of one bank account as it was read.

    ``number`` is the bank's, empty where it numbers none; ``page`` tells the pages of one number
    apart, and ``is_last_page`` is off where the bank says that another follows. ``reference``
    is the message's own id. ``currency`` is empty where nothing in the file says it; ``opening``
    and ``closing`` are empty where the file does not say.
    ``problems`` are reasons why the reading is incomplete: a line that could not be read, or
    balances that the lines do not lead to. ``notes`` say what was left out on purpose.
    """

    source: str
    sha256: str
    bank_account: Name
    number: str = ""
    page: str = ""
    is_last_page: bool = True
    reference: str = ""
    currency: str
    opened_on: date | None = None
    closed_on: date | None = None
    opening: Money | None = None
    closing: Money | None = None
    lines: tuple[BankLine, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What people call it."""
        number = "/".join(part for part in (self.number, self.page) if part)
        return f"{self.bank_account} no. {number}" if number else self.bank_account

    @property
    def movement(self) -> Decimal:
        """The sum of the lines that are in the statement's currency."""
        return sum(
            (line.amount.amount for line in self.lines if line.amount.currency == self.currency),
            Decimal(0),
        )


class PayoutLineKind(StrEnum):
    """What a line of a payout is about."""

    CHARGE = "charge"
    REFUND = "refund"
    FEE = "fee"
    DISPUTE = "dispute"
    ADJUSTMENT = "adjustment"
    RESERVE = "reserve"
    OTHER = "other"


class PayoutLine(Frozen):
    """
    One movement inside a payout.

    ``gross`` is what the buyer paid (below zero: got back), ``fee`` what the provider kept of it
    (above zero: to our cost), and ``net`` = gross - fee is what it adds to the payout, all in the
    currency of the payout. ``presentment`` is the amount in the currency the buyer saw, where that
    is another. ``charge_id`` names the payment at the provider and ``order_reference`` the order
    of the shop; either may be empty.
    """

    line_id: Name
    kind: PayoutLineKind
    charge_id: str = ""
    order_reference: str = ""
    gross: Money
    fee: Money
    net: Money
    presentment: Money | None = None
    happened_on: date
    text: str = ""


class Payout(Frozen):
    """
    Money that a provider sends to our bank account, with what it is made of.

    ``amount`` is what reaches the bank (below zero: is taken from it); where the report does not
    state it, it is the sum of the lines and ``is_amount_stated`` is off. ``are_lines_reported`` is
    off where the lines come in a report of their own. ``is_decomposed`` tells whether the provider
    knows which movements it consists of; of a manual payout it does not. ``bank_reference`` is
    what the provider writes on the transfer. ``problems`` are reasons why the reading is
    incomplete.
    """

    provider: Name
    payout_id: Name
    status: str
    paid_on: date
    amount: Money
    lines: tuple[PayoutLine, ...] = ()
    is_amount_stated: bool = True
    are_lines_reported: bool = True
    is_decomposed: bool = True
    bank_reference: str = ""
    source: str
    sha256: str
    problems: tuple[str, ...] = ()

    def key_of(self, line: PayoutLine) -> PayoutLineKey:
        """Return what names *line* of this payout for good."""
        return PayoutLineKey(self.provider, self.payout_id, line.line_id)

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.provider} payout {self.payout_id}"

    @property
    def of_lines(self) -> Money:
        """The sum of what its lines add to it."""
        return total((line.net for line in self.lines), self.amount.currency)


class Reading(Frozen):
    """
    What one file held.

    ``format`` is the name of the format it was read as. ``problems`` are those of the file itself;
    those of a statement or payout stand with it.
    """

    source: str
    sha256: str
    format: str
    statements: tuple[BankStatement, ...] = ()
    payouts: tuple[Payout, ...] = ()
    pages: int = 1
    pages_expected: int = 1
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def all_problems(self) -> tuple[str, ...]:
        """Everything that makes this reading incomplete."""
        return (
            *self.problems,
            *(problem for statement in self.statements for problem in statement.problems),
            *(problem for payout in self.payouts for problem in payout.problems),
        )
