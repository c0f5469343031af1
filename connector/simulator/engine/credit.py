"""Credit check: limit of the payer's credit account against open items and open orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine import money

if TYPE_CHECKING:
    from connector.simulator.engine.core import Core

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    What a credit account uses, in `currency`; `limit` None means it is never checked.

    `open_orders` is ordered and not yet billed, with tax.
    """

    credit_account: str
    currency: str
    limit: Decimal | None
    open_items: Decimal
    open_orders: Decimal

    @property
    def total(self) -> Decimal:
        """Open items and open orders."""
        return self.open_items + self.open_orders


def account_of(core: Core, payer: str) -> str:
    """Return the credit account of a payer: its own number unless its record names another."""
    customer = core.master.customers.get(payer)
    return customer.credit_account if customer and customer.credit_account else payer


def exposure(core: Core, credit_account: str) -> Exposure:
    """Return what the account uses now. Amounts without an exchange rate are left out."""
    found = core.master.credit_limits.get(credit_account)
    currency = found.currency if found else _first_currency(core)
    today = core.today()
    items = ZERO
    for payer in core.payers_of(credit_account):
        for other, amount in core.store.finance.open_totals(payer).items():
            items += _in(core, amount, other, currency, today)
    orders = ZERO
    for other, amount in core.store.credit_open.get(credit_account, {}).items():
        orders += _in(core, amount, other, currency, today)
    decimals = core.master.decimals(currency)
    return Exposure(
        credit_account,
        currency,
        found.limit if found else None,
        money.rounded(items, decimals),
        money.rounded(orders, decimals),
    )


def check(core: Core, credit_account: str, currency: str, amount: Decimal) -> Decimal | None:
    """
    Return by how much *amount* more would exceed the limit, zero or less when it does not.

    None: the account is not checked.
    """
    if credit_account not in core.master.credit_limits:
        return None
    used = exposure(core, credit_account)
    assert used.limit is not None
    added = _in(core, amount, currency, used.currency, core.today())
    return used.total + added - used.limit


def _in(core: Core, amount: Decimal, source: str, target: str, on: date) -> Decimal:
    rate = core.master.exchange_rate(source, target, on)
    return amount * rate if rate is not None else ZERO


def _first_currency(core: Core) -> str:
    return next(iter(core.master.company_codes.values())).currency
