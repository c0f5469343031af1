"""Cash discounts: what the terms of an item allow, and the tax that is corrected with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from connector.ports.store_records import FlowView
from connector.sd_documents.billing_document import BillingDocument
from connector.sd_documents.currency import round_amount
from connector.sd_documents.payment import CustomerItem, TaxAdjustment
from connector.sd_documents.values import Money, total
from connector.sync.context import DiscountBase

_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class Discount:
    """A cash discount in full: ``net`` of it and the correction of tax, per tax code."""

    amount: Money
    net: Money
    tax_adjustments: tuple[TaxAdjustment, ...] = ()


def discount_percent(item: CustomerItem, paid_on: date) -> Decimal:
    """Return the percentage that the terms of *item* allow on *paid_on*, zero if none."""
    tiers = (
        (item.cash_discount_percent_1, item.cash_discount_days_1),
        (item.cash_discount_percent_2, item.cash_discount_days_2),
    )
    for percent, days in tiers:
        if percent and paid_on <= item.baseline_date + timedelta(days=days):
            return percent
    return Decimal(0)


def discount_on(
    view: FlowView, item: CustomerItem, paid_on: date, base: DiscountBase
) -> Discount | None:
    """Return the discount that may be taken on *item*, None where there is none."""
    percent = discount_percent(item, paid_on) / _PERCENT
    if not percent:
        return None
    currency = item.amount.currency
    invoice = next((d for d in view.billing_documents if d.number == item.billing_document), None)
    if base is DiscountBase.NET:
        if invoice is None:
            return None
        net = Money.rounded(invoice.net_amount.amount * percent, currency)
        return Discount(amount=net, net=net)
    amount = Money.rounded(item.amount.amount * percent, currency)
    adjustments = _tax_adjustments(view, invoice, percent) if invoice else ()
    net = amount - total((adjustment.amount for adjustment in adjustments), currency)
    return Discount(amount=amount, net=net, tax_adjustments=adjustments)


def _tax_adjustments(
    view: FlowView, invoice: BillingDocument, percent: Decimal
) -> tuple[TaxAdjustment, ...]:
    """
    Spread a discount's tax over the tax codes of the invoice, by the tax each of them has.

    The base of each is the discount on what is taxed with it; rounding may leave their sum a cent
    off the net discount.
    """
    codes = {
        (document.number, value.item_number): value.tax_code
        for document in view.sales_documents
        for value in document.condition_values
        if value.tax_code
    }
    taxes: dict[str, Decimal] = {}
    bases: dict[str, Decimal] = {}
    for item in invoice.items:
        code = codes.get((item.sales_document, item.sales_document_item))
        if code is not None:
            taxes[code] = taxes.get(code, Decimal(0)) + item.tax_amount.amount
            bases[code] = bases.get(code, Decimal(0)) + item.net_amount.amount
    return tuple(
        TaxAdjustment(
            tax_code=code,
            amount=Money.rounded(tax * percent, invoice.currency),
            base=Money.rounded(bases[code] * percent, invoice.currency),
        )
        for code, tax in sorted(taxes.items())
        if round_amount(tax * percent, invoice.currency)
    )


def adjustments_of(discounts: Sequence[Discount], currency: str) -> tuple[TaxAdjustment, ...]:
    """Add up the corrections of all *discounts* by tax code."""
    found: dict[str, list[TaxAdjustment]] = {}
    for discount in discounts:
        for part in discount.tax_adjustments:
            found.setdefault(part.tax_code, []).append(part)
    return tuple(
        TaxAdjustment(
            tax_code=code,
            amount=total((part.amount for part in parts), currency),
            base=total((part.base for part in parts if part.base is not None), currency),
        )
        for code, parts in sorted(found.items())
    )
