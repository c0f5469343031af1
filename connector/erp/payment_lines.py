"""
The lines of a payment that is posted without clearing, the same over every transport.

What the ERP's own clearing run shall match with an invoice carries the invoice's assignment; what
shall stay open carries the payment's reference instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from connector.errors import ConfigurationError
from connector.sd_documents.payment import IncomingPayment, ItemToClear, Remainder
from connector.sd_documents.values import Money


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """
    A line on the payer's account: *amount* is positive for a debit.

    *belongs_to* is the one item that the line pays or is the rest of, None where there are several
    or none.
    """

    amount: Money
    assignment: str
    belongs_to: ItemToClear | None = None


def customer_lines(payment: IncomingPayment) -> tuple[CustomerLine, ...]:
    """Return the credit of *payment*, and what stays open beside it: a rest or a surplus."""
    only = payment.items[0] if len(payment.items) == 1 else None
    if payment.remainder in (Remainder.NONE, Remainder.PARTIAL):
        return (CustomerLine(-payment.settled, payment.assignment, only),)
    surplus = payment.surplus
    rest = only if payment.remainder is Remainder.RESIDUAL else None
    return (
        CustomerLine(surplus - payment.settled, payment.assignment, only),
        CustomerLine(-surplus, payment.payment_reference, rest),
    )


def require_account(account: str, where: str, what: str, hint: str) -> str:
    """
    Return *account*.

    Raises:
        ConfigurationError: it is empty; *where* is the setting, *what* needs it.
    """
    if not account:
        raise ConfigurationError(where, f"{what}, and its account is not set", hint)
    return account
