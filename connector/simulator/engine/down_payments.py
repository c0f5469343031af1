"""
Clearing a down payment against an invoice, as F-39 does.

A down payment stands on an account of its own (special G/L indicator A) until the final invoice is
there. It is then transferred to the receivable: what covers the whole invoice clears it at once,
less stays open beside it with reference to the invoice. What is left of the down payment stays one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import posting
from connector.simulator.engine.accounting import check_company, not_posted, posted
from connector.simulator.engine.clearing import (
    OpenItem,
    closing_lines,
    exchange_line,
    mark_cleared,
    open_items,
    residual_line,
)
from connector.simulator.engine.due_dates import net_due_date
from connector.simulator.engine.finance_records import AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.specs import OpenItemRef

ZERO = Decimal(0)

#: Document type of the transfer.
DOCUMENT_TYPE = "DA"


@dataclass(slots=True)
class DownPaymentSpec:
    """
    Down payments of a customer to set against an invoice, as transaction F-39 would.

    `amount` None uses as much of them as the invoice takes.
    """

    company_code: str
    customer: str
    invoice: OpenItemRef
    down_payments: list[OpenItemRef]
    amount: Decimal | None = None
    posting_date: date | None = None
    reference: str = ""
    text: str = ""
    exchange_rate: Decimal | None = None


def clear(work: UnitOfWork, spec: DownPaymentSpec) -> Outcome:
    """Transfer down payments to an invoice, see `Session.clear_down_payments`."""
    try:
        return _clear(work, spec)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)


def _clear(work: UnitOfWork, spec: DownPaymentSpec) -> Outcome:
    customer = padded(spec.customer)
    paid, invoice = _involved(work, spec, customer)
    currency = invoice.document.currency
    available = -sum((item.amount for item in paid), ZERO)
    used = min(available, invoice.amount) if spec.amount is None else spec.amount
    if not ZERO < used <= min(available, invoice.amount):
        raise RefusedError(work.message("difference too large", used, currency))
    on = spec.posting_date or work.today
    lines = closing_lines(paid, customer, on)
    if available > used:
        lines.append(residual_line(paid, customer, used - available, text=spec.text, on=on))
    whole = used == invoice.amount
    lines.append(_credit(invoice, used, spec, whole=whole))
    lines.extend(
        exchange_line(work, spec.company_code, currency, on, lines, given=spec.exchange_rate)
    )
    document = posting.post(
        work,
        posting.Header(
            company_code=spec.company_code,
            document_type=DOCUMENT_TYPE,
            currency=currency,
            posting_date=on,
            document_date=on,
            reference=spec.reference[:16],
            header_text=spec.text[:25],
            exchange_rate=spec.exchange_rate,
        ),
        [
            replace(line, clearing_date=on) if line.clearing_document == "*" else line
            for line in lines
        ],
    )
    mark_cleared(work, [*paid, invoice] if whole else paid, document, on)
    return posted(work, document)


def _involved(
    work: UnitOfWork, spec: DownPaymentSpec, customer: str
) -> tuple[list[OpenItem], OpenItem]:
    """Return the down payments and the invoice; RefusedError where they do not fit each other."""
    paid = open_items(work, spec.company_code, customer, spec.down_payments)
    (invoice, *others) = open_items(work, spec.company_code, customer, [spec.invoice])
    currency = invoice.document.currency
    check_company(work, spec.company_code, currency)
    wrong = [item for item in paid if not item.line.special_gl or item.line.debit]
    if wrong or not paid or others or invoice.line.special_gl or not invoice.line.debit:
        raise RefusedError(work.message("no down payment", customer.lstrip("0")))
    for item in paid:
        if item.document.currency != currency:
            raise RefusedError(
                work.message("currency mismatch", "", currency, item.document.currency)
            )
    return paid, invoice


def _credit(
    invoice: OpenItem, amount: Decimal, spec: DownPaymentSpec, *, whole: bool
) -> AccountingLine:
    """Return the receivable's credit for what was paid down; due when the invoice is."""
    line, document = invoice.line, invoice.document
    share = line.local_amount if whole else ZERO
    return replace(
        line,
        line_item=0,
        debit=False,
        amount=amount,
        local_amount=share,
        posting_key="15",
        text=spec.text or line.text,
        baseline_date=net_due_date(line, document.posting_date),
        net_days=0,
        discount_days_1=0,
        discount_percent_1=ZERO,
        discount_days_2=0,
        discount_percent_2=ZERO,
        discount_base=ZERO,
        invoice_reference=document.number,
        invoice_reference_year=document.fiscal_year,
        invoice_reference_line=line.line_item,
        billing_document="",
        clearing_document="*" if whole else "",
        clearing_date=None,
    )
