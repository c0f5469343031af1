"""
Fourth comparison: open customer items against the G/L balance of their reconciliation account.

It has no tolerance and no grace: both come from the same ledger. It covers every customer of the
company code, whether the connector knows their orders or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    return still_open(extract.open_items, key_date)


def still_open(items: Iterable[CustomerItem], key_date: date) -> tuple[CustomerItem, ...]:
    """Return those of *items* that were open on *key_date*."""
    return tuple(item for item in items if item.is_open_on(key_date))


def scope_of(item: CustomerItem) -> Scope:
    """Return the scope that an item is tied out in: accounts of special G/L stand apart."""
    return Scope(
        company_code=item.key.company_code,
        currency=item.amount.currency,
        reconciliation_account=item.reconciliation_account,
        special_gl_indicator=item.special_gl_indicator,
    )


def compare_items_with_ledger(
    items: Sequence[CustomerItem],
    balances: Sequence[AccountBalance],
    company_codes: Sequence[str],
    rules: ReconciliationRules,
    key_date: date,
) -> Comparison:
    """
    Tie the open items of each account to its balance; nothing may be left over.

    *items* are those that the ERP called open, *balances* those of its ledger.

    What is in a foreign currency is tied out in it, and in the company code's own.
    """
    tie = _Tie(items, balances, company_codes)
    for item in still_open(items, key_date):
        tie.add_item(item)
    for balance in balances:
        tie.add_balance(balance)
    identities = tie.totals.close()
    breaks = [
        _break(
            identity.scope,
            tie.items.get(identity.scope, []),
            tie.balances.get(identity.scope),
            rules,
            key_date,
        )
        for identity in identities
        if not identity.holds
    ]
    return Comparison(totals=(tie.totals,), breaks=tuple(breaks))


class _Tie:
    """Adds up both sides per scope."""

    def __init__(
        self,
        items: Sequence[CustomerItem],
        balances: Sequence[AccountBalance],
        company_codes: Sequence[str],
    ) -> None:
        self.totals = IdentityTotals(ITEMS_TO_LEDGER, OPEN_ITEMS, (BALANCE,))
        self.items: dict[Scope, list[CustomerItem]] = {}
        self.balances: dict[Scope, AccountBalance] = {}
        self._company_codes = frozenset(company_codes)
        self._scopes: dict[tuple[str, str, str, str], tuple[Scope, Scope | None]] = {}
        #: An account whose balance cannot be told apart by indicator is tied out as a whole.
        self._whole = _undivided(items, balances)

    def add_item(self, item: CustomerItem) -> None:
        if item.key.company_code not in self._company_codes:
            return
        local = item.local_amount
        scope, valued = self._scopes_of(
            item.key.company_code,
            item.amount.currency,
            item.reconciliation_account,
            item.special_gl_indicator,
            "" if local is None else local.currency,
        )
        self.items.setdefault(scope, []).append(item)
        self.totals.add(scope, OPEN_ITEMS, item.amount.amount)
        if valued is not None and local is not None:
            self.items.setdefault(valued, []).append(item)
            self.totals.add(valued, OPEN_ITEMS, local.amount)

    def add_balance(self, balance: AccountBalance) -> None:
        if balance.company_code not in self._company_codes:
            return
        local = balance.local_balance
        scope, valued = self._scopes_of(
            balance.company_code,
            balance.currency,
            balance.account,
            balance.special_gl_indicator,
            "" if local is None else local.currency,
        )
        self.balances[scope] = balance
        self.totals.add(scope, BALANCE, balance.balance.amount)
        if valued is not None and local is not None:
            self.balances[valued] = balance
            self.totals.add(valued, BALANCE, local.amount)

    def _scopes_of(
        self, company_code: str, currency: str, account: str, indicator: str, local: str
    ) -> tuple[Scope, Scope | None]:
        if (company_code, account) in self._whole:
            indicator = ""
        key = company_code, currency, account, indicator
        found = self._scopes.get(key)
        if found is None or (found[1] is None and local not in ("", currency)):
            scope = Scope(
                company_code=company_code,
                currency=currency,
                reconciliation_account=account,
                special_gl_indicator=indicator,
            )
            valued = None
            if local and local != currency:
                valued = scope.model_copy(update={"valued_in": local})
            found = self._scopes[key] = (scope, valued)
        return found


def _undivided(
    items: Iterable[CustomerItem], balances: Iterable[AccountBalance]
) -> frozenset[tuple[str, str]]:
    """Return the accounts on which items stand that their balance does not name as its own."""
    named = {(b.company_code, b.account): b.special_gl_indicator for b in balances}
    return frozenset(
        key
        for item in items
        if named.get(key := (item.key.company_code, item.reconciliation_account))
        != item.special_gl_indicator
    )


def _break(
    scope: Scope,
    items: list[CustomerItem],
    balance: AccountBalance | None,
    rules: ReconciliationRules,
    key_date: date,
) -> Break:
    def amount_of(item: CustomerItem) -> Money:
        valued = item.local_amount if scope.valued_in else None
        return item.amount if valued is None else valued

    summed = sum((amount_of(item).amount for item in items), Decimal(0))
    stated = None if balance is None else balance.balance
    if balance is not None and scope.valued_in:
        stated = balance.local_balance
    booked = stated.amount if stated else Decimal(0)
    evidence: list[Evidence] = []
    if balance is not None:
        evidence.append(evidence_of("G/L balance", scope.reconciliation_account, balance))
    largest = sorted(items, key=lambda item: (-abs(item.amount.amount), str(item.key)))
    evidence += [
        evidence_of("FI item", f"{item.key}/{item.line_item}", item, str(amount_of(item)))
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
                **({"valued_in": scope.valued_in} if scope.valued_in else {}),
            },
            outside=Side(
                what=f"{len(items)} open items",
                amount=Money(amount=summed, currency=scope.stated_in),
            ),
            erp=Side(
                what=f"G/L account {scope.reconciliation_account}",
                amount=Money(amount=booked, currency=scope.stated_in),
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
