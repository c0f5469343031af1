"""
Which overdue receivables a dunning run of the key date would take up, and which were dunned before.

Due date plus days of grace must be before the day of the run. Items with a dunning block are
listed, not dunned: they are disputed, or agreed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Final

from connector.reconciliation.ageing import days_in_arrears, due_on, is_on_account
from connector.reconciliation.extract import item_key
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.model import Frozen
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, FiDocument
from connector.sd_documents.values import Money

#: How many items a run lists: the largest ones. The table of payers counts them all.
LISTED: Final = 500


class DunningRow(Frozen):
    """
    One overdue receivable.

    ``is_due_for_dunning`` is whether a run on the key date would dun it; ``level`` and
    ``last_dunned_on`` are what the ERP has noted, ``block`` why it is left alone.
    """

    document: AccountingDocumentKey
    line_item: int
    payer: str
    billing_document: str
    amount: Money
    due_on: date
    days_in_arrears: int
    level: int
    last_dunned_on: date | None
    block: str
    is_due_for_dunning: bool


def may_be_dunned(
    item: CustomerItem, due: date, rules: ReconciliationRules, key_date: date
) -> bool:
    """Whether a run on *key_date* would dun *item*, which is due on *due*."""
    return (
        item.amount.amount > 0
        and not item.special_gl_indicator
        and not item.dunning_block
        and due + timedelta(days=rules.dunning_grace_days) < key_date
    )


def dunning_rows(
    items: Iterable[CustomerItem],
    invoices: Mapping[FiDocument, date],
    rules: ReconciliationRules,
    key_date: date,
    *,
    listed: int = LISTED,
) -> tuple[DunningRow, ...]:
    """
    List the overdue receivables among *items*, all open on *key_date*, the largest first.

    *invoices* holds net due dates, as :func:`~connector.reconciliation.ageing.due_dates` returns.
    """
    overdue = [
        (item, due)
        for item in items
        if item.amount.amount > 0
        and not is_on_account(item, rules)
        and days_in_arrears(due := due_on(item, invoices), key_date) > 0
    ]
    overdue.sort(key=lambda entry: (-entry[0].amount.amount, item_key(entry[0])))
    return tuple(_row(item, due, rules, key_date) for item, due in overdue[:listed])


def _row(item: CustomerItem, due: date, rules: ReconciliationRules, key_date: date) -> DunningRow:
    return DunningRow(
        document=item.key,
        line_item=item.line_item,
        payer=item.customer,
        billing_document=item.billing_document,
        amount=item.amount,
        due_on=due,
        days_in_arrears=days_in_arrears(due, key_date),
        level=item.dunning_level,
        last_dunned_on=item.last_dunned_on,
        block=item.dunning_block,
        is_due_for_dunning=may_be_dunned(item, due, rules, key_date),
    )
