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

from collections.abc import Iterable, Mapping
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


#: Texts of a scope, in the order of its sort key, and the label of a term.
SumKey = tuple[str, str, str, str, str, str]
#: An amount, and of how many records it is.
Sum = tuple[Decimal, int]


def scope_of_texts(texts: tuple[str, ...]) -> Scope:
    """Return the scope whose sort key *texts* are."""
    company_code, currency, account, indicator, valued_in = texts
    return Scope(
        company_code=company_code,
        currency=currency,
        reconciliation_account=account,
        special_gl_indicator=indicator,
        valued_in=valued_in,
    )


@dataclass(slots=True)
class IdentityTotals:
    """Adds up the terms of one identity, scope by scope."""

    number: int
    left: str
    right: tuple[str, ...]
    #: What the equation is called where it is not the one that its number stands for.
    name: str = ""
    #: By the texts of a scope and a label.
    sums: dict[SumKey, Sum] = field(default_factory=dict)

    def add(self, scope: Scope, label: str, amount: Decimal, count: int = 1) -> None:
        """Add *amount* to a term; raises ValueError for a label that the identity does not have."""
        if label != self.left and label not in self.right:
            raise ValueError(f"identity {self.number} has no term {label!r}")
        key = (*scope.sort_key, label)
        before, records = self.sums.get(key, (Decimal(0), 0))
        self.sums[key] = before + amount, records + count

    def add_sums(self, sums: Mapping[SumKey, Sum]) -> None:
        """Add what the same equation came to in other records."""
        for key, (amount, count) in sums.items():
            before, records = self.sums.get(key, (Decimal(0), 0))
            self.sums[key] = before + amount, records + count

    def close(self) -> tuple[Identity, ...]:
        """Return the identity of every scope that anything was added to."""
        return tuple(self._close(scope_of_texts(key)) for key in sorted({k[:5] for k in self.sums}))

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
        amount, count = self.sums.get((*scope.sort_key, label), (Decimal(0), 0))
        return IdentityTerm(
            label=label, amount=Money(amount=amount, currency=scope.stated_in), count=count
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one comparison found: the sums of its identities, and every difference's ending."""

    totals: tuple[IdentityTotals, ...] = ()
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


def added(identities: Iterable[Identity]) -> tuple[Identity, ...]:
    """Add up equations of the same name and scope, term by term."""
    found: dict[tuple[int, str, Scope], Identity] = {}
    for identity in identities:
        key = identity.number, identity.name, identity.scope
        known = found.get(key)
        found[key] = identity if known is None else _sum(known, identity)
    return tuple(found[key] for key in sorted(found, key=lambda k: (k[0], k[1], k[2].sort_key)))


def _sum(one: Identity, other: Identity) -> Identity:
    terms: dict[str, IdentityTerm] = {term.label: term for term in one.right}
    for term in other.right:
        terms[term.label] = _both(terms[term.label], term) if term.label in terms else term
    return one.model_copy(
        update={
            "left": _both(one.left, other.left),
            "right": tuple(terms.values()),
            "difference": one.difference + other.difference,
        }
    )


def _both(one: IdentityTerm, other: IdentityTerm) -> IdentityTerm:
    amount: Money = one.amount + other.amount
    return one.model_copy(update={"amount": amount, "count": one.count + other.count})
