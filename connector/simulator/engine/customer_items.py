"""
Customer items at a key date.

Open at a key date: posted by then, and not cleared, or cleared later. So both the items that are
open today and those cleared since take part, and a run in May for March gives March's figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from connector.simulator.engine.due_dates import net_due_date
from connector.simulator.engine.finance_index import LineKey
from connector.simulator.engine.finance_records import CustomerItem
from connector.simulator.engine.store import Store


def open_at(
    store: Store, company_code: str, customer: str, key_date: date
) -> tuple[CustomerItem, ...]:
    """Return the items open at *key_date*, of one customer or (empty) of all, by posting date."""
    finance = store.finance
    found: list[CustomerItem] = []
    for each in (customer,) if customer else finance.customers(company_code):
        keys = (
            *finance.open_lines(company_code, each),
            *finance.cleared_lines(company_code, each, key_date + timedelta(days=1)),
        )
        found.extend(item for item in items(store, keys) if item.posting_date <= key_date)
    found.sort(key=lambda item: (item.posting_date, item.accounting_document, item.line_item))
    return tuple(found)


def cleared_between(
    store: Store,
    company_code: str,
    customer: str,
    cleared_from: date | None,
    cleared_to: date | None,
) -> tuple[CustomerItem, ...]:
    """Return the items cleared between two dates, inclusive."""
    keys = store.finance.cleared_lines(company_code, customer, cleared_from, cleared_to)
    return tuple(items(store, keys))


def cleared_by(store: Store, company_code: str, clearing_document: str) -> tuple[CustomerItem, ...]:
    """Return the items that a clearing document cleared."""
    return tuple(items(store, store.finance.cleared_by(company_code, clearing_document)))


def items(store: Store, keys: Iterable[LineKey]) -> list[CustomerItem]:
    """Return the lines of *keys* with their documents' headers."""
    found = []
    for key in keys:
        document, line = store.finance.line(key)
        found.append(
            CustomerItem(
                company_code=document.company_code,
                customer=line.customer,
                accounting_document=document.number,
                fiscal_year=document.fiscal_year,
                line_item=line.line_item,
                document_type=document.document_type,
                document_date=document.document_date,
                posting_date=document.posting_date,
                amount=line.signed_amount,
                currency=document.currency,
                local_amount=line.signed_local_amount,
                local_currency=document.local_currency,
                reference=document.reference,
                net_due_date=net_due_date(line, document.posting_date),
                line=line,
            )
        )
    return found
