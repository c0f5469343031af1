"""
Valuing open items in a foreign currency at a key date.

The difference to the rate of the day stands on adjustment accounts, never on the receivables
themselves: open items and reconciliation accounts keep agreeing. The next day takes it back; what
clearing realises is not touched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from connector.simulator.engine import customer_items, money, posting
from connector.simulator.engine.accounting import posted
from connector.simulator.engine.finance_records import AccountingLine
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError

ZERO = Decimal(0)
DOCUMENT_TYPE = "SA"


def value_open_items(work: UnitOfWork, company_code: str, key_date: date) -> Outcome:
    """Post the unrealised differences, see `Session.value_open_items`."""
    company = work.core.master.company_codes.get(company_code)
    if company is None:
        raise RefusedError(work.message("company code unknown", company_code))
    differences = _differences(work, company_code, key_date)
    rows: list[Message] = []
    numbers: list[str] = []
    documents = []
    valued = [line for each in differences for line in _lines(work, company_code, each)]
    undone = [replace(line, debit=not line.debit) for line in valued]
    for on, lines in ((key_date, valued), (key_date + timedelta(days=1), undone)):
        if not lines:
            continue
        document = posting.post(
            work,
            posting.Header(
                company_code=company_code,
                document_type=DOCUMENT_TYPE,
                currency=company.currency,
                posting_date=on,
                document_date=on,
                header_text=f"Valuation {key_date:%Y%m%d}",
                reversal_of=numbers[0] if numbers else "",
            ),
            lines,
        )
        rows.extend(posted(work, document).messages)
        numbers.append(document.number)
        documents.append(document)
    return Outcome(tuple(rows), tuple(numbers), tuple(documents))


def _differences(work: UnitOfWork, company_code: str, key_date: date) -> list[Decimal]:
    """Return by how much each open item is worth more (less: negative) than in the books."""
    master = work.core.master
    found = []
    for item in customer_items.open_at(work.core.store, company_code, "", key_date):
        if item.currency == item.local_currency:
            continue
        rate = master.exchange_rate(item.currency, item.local_currency, key_date)
        if rate is None:
            raise RefusedError(
                work.message("exchange rate missing", item.currency, item.local_currency, key_date)
            )
        worth = money.rounded(item.amount * rate, master.decimals(item.local_currency))
        if worth != item.local_amount:
            found.append(worth - item.local_amount)
    return found


def _lines(work: UnitOfWork, company_code: str, amount: Decimal) -> list[AccountingLine]:
    chart = work.core.master.company_codes[company_code].chart_of_accounts
    purposes = ("valuation adjustment", "valuation gain" if amount > 0 else "valuation loss")
    accounts = [work.core.master.posting_account(chart, each) for each in purposes]
    if not all(accounts):
        raise RefusedError(work.message("account determination", "KDB", chart, "", ""))
    adjustment, result = accounts
    return [
        posting.ledger_line(adjustment, amount, account_key="KDB"),
        posting.ledger_line(result, -amount, account_key="KDB"),
    ]
