"""Leaves out of a run what belongs to other company codes or currencies than were asked for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from connector.reconciliation.differences import Scope
from connector.reconciliation.report import ReconciliationRun, matched_by
from connector.reconciliation.run import sealed, verdict_of
from connector.sd_documents.model import Frozen
from connector.sd_documents.values import Money


def restricted(run: ReconciliationRun) -> ReconciliationRun:
    """
    Return *run* with what its header asks for, verdict and hash anew.

    Sources stay as they were read. Matches do not know a company code: those of others are left out
    where they are made.
    """
    header = run.header
    codes = header.company_codes if header.restricted else ()
    if not codes and not header.currencies:
        return run
    update: dict[str, Any] = {}
    for name in type(run).model_fields:
        values = getattr(run, name)
        if name != "sources" and isinstance(values, tuple):
            update[name] = tuple(
                each for each in values if _is_asked_for(each, codes, header.currencies)
            )
    if header.currencies:
        update.update(matched_by(run.matches.only(header.currencies)))
    run = run.model_copy(update=update)
    verdict = verdict_of(run.sources, run.identities, run.pending, run.breaks)
    return sealed(run.model_copy(update={"verdict": verdict}))


def _is_asked_for(part: Frozen, codes: Collection[str], currencies: Collection[str]) -> bool:
    scope = getattr(part, "scope", None)
    company_code: str | None = getattr(part, "company_code", None)
    currency = _currency_of(part)
    if isinstance(scope, Scope):
        company_code, currency = scope.company_code, scope.currency
    if codes and company_code is not None and company_code not in codes:
        return False
    return not currencies or currency is None or currency in currencies


def _currency_of(part: Frozen) -> str | None:
    """Return the currency of something without a scope, None where it does not say."""
    named = getattr(part, "currency", None)
    if isinstance(named, str):
        return named
    amount = getattr(part, "amount", None)
    return amount.currency if isinstance(amount, Money) else None
