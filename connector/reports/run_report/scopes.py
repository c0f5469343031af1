"""Columns that many parts have: the account that a figure belongs to."""

from __future__ import annotations

from typing import Final

from connector.reconciliation.differences import Scope
from connector.reports.run_report.parts import Cell, Column

COMPANY_CODE: Final = Column(
    "company_code", "Company code", "Empty where none is known yet.", width=13
)
CURRENCY: Final = Column("currency", "Currency", "Currency of the amounts.", width=10)
#: Of an account, without the currency.
ACCOUNT: Final = (
    COMPANY_CODE,
    Column("account", "Account", "Reconciliation account; empty before FI.", width=12),
    Column("special_gl", "Sp. G/L", "Special G/L indicator; empty for the normal account.",
           width=8),
)  # fmt: skip
#: Of an account whose documents may be stated in another currency.
SCOPE: Final = (
    *ACCOUNT,
    Column("document_currency", "Documents in",
           "Currency of the documents, where they are stated in the company code's.", width=13),
    CURRENCY,
)  # fmt: skip


def account_cells(scope: Scope) -> tuple[Cell, ...]:
    """Return the cells of :data:`ACCOUNT`."""
    return scope.company_code, scope.reconciliation_account, scope.special_gl_indicator


def scope_cells(scope: Scope) -> tuple[Cell, ...]:
    """Return the cells of :data:`SCOPE`."""
    other = scope.currency if scope.valued_in else ""
    return (*account_cells(scope), other, scope.stated_in)
