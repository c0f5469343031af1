"""Payments that the tests post."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from connector.sd_documents.payment import (
    AccountingDocumentKey,
    IncomingPayment,
    ItemToClear,
    TaxAdjustment,
)
from connector.sd_documents.values import Money

TODAY = date(2026, 1, 5)


def money(amount: str, currency: str = "EUR") -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def owed(amount: str, number: str = "0090000001", currency: str = "EUR") -> ItemToClear:
    key = AccountingDocumentKey(company_code="1000", accounting_document=number, fiscal_year=2026)
    return ItemToClear(key=key, line_item=1, amount=money(amount, currency))


def payment(received: str = "119.00", currency: str = "EUR", **more: Any) -> IncomingPayment:
    """A payment on account, unless *more* says what it pays."""
    values: dict[str, Any] = {
        "payment_reference": "PAY-1",
        "company_code": "1000",
        "payer": "C-100",
        "document_date": TODAY,
        "posting_date": TODAY,
        "received": money(received, currency),
        "bank_account": "113100",
        "cash_discount": money("0", currency),
        "assignment": "EXT-1001",
    }
    return IncomingPayment(**{**values, **more})


def with_discount() -> IncomingPayment:
    """11,900.00 less 2 %, of which 38.00 correct the tax."""
    return payment(
        "11662.00",
        cash_discount=money("200.00"),
        tax_adjustments=(TaxAdjustment(tax_code="A1", amount=money("38.00")),),
        items=(owed("11900.00"),),
    )
