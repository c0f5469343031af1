"""
What a part of a run must know of the whole: which accounts are in use, what assignments hold.

Each part counts what it sees of that; the counts of all parts add up, and what they show is the
same however the records are divided. Where it changes, all parts are evaluated anew.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connector.reconciliation.assignment import AssignmentContent, AssignmentReading, detect
from connector.reconciliation.assignment import votes_of as _votes_of
from connector.reconciliation.matching import Documents
from connector.reconciliation.movements import BankAccount, MoneyMovements, Provider
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.usual_terms import seen_terms, usual_terms
from connector.sd_documents.payment import AccountBalance

_ACCOUNT: Final = "account"
_ORGANIZATION: Final = "organization"
_ASSIGNMENTS: Final = "assignments"
_ASSIGNMENT: Final = "assignment"
_TERMS: Final = "terms"
#: Stands between the parts of what was counted; no code or number contains it.
_BETWEEN: Final = "\t"


@dataclass(frozen=True, slots=True)
class Facts:
    """How often something was seen in some records; facts of parts add up to those of the whole."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Facts) -> Facts:
        return sum_of((self, other))

    def __sub__(self, other: Facts) -> Facts:
        left = Counter(self.counts)
        left.subtract(other.counts)
        return Facts({name: count for name, count in left.items() if count})

    def of(self, kind: str) -> list[tuple[list[str], int]]:
        """Return what was counted of one kind, in no order."""
        return [
            (parts[1:], count)
            for name, count in self.counts.items()
            if (parts := name.split(_BETWEEN))[0] == kind
        ]


def sum_of(facts: Iterable[Facts]) -> Facts:
    """Add up *facts*."""
    counts: Counter[str] = Counter()
    for each in facts:
        counts.update(each.counts)
    return Facts(dict(counts))


def facts_of(documents: Documents, rules: ReconciliationRules) -> Facts:
    """Count what *documents* show; nothing of it depends on what other parts show."""
    counts: Counter[str] = Counter()
    for item in documents.extract.items:
        if not item.special_gl_indicator:
            account = item.key.company_code, item.amount.currency, item.reconciliation_account
            counts[_name(_ACCOUNT, *account)] += 1
    for billed in documents.billing_documents:
        for sold in billed.items:
            order = documents.order(sold.sales_document)
            if order is not None:
                organization = order.sales_area.sales_organization
                counts[_name(_ORGANIZATION, organization, billed.company_code)] += 1
        if rules.assignment_content is None:
            for line in documents.numbered_lines(billed):
                if line.assignment:
                    counts[_ASSIGNMENTS] += 1
                    for content in _votes_of(billed, line, documents.references):
                        counts[_name(_ASSIGNMENT, content)] += 1
        for found, key, terms in seen_terms(billed, documents):
            counts[_name(_TERMS, found or "", key, terms)] += 1
    return Facts(dict(counts))


def assignment_reading(facts: Facts, rules: ReconciliationRules) -> AssignmentReading:
    """Return what assignments hold: as the rules tell, or as most lines show."""
    if rules.assignment_content is not None:
        return AssignmentReading(content=rules.assignment_content, told=True)
    hits = {AssignmentContent(content): count for (content,), count in facts.of(_ASSIGNMENT)}
    return detect(hits, facts.counts.get(_ASSIGNMENTS, 0))


@dataclass(frozen=True, slots=True)
class Bearings:
    """
    What all parts go by.

    ``assignment`` is what ZUONR holds. ``accounts`` are those in use by company code and currency,
    ``company_codes`` those of sales organizations. ``terms`` are the days and percentages that a
    key of terms usually stands for. ``bank_accounts`` and ``providers`` are those of the settings;
    without any bank account all are taken.
    """

    assignment: AssignmentContent | None = None
    accounts: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    company_codes: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    bank_accounts: tuple[BankAccount, ...] = ()
    providers: tuple[Provider, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return a hash of all; what was evaluated under another one must be evaluated anew."""
        content = (
            self.assignment,
            sorted((key, sorted(found)) for key, found in self.accounts.items()),
            sorted(self.company_codes.items()),
            sorted(self.terms.items()),
            sorted(map(_account_text, self.bank_accounts)),
            sorted((p.name, p.company_code, sorted(p.gateways)) for p in self.providers),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()

    @property
    def movements(self) -> MoneyMovements:
        """The settings of bank accounts and providers, without any movement."""
        return MoneyMovements(accounts=self.bank_accounts, providers=self.providers)


def bearings_of(
    facts: Facts,
    rules: ReconciliationRules,
    balances: Sequence[AccountBalance] = (),
    movements: MoneyMovements | None = None,
) -> Bearings:
    """Return what *facts* of the whole show; *balances* tell the accounts before FI has lines."""
    accounts: dict[tuple[str, str], set[str]] = {}
    used = [(code, currency, account) for (code, currency, account), _ in facts.of(_ACCOUNT)]
    for code, currency, account in used or [
        (each.company_code, each.currency, each.account) for each in balances
    ]:
        accounts.setdefault((code, currency), set()).add(account)
    codes: dict[str, tuple[int, str]] = {}
    for (organization, code), count in sorted(facts.of(_ORGANIZATION)):
        if count > codes.get(organization, (0, ""))[0]:
            codes[organization] = count, code
    content = assignment_reading(facts, rules).content
    return Bearings(
        assignment=content,
        accounts={key: frozenset(found) for key, found in accounts.items()},
        company_codes={
            **{organization: code for organization, (_, code) in codes.items()},
            **rules.company_code_by_sales_organization,
        },
        terms=usual_terms(
            (key, terms, count)
            for (found, key, terms), count in facts.of(_TERMS)
            if found in ("", content)
        ),
        bank_accounts=movements.accounts if movements else (),
        providers=movements.providers if movements else (),
    )


def _account_text(account: BankAccount) -> str:
    ignored = [(pattern.pattern, int(pattern.flags)) for pattern in account.ignored]
    return repr((account.number, account.company_code, account.gl_account, ignored))


def _name(*parts: str) -> str:
    return _BETWEEN.join(parts)
