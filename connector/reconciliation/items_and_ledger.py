"""
Fourth comparison: open customer items against the G/L balance of their reconciliation account.

It has no tolerance and no grace: both come from the same ledger. It covers every customer of the
company code, whether the connector knows their orders or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import (
    Break,
    Evidence,
    Finding,
    Scope,
    Side,
    evidence_of,
    judge,
)
from connector.reconciliation.extract import ErpExtract
from connector.reconciliation.identities import ITEMS_TO_LEDGER, Comparison, IdentityTotals
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.payment import AccountBalance, CustomerItem
from connector.sd_documents.values import Money

OPEN_ITEMS: Final = "open items"
BALANCE: Final = "G/L balance"
#: How many items a break lists as evidence: the largest ones.
_EVIDENCE: Final = 20


def open_items(extract: ErpExtract, key_date: date) -> tuple[CustomerItem, ...]:
    """
    Return the items that were open on *key_date*.

    The ERP selects them by key date already; the rule is applied again, so that what is reported
    never rests on the ERP's selection alone.
    """
    return tuple(item for item in extract.open_items if item.is_open_on(key_date))


def scope_of(item: CustomerItem) -> Scope:
    """Return the scope that an item is tied out in: accounts of special G/L stand apart."""
    return Scope(
        company_code=item.key.company_code,
        currency=item.amount.currency,
        reconciliation_account=item.reconciliation_account,
    )


def compare_items_with_ledger(
    extract: ErpExtract, company_codes: Sequence[str], rules: ReconciliationRules, key_date: date
) -> Comparison:
    """Tie the open items of each account to its balance; nothing may be left over."""
    totals = IdentityTotals(ITEMS_TO_LEDGER, OPEN_ITEMS, (BALANCE,))
    items: dict[Scope, list[CustomerItem]] = {}
    balances: dict[Scope, AccountBalance] = {}
    for item in open_items(extract, key_date):
        if item.key.company_code in company_codes:
            items.setdefault(scope_of(item), []).append(item)
            totals.add(scope_of(item), OPEN_ITEMS, item.amount.amount)
    for balance in extract.balances:
        if balance.company_code in company_codes:
            scope = Scope(
                company_code=balance.company_code,
                currency=balance.currency,
                reconciliation_account=balance.account,
            )
            balances[scope] = balance
            totals.add(scope, BALANCE, balance.balance.amount)
    identities = totals.close()
    breaks = [
        _break(identity.scope, items.get(identity.scope, []), balances, rules, key_date)
        for identity in identities
        if not identity.holds
    ]
    return Comparison(identities=identities, breaks=tuple(breaks))


def _break(
    scope: Scope,
    items: list[CustomerItem],
    balances: dict[Scope, AccountBalance],
    rules: ReconciliationRules,
    key_date: date,
) -> Break:
    summed = sum((item.amount.amount for item in items), Decimal(0))
    balance = balances.get(scope)
    booked = balance.balance.amount if balance else Decimal(0)
    evidence: list[Evidence] = []
    if balance is not None:
        evidence.append(evidence_of("G/L balance", scope.reconciliation_account, balance))
    largest = sorted(items, key=lambda item: (-abs(item.amount.amount), str(item.key)))
    evidence += [
        evidence_of("FI item", f"{item.key}/{item.line_item}", item, str(item.amount))
        for item in largest[:_EVIDENCE]
    ]
    ending = judge(
        Finding(
            code=BreakCode.SUBLEDGER_GL_DIFF,
            identity=ITEMS_TO_LEDGER,
            scope=scope,
            subject=f"account {scope.reconciliation_account}",
            keys={
                "company_code": scope.company_code,
                "account": scope.reconciliation_account,
                "currency": scope.currency,
            },
            outside=Side(
                what=f"{len(items)} open items",
                amount=Money(amount=summed, currency=scope.currency),
            ),
            erp=Side(
                what=f"G/L account {scope.reconciliation_account}",
                amount=Money(amount=booked, currency=scope.currency),
            ),
            difference=booked - summed,
            since=key_date,
            text="the open items do not add up to the balance",
            evidence=tuple(evidence),
        ),
        rules,
        key_date,
    )
    assert isinstance(ending, Break)
    return ending
