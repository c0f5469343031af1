"""
Incoming payments with clearing, as F-28 posts them.

Bank against customer; cash discount as the terms allow on the day, with the output tax corrected
by its share; a rest becomes a residual item, a surplus an open credit. A partial payment clears
nothing: it stays open beside its invoice, due when the invoice is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money, posting
from connector.simulator.engine.accounting import (
    account_of_customer,
    check_company,
    not_posted,
    posted,
)
from connector.simulator.engine.clearing import (
    OpenItem,
    closing_lines,
    exchange_line,
    mark_cleared,
    open_items,
    residual_line,
)
from connector.simulator.engine.due_dates import discount_percent, net_due_date
from connector.simulator.engine.finance_records import AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.specs import PaymentSpec

ZERO = Decimal(0)
HUNDRED = Decimal(100)


def post(work: UnitOfWork, spec: PaymentSpec) -> Outcome:
    """Post a payment, see `Session.post_incoming_payment_with_clearing`."""
    try:
        return _post(work, spec)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)


@dataclass(frozen=True, slots=True)
class _Payment:
    """A payment with what was found for it: padded customer, account, posting date, items."""

    work: UnitOfWork
    spec: PaymentSpec
    customer: str
    account: str
    on: date
    items: list[OpenItem]

    @property
    def received(self) -> Decimal:
        """What the customer paid: on the bank, and kept by the bank."""
        return self.spec.amount + self.spec.bank_charges


def _post(work: UnitOfWork, spec: PaymentSpec) -> Outcome:
    check_company(work, spec.company_code, spec.currency)
    _check(work, spec)
    customer = padded(spec.customer)
    payment = _Payment(
        work,
        spec,
        customer,
        account_of_customer(work, spec.company_code, customer, spec.special_gl),
        spec.posting_date or work.today,
        open_items(work, spec.company_code, customer, spec.items),
    )
    lines = _bank_lines(work, spec, payment.on)
    clears = bool(payment.items) and not spec.partial
    if clears:
        lines.extend(_clearing_lines(payment))
    else:
        lines.append(_open_credit(payment, payment.received, payment.items))
    document = posting.post(
        work,
        posting.Header(
            company_code=spec.company_code,
            document_type=spec.document_type,
            currency=spec.currency,
            posting_date=payment.on,
            document_date=spec.document_date or payment.on,
            reference=spec.reference[:16],
            header_text=spec.text[:25],
            exchange_rate=spec.exchange_rate,
        ),
        lines,
    )
    if clears:
        mark_cleared(work, payment.items, document, payment.on)
    return posted(work, document)


def _check(work: UnitOfWork, spec: PaymentSpec) -> None:
    decimals = work.core.master.decimals(spec.currency)
    for amount in (spec.amount, spec.bank_charges):
        if not amount.is_finite() or amount != money.rounded(amount, decimals):
            raise RefusedError(
                work.message(
                    "payment amount invalid", amount, f"{spec.currency} has {decimals} decimals"
                )
            )
    if spec.amount <= 0:
        raise RefusedError(
            work.message("payment amount invalid", spec.amount, "it must be above zero")
        )
    if spec.document_type not in work.core.master.accounting_document_types:
        raise RefusedError(work.message("accounting document type unknown", spec.document_type))
    if spec.difference not in ("refuse", "residual", "on account"):
        raise RefusedError(work.message("code unknown", "Difference", spec.difference))


def _bank_lines(work: UnitOfWork, spec: PaymentSpec, on: date) -> list[AccountingLine]:
    master = work.core.master
    chart = master.company_codes[spec.company_code].chart_of_accounts
    bank = spec.bank_account or master.posting_account(chart, "bank")
    known = master.gl_accounts.get((chart, bank))
    if known is None:
        raise RefusedError(work.message("account unknown", bank, spec.company_code))
    if known.reconciliation:
        raise RefusedError(work.message("account needs customer", bank, spec.company_code))
    lines = [
        posting.ledger_line(
            bank,
            spec.amount,
            text=spec.text,
            assignment=spec.assignment[:18],
            value_date=spec.value_date or on,
        )
    ]
    if spec.bank_charges:
        charges = master.posting_account(chart, "bank charges")
        lines.append(posting.ledger_line(charges, spec.bank_charges, text=spec.text))
    return lines


def _clearing_lines(payment: _Payment) -> list[AccountingLine]:
    work, spec, items = payment.work, payment.spec, payment.items
    for item in items:
        if item.document.currency != spec.currency:
            raise RefusedError(
                work.message("currency mismatch", "", item.document.currency, spec.currency)
            )
    total = sum((item.amount for item in items), ZERO)
    lines: list[AccountingLine] = []
    discount = ZERO
    for item in items:
        taken = cash_discount(work, item, payment.on)
        if taken:
            discount += taken
            lines.extend(_discount_lines(work, spec.company_code, item, taken))
    lines.extend(_difference_lines(payment, payment.received + discount - total))
    lines.extend(closing_lines(items, payment.customer, payment.on))
    bank = posting.ledger_line("", payment.received)
    return [
        *lines,
        *exchange_line(
            work,
            spec.company_code,
            spec.currency,
            payment.on,
            [bank, *lines],
            given=spec.exchange_rate,
        ),
    ]


def cash_discount(work: UnitOfWork, item: OpenItem, on: date) -> Decimal:
    """
    Return the discount taken on an item: as told, or what its terms allow on a day.

    A credit memo of the same terms takes its discount back. In the currency of the item.
    """
    line = item.line
    given = item.ref.cash_discount
    if given is not None:
        return given if line.debit else -given
    if not line.debit and not line.invoice_reference:
        return ZERO
    percent = discount_percent(line, on, item.document.posting_date)
    decimals = work.core.master.decimals(item.document.currency)
    amount = money.rounded(line.discount_base * percent / HUNDRED, decimals)
    return amount if line.debit else -amount


def _discount_lines(
    work: UnitOfWork, company_code: str, item: OpenItem, discount: Decimal
) -> list[AccountingLine]:
    """Return discount and tax correction: the tax part of the discount, by tax code."""
    master = work.core.master
    chart = master.company_codes[company_code].chart_of_accounts
    account = master.posting_account(chart, "cash discount")
    taxes = [line for line in item.document.lines if line.account_key == "MWS" and line.amount]
    settings = work.core.settings
    corrected = settings.tax_adjustment_on_cash_discount and (
        not settings.cash_discount_base_is_net
    )
    if not corrected or not taxes:
        return [posting.ledger_line(account, discount, account_key="SKT")]
    decimals = master.decimals(item.document.currency)
    gross = sum((line.amount for line in item.document.lines if line.account_type == "D"), ZERO)
    lines: list[AccountingLine] = []
    rest = discount
    for tax in taxes:
        part = money.rounded(discount * tax.amount / gross, decimals)
        rest -= part
        if part:
            lines.append(
                posting.ledger_line(
                    tax.account,
                    part,
                    tax_code=tax.tax_code,
                    tax_base=discount * tax.tax_base / gross,
                    account_key="MWS",
                )
            )
    code = taxes[0].tax_code if len(taxes) == 1 else ""
    return [posting.ledger_line(account, rest, tax_code=code, account_key="SKT"), *lines]


def _difference_lines(payment: _Payment, difference: Decimal) -> list[AccountingLine]:
    work, spec = payment.work, payment.spec
    if not difference:
        return []
    if _tolerated(work, payment.items, difference):
        chart = work.core.master.company_codes[spec.company_code].chart_of_accounts
        loss = work.core.master.posting_account(chart, "payment difference")
        return [posting.ledger_line(loss, -difference, text=spec.text)]
    if difference < 0 and spec.difference == "residual":
        rest = residual_line(
            payment.items, payment.customer, -difference, text=spec.text, on=payment.on
        )
        return [rest]
    if difference > 0 and spec.difference in ("residual", "on account"):
        return [_open_credit(payment, difference, [])]
    raise RefusedError(work.message("difference too large", difference, spec.currency))


def _tolerated(work: UnitOfWork, items: list[OpenItem], difference: Decimal) -> bool:
    """Return whether the difference is within amount and percentage, the lower of both."""
    settings = work.core.settings
    total = abs(sum((item.amount for item in items), ZERO))
    limit = min(settings.tolerance_amount, total * settings.tolerance_percent / HUNDRED)
    return abs(difference) <= limit


def _open_credit(payment: _Payment, amount: Decimal, referred: list[OpenItem]) -> AccountingLine:
    """Return an open credit: on account, or the partial payment of the first item referred to."""
    spec = payment.spec
    line = AccountingLine(
        line_item=0,
        account_type="D",
        account=payment.account,
        debit=False,
        amount=amount,
        local_amount=ZERO,
        posting_key="19" if spec.special_gl else "15",
        customer=payment.customer,
        assignment=spec.assignment[:18],
        text=spec.text,
        baseline_date=payment.on,
        special_gl=spec.special_gl,
        value_date=spec.value_date,
    )
    if not referred:
        return line
    source = referred[0]
    return replace(
        line,
        account=source.line.account,
        # What was paid in part is due when the invoice is.
        baseline_date=net_due_date(source.line, source.document.posting_date),
        invoice_reference=source.document.number,
        invoice_reference_year=source.document.fiscal_year,
        invoice_reference_line=source.line.line_item,
        assignment=spec.assignment[:18] or source.line.assignment,
    )
