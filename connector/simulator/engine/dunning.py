"""
Dunning, and what people change in open items by hand.

A dunning run raises the level of every overdue receivable by one and notes the day; items with a
dunning block are left alone. Sources: MANST, MADAT and MANSP of customer lines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from connector.simulator.engine import customer_items
from connector.simulator.engine.accounting import check_company, not_posted
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError

#: The highest level of the usual dunning procedure.
_HIGHEST_LEVEL = 4


@dataclass(slots=True)
class CustomerLineChange:
    """
    A change to a customer line, as transaction FB02 allows it; `None` leaves a field as it is.

    Amount, account and posting date never change. `days` are those of both discounts and net.
    """

    dunning_block: str | None = None
    payment_block: str | None = None
    assignment: str | None = None
    text: str | None = None
    terms_of_payment: str | None = None
    baseline_date: date | None = None
    days: tuple[int, int, int] | None = None


def run(work: UnitOfWork, company_code: str, run_date: date, grace_days: int) -> Outcome:
    """Dun what is overdue on a day, see `Session.run_dunning`."""
    try:
        check_company(work, company_code, next(iter(work.core.master.currencies)))
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)
    rows: list[Message] = []
    dunned: dict[tuple[str, str, int], None] = {}
    for item in customer_items.open_at(work.core.store, company_code, "", run_date):
        line = item.line
        late = item.net_due_date + timedelta(days=grace_days) < run_date
        if not line.debit or line.special_gl or line.dunning_block or not late:
            continue
        document = work.accounting_document(
            company_code, item.accounting_document, item.fiscal_year
        )
        assert document is not None
        level = min(line.dunning_level + 1, _HIGHEST_LEVEL)
        _put(work, document, replace(line, dunning_level=level, last_dunned=run_date))
        dunned[document.key] = None
    rows.append(work.message("items dunned", len(dunned), company_code, run_date))
    return Outcome(tuple(rows), tuple(number for _, number, _ in dunned))


def change_line(
    work: UnitOfWork, company_code: str, number: str, line_item: int, change: CustomerLineChange
) -> Outcome:
    """Change a customer line, see `Session.change_customer_line`."""
    key = padded(number)
    document = work.accounting_document(company_code, key, 0)
    line = document.line(line_item) if document is not None else None
    if document is None or line is None or line.account_type != "D":
        row = work.message("accounting document unknown", key, company_code)
        return not_posted(work, (row,))
    if work.lock("accounting", company_code, key, str(document.fiscal_year)) is not None:
        return not_posted(work, (work.message("account locked", key.lstrip("0"), ""),))
    _put(work, document, _changed(line, change))
    row = work.message("accounting document changed", document.number, company_code)
    return Outcome((row,), (document.number,))


def _changed(line: AccountingLine, change: CustomerLineChange) -> AccountingLine:
    given = {
        name: value
        for name in ("dunning_block", "payment_block", "assignment", "text", "terms_of_payment")
        if (value := getattr(change, name)) is not None
    }
    if change.days is not None:
        first, second, net = change.days
        line = replace(line, discount_days_1=first, discount_days_2=second, net_days=net)
    if change.baseline_date is not None:
        line = replace(line, baseline_date=change.baseline_date)
    return replace(line, **given)


def _put(work: UnitOfWork, document: AccountingDocument, changed: AccountingLine) -> None:
    known = work.accounting_document(*document.key)
    assert known is not None
    lines = tuple(changed if each.line_item == changed.line_item else each for each in known.lines)
    work.put_accounting(replace(known, lines=lines))
