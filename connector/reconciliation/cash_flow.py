"""
Money by week: what open items bring in when they are due, and what receipts brought in before.

What is expected adds up to all open items but the money on account, so that it can be held against
the ageing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from connector.reconciliation.ageing import days_in_arrears, due_on, is_on_account
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import CustomerItem, FiDocument
from connector.sd_documents.values import Money

#: Weeks that are told apart, before the key date's and from it on.
WEEKS: Final = 8


class CashPeriod(StrEnum):
    """What a row stands for."""

    OVERDUE = "overdue"
    WEEK = "week"
    LATER = "later"


class CashFlowRow(Frozen):
    """
    One week of one company code and currency; ``begins_on`` is its Monday.

    ``expected`` is what is due in it and open on the key date, credits deducted; what was due
    before the key date is in the row OVERDUE, without day. ``received`` is what receipts posted in
    that week have lowered the customers' debt by, cash discount included.
    """

    company_code: str
    currency: str
    period: CashPeriod
    begins_on: date | None
    expected: Money
    expected_items: int
    received: Money
    received_items: int


#: Company code, currency, day of posting.
ReceiptsKey = tuple[str, str, date]
#: What debts were lowered by, and by how many receipts.
ReceiptsOfDay = tuple[Decimal, int]

_Key = tuple[str, str, date]
#: Stand in for the Mondays of what has none of its own, so that rows sort by time.
_OVERDUE: Final = date.min
_LATER: Final = date.max


def monday_of(day: date) -> date:
    """Return the first day of the week of *day*."""
    return day - timedelta(days=day.weekday())


def cash_flow(
    items: Iterable[CustomerItem],
    receipts: Mapping[ReceiptsKey, ReceiptsOfDay],
    invoices: Mapping[FiDocument, date],
    rules: ReconciliationRules,
    key_date: date,
) -> tuple[CashFlowRow, ...]:
    """
    Add up *items*, all open on *key_date*, by week of their due date, and receipts by week.

    *receipts* are what receipts lowered debts by, and their number, by company code, currency and
    day; *invoices* holds net due dates, as :func:`~connector.reconciliation.ageing.due_dates`
    returns them.
    """
    sums: dict[_Key, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    counts: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    this_week = monday_of(key_date)
    last = this_week + timedelta(weeks=WEEKS)
    for item in items:
        if is_on_account(item, rules):
            continue
        due = due_on(item, invoices)
        week = min(monday_of(due), last)
        if days_in_arrears(due, key_date) > 0:
            week = _OVERDUE
        elif week == last:
            week = _LATER
        key = item.key.company_code, item.amount.currency, week
        sums[key][0] += item.amount.amount
        counts[key][0] += 1
    first = this_week - timedelta(weeks=WEEKS - 1)
    for (company_code, currency, day), (amount, count) in receipts.items():
        if first <= day <= key_date:
            key = company_code, currency, monday_of(day)
            sums[key][1] += amount
            counts[key][1] += count
    return tuple(_row(key, sums[key], counts[key]) for key in sorted(sums))


def _row(key: _Key, sums: list[Decimal], counts: list[int]) -> CashFlowRow:
    company_code, currency, week = key
    period = {_OVERDUE: CashPeriod.OVERDUE, _LATER: CashPeriod.LATER}.get(week, CashPeriod.WEEK)
    return CashFlowRow(
        company_code=company_code,
        currency=currency,
        period=period,
        begins_on=week if period is CashPeriod.WEEK else None,
        expected=Money(amount=sums[0], currency=currency),
        expected_items=counts[0],
        received=Money(amount=sums[1], currency=currency),
        received_items=counts[1],
    )
