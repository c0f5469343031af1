"""
Clearing open items of a customer.

Items that come to zero are cleared by a document without lines. With a rest, the document carries
it: one line closes the items, the other is the new open item.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money, posting
from connector.simulator.engine.accounting import check_company, not_posted, posted
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.specs import ClearingSpec, OpenItemRef

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open line with its document, locked for clearing."""

    document: AccountingDocument
    line: AccountingLine
    ref: OpenItemRef

    @property
    def amount(self) -> Decimal:
        """Signed amount in document currency."""
        return self.line.signed_amount


def clear(work: UnitOfWork, spec: ClearingSpec) -> Outcome:
    """Clear items against each other, see `Session.clear_items`."""
    try:
        return _clear(work, spec)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)


def _clear(work: UnitOfWork, spec: ClearingSpec) -> Outcome:
    check_company(work, spec.company_code, _currency(work))
    customer = padded(spec.customer)
    items = open_items(work, spec.company_code, customer, spec.items)
    if len(items) < 2:
        raise RefusedError(work.message("open item unknown", customer, "", "", spec.company_code))
    currency = items[0].document.currency
    if any(item.document.currency != currency for item in items):
        others = next(i.document.currency for i in items if i.document.currency != currency)
        raise RefusedError(work.message("currency mismatch", "", currency, others))
    rest = sum((item.amount for item in items), ZERO)
    if rest and not spec.residual:
        raise RefusedError(work.message("difference too large", rest, currency))
    on = spec.posting_date or work.today
    lines = _rest_lines(items, customer, rest, spec, on)
    if lines:
        lines.extend(
            exchange_line(work, spec.company_code, currency, on, lines, given=spec.exchange_rate)
        )
    else:
        lines.extend(exchange_difference(work, spec.company_code, items, on))
    document = posting.post(
        work,
        posting.Header(
            company_code=spec.company_code,
            document_type="AB",
            currency=currency,
            posting_date=on,
            document_date=on,
            reference=spec.reference[:16],
            header_text=spec.text[:25],
            exchange_rate=spec.exchange_rate,
        ),
        lines,
    )
    mark_cleared(work, items, document, on)
    return posted(work, document)


def _currency(work: UnitOfWork) -> str:
    return next(iter(work.core.master.currencies))


def _rest_lines(
    items: list[OpenItem], customer: str, rest: Decimal, spec: ClearingSpec, on: date
) -> list[AccountingLine]:
    closing = closing_lines(items, customer, on)
    if not rest:
        # Items of one account that come to zero need no line; those of several do.
        return closing if len(closing) > 1 else []
    return [*closing, residual_line(items, customer, rest, text=spec.text, on=on)]


def open_items(
    work: UnitOfWork, company_code: str, customer: str, refs: list[OpenItemRef]
) -> list[OpenItem]:
    """Return the open lines of *refs*, locked. RefusedError: unknown, not open, or locked."""
    found: list[OpenItem] = []
    for ref in refs:
        number = padded(ref.accounting_document)
        document = work.accounting_document(company_code, number, ref.fiscal_year)
        lines = [
            line
            for line in (document.lines if document is not None else ())
            if line.account_type == "D"
            and line.customer == customer
            and line.clearing_date is None
            and ref.line_item in (0, line.line_item)
        ]
        if document is None or not lines:
            raise RefusedError(
                work.message(
                    "open item unknown",
                    customer.lstrip("0"),
                    number.lstrip("0"),
                    ref.line_item or "",
                    company_code,
                )
            )
        holder = work.lock("accounting", company_code, number, str(document.fiscal_year))
        if holder is not None:
            raise RefusedError(work.message("account locked", customer.lstrip("0"), holder))
        for line in lines:
            if any(
                each.document.key == document.key and each.line.line_item == line.line_item
                for each in found
            ):
                continue
            found.append(OpenItem(document, line, ref))
    return found


def closing_lines(items: list[OpenItem], customer: str, on: date) -> list[AccountingLine]:
    """
    Return the customer lines that close *items*: one per account.

    Down payments and the like stand on an account of their own, by special G/L indicator.
    """
    totals: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for item in items:
        place = (item.line.account, item.line.special_gl)
        amount, local = totals.get(place, (ZERO, ZERO))
        totals[place] = (amount + item.amount, local + item.line.signed_local_amount)
    return [
        clearing_line(customer, account, -amount, -local, on, special_gl=special_gl)
        for (account, special_gl), (amount, local) in totals.items()
        if amount
    ]


def clearing_line(
    customer: str,
    account: str,
    amount: Decimal,
    local_amount: Decimal,
    on: date,
    *,
    special_gl: str = "",
) -> AccountingLine:
    """Return the customer line that closes cleared items; it is cleared by its own document."""
    debit = amount >= 0
    key = ("09" if debit else "19") if special_gl else ("05" if debit else "15")
    return AccountingLine(
        line_item=0,
        account_type="D",
        account=account,
        debit=debit,
        amount=abs(amount),
        local_amount=abs(local_amount),
        posting_key=key,
        customer=customer,
        special_gl=special_gl,
        baseline_date=on,
        clearing_document="*",
        clearing_date=on,
    )


def residual_line(
    items: list[OpenItem], customer: str, amount: Decimal, *, text: str, on: date
) -> AccountingLine:
    """
    Return the new open item for a rest, in the terms of the largest item of its side.

    What is left of an invoice refers to it (REBZG) and is due when it was.
    """
    debit = amount >= 0
    same_side = [item for item in items if item.line.debit == debit] or items
    source = max(same_side, key=lambda item: item.line.amount)
    line = source.line
    refers = debit and line.debit
    return replace(
        line,
        line_item=0,
        debit=debit,
        amount=abs(amount),
        local_amount=ZERO,
        posting_key="06" if debit else "16",
        text=text or line.text,
        # A credit keeps no terms: it is due at its baseline date.
        baseline_date=line.baseline_date if refers else on,
        invoice_reference=(line.invoice_reference or source.document.number) if refers else "",
        invoice_reference_year=_invoice_year(source) if refers else 0,
        invoice_reference_line=line.line_item if refers else 0,
        discount_base=abs(amount),
        discount_percent_1=ZERO,
        discount_percent_2=ZERO,
        billing_document=line.billing_document if refers else "",
        value_date=None,
        clearing_document="",
        clearing_date=None,
        clearing_year=0,
    )


def _invoice_year(source: OpenItem) -> int:
    """The rest of a rest names the first invoice, which may be one of an earlier year."""
    line = source.line
    return line.invoice_reference_year if line.invoice_reference else source.document.fiscal_year


def exchange_line(
    work: UnitOfWork,
    company_code: str,
    currency: str,
    on: date,
    lines: list[AccountingLine],
    *,
    given: Decimal | None = None,
) -> list[AccountingLine]:
    """
    Return the realised exchange gain or loss: what *lines* leave open in the company's currency.

    Amounts in company currency that are still zero count at the rate *given*, or that of the day.
    """
    master = work.core.master
    company = master.company_codes[company_code]
    rate = given or master.exchange_rate(currency, company.currency, on)
    if currency == company.currency or rate is None:
        return []
    decimals = master.decimals(company.currency)
    balance = ZERO
    for line in lines:
        local = line.local_amount or money.rounded(line.amount * rate, decimals)
        balance += local if line.debit else -local
    if not balance:
        return []
    purpose = "exchange gain" if balance > 0 else "exchange loss"
    account = master.posting_account(company.chart_of_accounts, purpose)
    line = posting.ledger_line(account, ZERO, account_key="KDF")
    return [replace(line, debit=balance < 0, local_amount=abs(balance))]


def exchange_difference(
    work: UnitOfWork, company_code: str, items: list[OpenItem], on: date
) -> list[AccountingLine]:
    """
    Return the realised exchange gain or loss of items that come to zero in their own currency.

    They are cleared without any other line.
    """
    local = sum((item.line.signed_local_amount for item in items), ZERO)
    if not local:
        return []
    master = work.core.master
    chart = master.company_codes[company_code].chart_of_accounts
    purpose = "exchange loss" if local > 0 else "exchange gain"
    account = master.posting_account(chart, purpose)
    adjusting = posting.ledger_line(account, ZERO, account_key="KDF")
    closing = clearing_line(items[0].line.customer, items[0].line.account, ZERO, abs(local), on)
    return [
        replace(adjusting, debit=local > 0, local_amount=abs(local)),
        replace(closing, debit=local < 0),
    ]


def mark_cleared(
    work: UnitOfWork, items: list[OpenItem], clearing: AccountingDocument, on: date
) -> None:
    """Buffer the clearing of *items*."""
    for item in items:
        document = work.accounting_document(*item.document.key)
        assert document is not None
        lines = tuple(
            replace(
                line,
                clearing_document=clearing.number,
                clearing_date=on,
                clearing_year=clearing.fiscal_year,
            )
            if line.line_item == item.line.line_item
            else line
            for line in document.lines
        )
        work.put_accounting(replace(document, lines=lines))
