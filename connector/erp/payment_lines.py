"""
The lines of a payment that is posted without clearing, the same over every transport.

What the ERP's own clearing run shall match with an invoice carries the invoice's assignment; what
shall stay open carries the payment's reference instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from connector.errors import ConfigurationError
from connector.sd_documents.payment import (
    CustomerItem,
    IncomingPayment,
    ItemToClear,
    Remainder,
)
from connector.sd_documents.values import Money, pad_number

_KEY_LENGTH: Final = 17


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """
    A line on the payer's account: *amount* is positive for a debit.

    *belongs_to* is the one item that the line pays, or the first of those that it is the rest or a
    part of; None where there are several or none. *due_on* is when the line is due, None for the
    day of the posting.
    """

    amount: Money
    assignment: str
    belongs_to: ItemToClear | None = None
    due_on: date | None = None


def customer_lines(payment: IncomingPayment) -> tuple[CustomerLine, ...]:
    """Return the credit of *payment*, and what stays open beside it: a rest or a surplus."""
    first = payment.items[0] if payment.items else None
    only = first if len(payment.items) == 1 else None
    due_on = first.net_due_on if first is not None else None
    if payment.remainder is Remainder.NONE:
        return (CustomerLine(-payment.settled, payment.assignment, only),)
    if payment.remainder is Remainder.PARTIAL:
        # What was paid in part is due when the invoice is.
        return (CustomerLine(-payment.settled, payment.assignment, first, due_on),)
    surplus = payment.surplus
    paying = CustomerLine(surplus - payment.settled, payment.assignment, only)
    if payment.remainder is Remainder.ON_ACCOUNT:
        return (paying, CustomerLine(-surplus, payment.payment_reference))
    return (paying, CustomerLine(-surplus, payment.payment_reference, first, due_on))


def line_key(item: ItemToClear | CustomerItem) -> str:
    """
    Return document, year and line as one key of 17 characters.

    A line that belongs to *item* carries it (XREF3) where the interface has no field for the
    invoice that is paid.
    """
    key = item.key
    return f"{pad_number(key.accounting_document)}{key.fiscal_year:04}{item.line_item:03}"


def invoice_in(reference_key: str) -> str:
    """Return the accounting document that a key of ours names, empty where it is none."""
    is_ours = len(reference_key) == _KEY_LENGTH and reference_key[10:].isdigit()
    return reference_key[:10] if is_ours else ""


def invoice_year_in(reference_key: str) -> int | None:
    """Return the fiscal year of the document that a key of ours names, None where it is none."""
    return int(reference_key[10:14]) if invoice_in(reference_key) else None


def require_account(account: str, where: str, what: str, hint: str) -> str:
    """
    Return *account*.

    Raises:
        ConfigurationError: it is empty; *where* is the setting, *what* needs it.
    """
    if not account:
        raise ConfigurationError(where, f"{what}, and its account is not set", hint)
    return account
