"""
Passing a billing document to accounting.

Receivable on the reconciliation account of the payer; revenue, deductions and freight by account
key; output tax by code. What fails leaves the billing document saved with its transfer status.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money, posting
from connector.simulator.engine.finance_records import (
    AccountingLine,
    BillingDocument,
    BillingItem,
)
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, RefusedError

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a customer line with their baseline date."""

    key: str
    baseline_date: date
    discount_days_1: int
    discount_percent_1: Decimal
    discount_days_2: int
    discount_percent_2: Decimal
    net_days: int


class _DeterminationError(Exception):
    """No account was found; `variables` are those of the message."""

    def __init__(self, *variables: str) -> None:
        self.variables = variables
        super().__init__(" ".join(variables))


def transfer(
    work: UnitOfWork, document: BillingDocument, *, released: bool = False
) -> tuple[BillingDocument, tuple[Message, ...]]:
    """
    Post *document* and return it with its transfer status, and the rows when it was not posted.

    *released* passes a document on that its billing type holds back.
    """
    billing_type = work.core.master.billing_types[document.billing_type]
    shown = document.number.lstrip("0")
    not_posted = work.message("billed without accounting", shown)
    if billing_type.posting_block and not released:
        return replace(document, transfer_status="A"), (not_posted,)
    if work.core.faults.take("account determination", work.operation):
        return replace(document, transfer_status="B"), (not_posted,)
    try:
        lines = _lines(work, document, billing_type.sign)
    except _DeterminationError:
        return replace(document, transfer_status="B"), (not_posted,)
    if not lines:
        return replace(document, transfer_status="D"), ()
    try:
        posted = posting.post(work, header_of(work, document), lines)
    except RefusedError:
        # An error in the accounting interface: the billing document exists, accounting does not.
        return replace(document, transfer_status=""), (not_posted,)
    return replace(document, transfer_status="C", accounting_document=posted.number), ()


def header_of(work: UnitOfWork, document: BillingDocument) -> posting.Header:
    """Return the head of the accounting document of a billing document."""
    billing_type = work.core.master.billing_types[document.billing_type]
    fixed = work.core.settings.accounting_number_is_billing_number
    return posting.Header(
        company_code=document.company_code,
        document_type=billing_type.accounting_document_type,
        currency=document.currency,
        posting_date=document.billing_date,
        document_date=document.billing_date,
        reference=document.reference,
        object_type="VBRK",
        object_key=document.number,
        number=document.number if fixed else "",
    )


def customer_terms(work: UnitOfWork, key: str, baseline_date: date) -> Terms:
    """Return terms of payment from their key; an unknown or empty key is due at once."""
    found = work.core.master.terms_of_payment.get(key)
    if found is None:
        return Terms(key, baseline_date, 0, ZERO, 0, ZERO, 0)
    return Terms(
        key,
        baseline_date,
        found.discount_days_1,
        found.discount_percent_1,
        found.discount_days_2,
        found.discount_percent_2,
        found.net_days,
    )


def _lines(work: UnitOfWork, document: BillingDocument, sign: int) -> list[AccountingLine]:
    gross = document.net_value + document.tax_amount
    revenue, taxes = _revenue(work, document), _taxes(work, document)
    if not gross and not any(revenue.values()):
        return []
    lines = [_receivable(work, document, sign * gross)]
    for (account, code, key), amount in revenue.items():
        if amount:
            lines.append(
                posting.ledger_line(account, -sign * amount, tax_code=code, account_key=key)
            )
    for (account, code), (amount, base) in taxes.items():
        if amount:
            lines.append(
                posting.ledger_line(
                    account, -sign * amount, tax_code=code, tax_base=base, account_key="MWS"
                )
            )
    return lines


def _receivable(work: UnitOfWork, document: BillingDocument, amount: Decimal) -> AccountingLine:
    company = work.core.master.customer_companies.get((document.payer, document.company_code))
    if company is None:
        raise _DeterminationError("D", document.payer, document.company_code)
    terms = customer_terms(work, document.terms_of_payment, document.billing_date)
    credited = _credited_invoice(work, document) if amount < 0 else None
    invoice_number, invoice_year, invoice_line = "", 0, 0
    if credited is not None:
        invoice_number, invoice_year, invoice_line, terms = credited
    base = (
        document.net_value
        if work.core.settings.cash_discount_base_is_net
        else (document.net_value + document.tax_amount)
    )
    return AccountingLine(
        line_item=0,
        account_type="D",
        account=company.reconciliation_account,
        debit=amount >= 0,
        amount=abs(amount),
        local_amount=ZERO,
        posting_key="01" if amount >= 0 else "11",
        customer=document.payer,
        assignment=document.assignment,
        terms_of_payment=terms.key,
        baseline_date=terms.baseline_date,
        discount_days_1=terms.discount_days_1,
        discount_percent_1=terms.discount_percent_1,
        discount_days_2=terms.discount_days_2,
        discount_percent_2=terms.discount_percent_2,
        net_days=terms.net_days,
        discount_base=base,
        invoice_reference=invoice_number,
        invoice_reference_year=invoice_year,
        invoice_reference_line=invoice_line,
        billing_document=document.number,
    )


def _credited_invoice(
    work: UnitOfWork, document: BillingDocument
) -> tuple[str, int, int, Terms] | None:
    """Return the invoice's accounting line that a credit memo refers to, and its terms."""
    order = work.sales_document(document.items[0].sales_document)
    item = order.item(document.items[0].sales_item) if order is not None else None
    if item is None or item.reference_category != "M":
        return None
    for invoice in work.core.store.accounting_by_object("VBRK", item.reference_document):
        for line in invoice.lines:
            if line.account_type == "D" and line.debit:
                terms = Terms(
                    line.terms_of_payment,
                    line.baseline_date or invoice.posting_date,
                    line.discount_days_1,
                    line.discount_percent_1,
                    line.discount_days_2,
                    line.discount_percent_2,
                    line.net_days,
                )
                return invoice.number, invoice.fiscal_year, line.line_item, terms
    return None


def _revenue(work: UnitOfWork, document: BillingDocument) -> dict[tuple[str, str, str], Decimal]:
    """Return amounts without tax by account, tax code and account key."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for item in document.items:
        values = [
            each
            for each in item.conditions
            if each.kind in ("price", "discount", "freight") and not each.statistical
        ]
        amounts = [each.value for each in values]
        if amounts and sum(amounts, ZERO) != item.net_value:
            # Prices that contain the tax: each part of the price carries its share of it.
            amounts = money.distribute(
                item.net_value, amounts, work.core.master.decimals(document.currency)
            )
        for each, amount in zip(values, amounts, strict=True):
            account = _revenue_account(work, document, item, each.account_key)
            place = (account, item.tax_code, each.account_key)
            found[place] = found.get(place, ZERO) + amount
    return found


def _revenue_account(
    work: UnitOfWork, document: BillingDocument, item: BillingItem, key: str
) -> str:
    master = work.core.master
    area = (document.sales_organization, document.distribution_channel, document.division)
    customer = master.customer_sales_areas.get((document.sold_to, *area))
    view = master.material_sales(item.material, *area[:2])
    chart = master.company_codes[document.company_code].chart_of_accounts
    account = master.revenue_account(
        chart,
        key,
        document.sales_organization,
        customer.account_assignment_group if customer else "",
        view.account_assignment_group if view else "",
    )
    if not account:
        raise _DeterminationError(key, chart, document.sales_organization)
    return account


def _taxes(
    work: UnitOfWork, document: BillingDocument
) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return tax amount and base by account and tax code."""
    chart = work.core.master.company_codes[document.company_code].chart_of_accounts
    found: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for item in document.items:
        if not item.tax_code:
            continue
        tax_account = work.core.master.tax_accounts.get((chart, item.tax_code))
        if tax_account is None:
            raise _DeterminationError("MWS", chart, item.tax_code)
        place = (tax_account.account, item.tax_code)
        amount, base = found.get(place, (ZERO, ZERO))
        found[place] = (amount + item.tax_amount, base + item.net_value)
    return found
