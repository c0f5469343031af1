"""Due dates and cash discount of a customer line: never stored, always from the baseline date."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.simulator.engine.finance_records import AccountingLine

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def net_due_date(line: AccountingLine, posting_date: date) -> date:
    """
    Return the day on which the line is due without discount.

    Baseline date plus the net days, or the later discount days when those are empty. A credit
    without invoice reference is due at its baseline date.
    """
    baseline = line.baseline_date or posting_date
    if not line.debit and not line.invoice_reference:
        return baseline
    days = line.net_days or line.discount_days_2 or line.discount_days_1
    return baseline + timedelta(days=days)


def discount_percent(line: AccountingLine, on: date, posting_date: date) -> Decimal:
    """Return the percentage that the terms still allow when paid on a day."""
    days = (on - (line.baseline_date or posting_date)).days
    if line.discount_percent_1 and days <= line.discount_days_1:
        return line.discount_percent_1
    if line.discount_percent_2 and days <= line.discount_days_2:
        return line.discount_percent_2
    return ZERO
