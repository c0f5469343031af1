"""Line items and balances of G/L accounts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from connector.simulator.engine.finance_records import LedgerItem
from connector.simulator.engine.store import Store

ZERO = Decimal(0)


def items(
    store: Store,
    company_code: str,
    account: str,
    posted_from: date | None,
    posted_to: date | None,
) -> tuple[LedgerItem, ...]:
    """Return the lines posted to an account between two dates, inclusive, in order of entry."""
    first, last = posted_from or date.min, posted_to or date.max
    found = []
    for key in store.finance.account_lines(company_code, account):
        document, line = store.finance.line(key)
        if first <= document.posting_date <= last:
            found.append(
                LedgerItem(
                    company_code=company_code,
                    account=account,
                    accounting_document=document.number,
                    fiscal_year=document.fiscal_year,
                    line_item=line.line_item,
                    document_type=document.document_type,
                    posting_date=document.posting_date,
                    amount=line.signed_amount,
                    currency=document.currency,
                    local_amount=line.signed_local_amount,
                    local_currency=document.local_currency,
                    reference=document.reference,
                    line=line,
                )
            )
    return tuple(found)


def balance(
    store: Store, company_code: str, account: str, key_date: date, currency: str
) -> Decimal:
    """Return the balance at *key_date*; *currency* empty is the company's own."""
    totals = store.finance.totals(company_code, account)
    return sum((day.get(currency, ZERO) for on, day in totals.items() if on <= key_date), ZERO)
