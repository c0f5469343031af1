"""Open items per payer: how much is open, overdue, on account, disputed and dunned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.reconciliation.ageing import days_in_arrears, due_on, is_on_account
from connector.reconciliation.dunning import may_be_dunned
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money


class PayerRow(Frozen):
    """
    One payer's open items in one company code and currency.

    ``open`` is the sum of all items, ``on_account`` the money among them that belongs to no
    invoice. ``overdue`` is what is past its net due date, credits of an overdue invoice included.
    ``disputed`` is what stands under a dunning block, ``dunned`` what was dunned at least once,
    up to ``dunning_level``; ``to_dun`` is what a run on the key date would take up, less what was
    paid of it. ``oldest_due_on`` is the due date of the oldest receivable, empty where there is
    none.
    """

    company_code: str
    currency: str
    payer: str
    items: int
    open: Money
    overdue: Money
    on_account: Money
    disputed: Money
    dunned: Money
    to_dun: Money
    dunning_level: int = 0
    oldest_due_on: date | None = None
    days_in_arrears: int = 0


@dataclass(slots=True)
class _Sums:
    items: int = 0
    open: Decimal = Decimal(0)
    overdue: Decimal = Decimal(0)
    on_account: Decimal = Decimal(0)
    disputed: Decimal = Decimal(0)
    dunned: Decimal = Decimal(0)
    to_dun: Decimal = Decimal(0)
    level: int = 0
    oldest: date | None = None


def payer_rows(
    items: Iterable[CustomerItem],
    invoices: Mapping[FiDocument, date],
    rules: ReconciliationRules,
    key_date: date,
) -> tuple[PayerRow, ...]:
    """
    Add up *items*, all open on *key_date*, per payer.

    *invoices* holds the net due dates of invoices, as :func:`~connector.reconciliation.ageing.
    due_dates` returns them.
    """
    items = tuple(items)
    to_dun = {
        item.document
        for item in items
        if may_be_dunned(item, due_on(item, invoices), rules, key_date)
    }
    sums: dict[tuple[str, str, str], _Sums] = {}
    for item in items:
        key = item.key.company_code, item.amount.currency, item.customer
        row = sums.setdefault(key, _Sums())
        amount = item.amount.amount
        row.items += 1
        row.open += amount
        if is_on_account(item, rules):
            row.on_account += amount
            continue
        due = due_on(item, invoices)
        if days_in_arrears(due, key_date) > 0:
            row.overdue += amount
        if item.dunning_block:
            row.disputed += amount
        if item.dunning_level:
            row.dunned += amount
            row.level = max(row.level, item.dunning_level)
        # What was paid or credited of an invoice is taken up with it.
        is_of_dunned = amount < 0 and item.invoice in to_dun
        if is_of_dunned or may_be_dunned(item, due, rules, key_date):
            row.to_dun += amount
        if amount > 0 and (row.oldest is None or due < row.oldest):
            row.oldest = due
    return tuple(_row(*key, sums[key], key_date) for key in sorted(sums))


def _row(company_code: str, currency: str, payer: str, row: _Sums, key_date: date) -> PayerRow:
    def money(amount: Decimal) -> Money:
        return Money(amount=amount, currency=currency)

    return PayerRow(
        company_code=company_code,
        currency=currency,
        payer=payer,
        items=row.items,
        open=money(row.open),
        overdue=money(row.overdue),
        on_account=money(row.on_account),
        disputed=money(row.disputed),
        dunned=money(row.dunned),
        to_dun=money(row.to_dun),
        dunning_level=row.level,
        oldest_due_on=row.oldest,
        days_in_arrears=(
            0 if row.oldest is None else max(days_in_arrears(row.oldest, key_date), 0)
        ),
    )
