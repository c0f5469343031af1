"""
Identities: equations that must close to the last cent, and what a comparison hands back.

Each of the four comparisons closes its own, per company code, currency, account and special G/L
indicator:

1. external orders = billed + not yet billed + explained + breaks
2. billed gross = FI posted + not transferred + explained + breaks
3. received = applied + discount and differences + unapplied + not yet posted
4. open items = G/L balance, where nothing may be left over; for documents in foreign currency once
   more in the company code's own
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from connector.reconciliation.differences import Break, Explained, Pending, Scope
from connector.reconciliation.matching import Match
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money

ORDERS_TO_BILLING: Final = 1
BILLING_TO_FI: Final = 2
PAYMENTS_TO_RECEIPTS: Final = 3
ITEMS_TO_LEDGER: Final = 4

NAMES: Final[dict[int, str]] = {
    ORDERS_TO_BILLING: "External orders to billing",
    BILLING_TO_FI: "Billing to FI",
    PAYMENTS_TO_RECEIPTS: "Payments to receipts",
    ITEMS_TO_LEDGER: "Open items to G/L balance",
}


class IdentityTerm(Frozen):
    """One term: what it is, how much, and of how many records."""

    label: str
    amount: Money
    count: int


class Identity(Frozen):
    """One equation in one scope; ``difference`` is left minus right."""

    number: int
    name: str
    scope: Scope
    left: IdentityTerm
    right: tuple[IdentityTerm, ...]
    difference: Money

    @property
    def holds(self) -> bool:
        return not self.difference


@dataclass(slots=True)
class IdentityTotals:
    """Adds up the terms of one identity, scope by scope."""

    number: int
    left: str
    right: tuple[str, ...]
    #: What the equation is called where it is not the one that its number stands for.
    name: str = ""
    _sums: dict[tuple[Scope, str], tuple[Decimal, int]] = field(default_factory=dict)

    def add(self, scope: Scope, label: str, amount: Decimal, count: int = 1) -> None:
        """Add *amount* to a term; raises ValueError for a label that the identity does not have."""
        if label != self.left and label not in self.right:
            raise ValueError(f"identity {self.number} has no term {label!r}")
        before, records = self._sums.get((scope, label), (Decimal(0), 0))
        self._sums[scope, label] = before + amount, records + count

    def close(self) -> tuple[Identity, ...]:
        """Return the identity of every scope that anything was added to."""
        scopes = sorted({scope for scope, _ in self._sums}, key=lambda scope: scope.sort_key)
        return tuple(self._close(scope) for scope in scopes)

    def _close(self, scope: Scope) -> Identity:
        left = self._term(scope, self.left)
        right = tuple(self._term(scope, label) for label in self.right)
        difference = left.amount
        for term in right:
            difference -= term.amount
        return Identity(
            number=self.number,
            name=self.name or NAMES[self.number],
            scope=scope,
            left=left,
            right=right,
            difference=difference,
        )

    def _term(self, scope: Scope, label: str) -> IdentityTerm:
        amount, count = self._sums.get((scope, label), (Decimal(0), 0))
        return IdentityTerm(
            label=label, amount=Money(amount=amount, currency=scope.stated_in), count=count
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one comparison found: its identities, and every difference with its ending."""

    identities: tuple[Identity, ...] = ()
    matches: tuple[Match, ...] = ()
    explained: tuple[Explained, ...] = ()
    pending: tuple[Pending, ...] = ()
    breaks: tuple[Break, ...] = ()


@dataclass(slots=True)
class Endings:
    """Sorts judged findings by how they ended."""

    explained: list[Explained] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)

    def add(self, ending: Explained | Pending | Break) -> None:
        if isinstance(ending, Explained):
            self.explained.append(ending)
        elif isinstance(ending, Pending):
            self.pending.append(ending)
        else:
            self.breaks.append(ending)

    def extend(self, endings: Iterable[Explained | Pending | Break]) -> None:
        for ending in endings:
            self.add(ending)
