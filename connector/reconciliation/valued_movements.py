"""
The roll-forward of items in foreign currency, stated in the company code's own.

It shows what the one in their own currency cannot: that also the value of every line arrived, and
that what clearings realised of other exchange rates was taken off. Opening and closing are the
open items as the fourth comparison has valued them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from connector.reconciliation.account_movements import AccountMovements, Posting
from connector.reconciliation.differences import Scope
from connector.reconciliation.identities import ITEMS_TO_LEDGER, Identity
from connector.reconciliation.roll_forward import ItemMovement
from connector.sd_documents.payment import CustomerItem

#: Company code, reconciliation account, currency of the documents.
Account = tuple[str, str, str]


def valued_balances(identities: Iterable[Identity]) -> dict[Scope, Decimal]:
    """Return the open items in foreign currency as the fourth comparison has valued them."""
    return {
        each.scope: each.left.amount.amount
        for each in identities
        if each.number == ITEMS_TO_LEDGER and each.scope.valued_in
    }


class ValuedMovements:
    """
    Adds up lines of documents in foreign currency, in the company code's.

    An account is taken whole, whatever special G/L indicators its lines carry: the fourth
    comparison takes some accounts whole as well.
    """

    def __init__(self) -> None:
        self._accounts: dict[Scope, AccountMovements] = defaultdict(AccountMovements)
        self._indicators: dict[Scope, set[str]] = defaultdict(set)
        #: Where the value of some line was not read.
        self._unread: set[Account] = set()

    def post(self, line: CustomerItem, kind: Posting) -> None:
        """Add a line of the time between."""
        if (scope := self._scope_of(line)) is not None and line.local_amount is not None:
            self._accounts[scope].post(kind, line.local_amount.amount)

    def restate(self, line: CustomerItem) -> None:
        """Add a line of the time before that was entered late."""
        if (scope := self._scope_of(line)) is not None and line.local_amount is not None:
            self._accounts[scope].restate(line.local_amount.amount)

    def rows(
        self,
        opening: Mapping[Scope, Decimal] | None,
        closing: Mapping[Scope, Decimal],
        opened: Iterable[Scope],
        closed: Iterable[Scope],
    ) -> Iterator[ItemMovement]:
        """
        Yield the roll-forward of each account in foreign currency.

        None where *opening* is not known, nor for accounts on which some value was not read: there
        *opened* and *closed*, the accounts with open items in their own currency, have more.
        """
        if opening is None:
            return
        before, after = self._whole(opening), self._whole(closing)
        unread = {
            *self._unread,
            *(set(map(_account_of, opened)) - set(map(_account_of, before))),
            *(set(map(_account_of, closed)) - set(map(_account_of, after))),
        }
        for scope in sorted({*before, *after, *self._accounts}, key=lambda each: each.sort_key):
            if _account_of(scope) not in unread:
                yield self._accounts[scope].row(
                    self._named(scope),
                    before.get(scope, Decimal(0)),
                    after.get(scope, Decimal(0)),
                )

    def _scope_of(self, line: CustomerItem) -> Scope | None:
        """Return where *line* belongs, None for one in the company code's own currency."""
        local, currency = line.local_amount, line.amount.currency
        company_code, account = line.key.company_code, line.reconciliation_account
        if local is None:
            self._unread.add((company_code, account, currency))
            return None
        if local.currency == currency:
            return None
        scope = Scope(
            company_code=company_code,
            currency=currency,
            reconciliation_account=account,
            valued_in=local.currency,
        )
        self._indicators[scope].add(line.special_gl_indicator)
        return scope

    def _whole(self, balances: Mapping[Scope, Decimal]) -> dict[Scope, Decimal]:
        """Return *balances* with those of one account together."""
        found: dict[Scope, Decimal] = defaultdict(Decimal)
        for scope, amount in balances.items():
            whole = scope.model_copy(update={"special_gl_indicator": ""})
            self._indicators[whole].add(scope.special_gl_indicator)
            found[whole] += amount
        return dict(found)

    def _named(self, scope: Scope) -> Scope:
        """Return *scope* with its special G/L indicator, where there is but one."""
        indicators = self._indicators[scope]
        if len(indicators) != 1:
            return scope
        return scope.model_copy(update={"special_gl_indicator": next(iter(indicators))})


def _account_of(scope: Scope) -> Account:
    return scope.company_code, scope.reconciliation_account, scope.currency
