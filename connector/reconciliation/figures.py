"""
The figures of a run by name, so that two runs can be compared without reading all they hold.

They are what finance signs: the terms of the identities, the ageing, and the breaks per code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connector.reconciliation.ageing import Bucket
from connector.reconciliation.differences import Difference, Scope
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.restatement import ChangedFigure


@dataclass(frozen=True, slots=True)
class Figure:
    """An amount in a currency, or a number of records (then without currency)."""

    amount: Decimal
    currency: str


Figures = Mapping[str, Figure]


def scope_name(scope: Scope) -> str:
    """Return company code, account, special G/L indicator and currency in one line."""
    parts = (
        scope.company_code,
        scope.reconciliation_account,
        scope.special_gl_indicator,
        scope.currency,
    )
    name = "/".join(part for part in parts if part)
    return f"{name} in {scope.valued_in}" if scope.valued_in else name


def figures_of(run: ReconciliationRun) -> dict[str, Figure]:
    """Return the figures of *run* by their names."""
    figures: dict[str, Figure] = {}
    for identity in run.identities:
        where = f"{identity.number} {identity.name} {scope_name(identity.scope)}"
        for term in (identity.left, *identity.right):
            stated = term.amount
            figures[f"{where}: {term.label}"] = Figure(stated.amount, stated.currency)
    for row in run.ageing:
        for bucket in Bucket:
            name = f"ageing {scope_name(row.scope)}: {bucket.value}"
            figures[name] = Figure(row.amount(bucket).amount, row.scope.currency)
        name = f"ageing {scope_name(row.scope)}: total"
        figures[name] = Figure(row.total.amount, row.scope.currency)
    for difference in run.breaks:
        name = f"breaks {difference.code.value}"
        _add(figures, f"{name}: count", Decimal(1), "")
        amount = difference_amount(difference)
        if amount is not None:
            _add(figures, f"{name} {currency_of(difference)}", amount, currency_of(difference))
    return figures


def difference_amount(difference: Difference) -> Decimal | None:
    """Return the amount of *difference*, None where it has none."""
    return None if difference.difference is None else difference.difference.amount


def currency_of(difference: Difference) -> str:
    """Return the currency of *difference*, empty where it has no amount."""
    return "" if difference.difference is None else difference.difference.currency


def _add(figures: dict[str, Figure], name: str, amount: Decimal, currency: str) -> None:
    before = figures.get(name)
    figures[name] = Figure(amount + (before.amount if before else Decimal(0)), currency)


def changed_figures(old: Figures, new: Figures) -> tuple[ChangedFigure, ...]:
    """Return what differs; a figure of zero is the same as none."""
    changes = []
    for name in sorted({*old, *new}):
        before, after = old.get(name), new.get(name)
        if (before.amount if before else 0) != (after.amount if after else 0):
            known = after or before
            changes.append(
                ChangedFigure(
                    name=name,
                    currency=known.currency if known else "",
                    old=before.amount if before else None,
                    new=after.amount if after else None,
                )
            )
    return tuple(changes)


def figures_to_json(figures: Figures) -> dict[str, dict[str, str]]:
    """Return *figures* as JSON values, amounts as text."""
    return {
        name: {"amount": str(figure.amount), "currency": figure.currency}
        for name, figure in figures.items()
    }


def figures_from_json(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Figure]:
    """Read back what :func:`figures_to_json` wrote."""
    return {
        name: Figure(Decimal(each["amount"]), each["currency"]) for name, each in content.items()
    }
