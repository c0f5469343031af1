"""The few figures that are read first, out of the terms of the identities."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

from connector.reconciliation.identities import (
    BILLING_TO_FI,
    ITEMS_TO_LEDGER,
    NAMES,
    ORDERS_TO_BILLING,
    PAYMENTS_TO_RECEIPTS,
    Identity,
    IdentityTerm,
)
from connector.reconciliation.report import ReconciliationRun
from connector.reports.run_report.parts import Cell, Column, Kind, Part, money
from connector.reports.run_report.scopes import COMPANY_CODE, CURRENCY

KEY_FIGURES = Part(
    "key_figures", "Key figures",
    "What the comparisons come to, all accounts together. Differences are added up without their "
    "signs, so that two wrongs make no right.",
    (
        Column("figure", "Figure", "What it is.", width=38),
        COMPANY_CODE,
        Column("document_currency", "Documents in",
               "Currency of the documents, where they are stated in the company code's.", width=13),
        CURRENCY,
        Column("records", "Records", "Of how many records.", Kind.COUNT, 10),
        Column("amount", "Amount", "The sum.", Kind.AMOUNT, 18),
    ),
)  # fmt: skip

#: Figures in their order: comparison, label of the term, and what it is called here.
_FIGURES: Final = (
    (ORDERS_TO_BILLING, "external orders", "external gross"),
    (BILLING_TO_FI, "billed gross", "billed gross"),
    (BILLING_TO_FI, "FI posted", "FI posted"),
    (PAYMENTS_TO_RECEIPTS, "received", "receipts"),
    (PAYMENTS_TO_RECEIPTS, "applied", "applied"),
    (PAYMENTS_TO_RECEIPTS, "unapplied", "unapplied"),
    (ITEMS_TO_LEDGER, "open items", "open items"),
    (ITEMS_TO_LEDGER, "G/L balance", "G/L balance"),
)

_Scope = tuple[str, str, str]


def key_figures_part(run: ReconciliationRun) -> Part:
    """Return the key figures by company code and currency."""
    sums: dict[tuple[int, _Scope], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    names: dict[int, str] = {}
    for identity in run.identities:
        scope = _scope(identity)
        for term in (identity.left, *identity.right):
            for at, (number, label, name) in enumerate(_FIGURES):
                if (number, label) == (identity.number, term.label) and _is_first(identity):
                    names[at] = name
                    sums[at, scope] = _plus(sums[at, scope], term)
        at = len(_FIGURES) + identity.number
        names[at] = f"difference {identity.number}: {NAMES[identity.number]}"
        count, amount = sums[at, scope]
        sums[at, scope] = count, amount + abs(identity.difference.amount)
    rows: list[tuple[Cell, ...]] = [
        (
            names[at], *scope, None if at >= len(_FIGURES) else sums[at, scope][0],
            money(sums[at, scope][1], scope[-1]),
        )
        for at, scope in sorted(sums)
    ]  # fmt: skip
    return KEY_FIGURES.with_rows(rows)


def _is_first(identity: Identity) -> bool:
    """Whether it is the comparison itself: others of its number look at parts of it again."""
    return identity.number == ITEMS_TO_LEDGER or identity.name == NAMES[identity.number]


def _scope(identity: Identity) -> _Scope:
    scope = identity.scope
    return scope.company_code, scope.currency if scope.valued_in else "", scope.stated_in


def _plus(so_far: tuple[int, Decimal], term: IdentityTerm) -> tuple[int, Decimal]:
    return so_far[0] + term.count, so_far[1] + term.amount.amount
