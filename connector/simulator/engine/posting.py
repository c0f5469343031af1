"""Making accounting documents: numbering, amounts in company currency, debit equal to credit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import money
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import RefusedError

ZERO = Decimal(0)

#: (customer line, debit) -> usual posting key.
POSTING_KEYS = {(True, True): "01", (True, False): "15", (False, True): "40", (False, False): "50"}


@dataclass(frozen=True, slots=True)
class Header:
    """Head of a document to post. `number` empty takes the next of the document type."""

    company_code: str
    document_type: str
    currency: str
    posting_date: date
    document_date: date
    reference: str = ""
    header_text: str = ""
    object_type: str = "BKPFF"
    object_key: str = ""
    number: str = ""
    reversal_of: str = ""


def ledger_line(
    account: str,
    amount: Decimal,
    *,
    tax_code: str = "",
    tax_base: Decimal = ZERO,
    account_key: str = "",
    text: str = "",
    assignment: str = "",
    value_date: date | None = None,
) -> AccountingLine:
    """Return a G/L line; *amount* is signed, debit positive. Numbered when it is posted."""
    debit = amount >= 0
    return AccountingLine(
        line_item=0,
        account_type="S",
        account=account,
        debit=debit,
        amount=abs(amount),
        local_amount=ZERO,
        posting_key=POSTING_KEYS[False, debit],
        tax_code=tax_code,
        tax_base=abs(tax_base),
        account_key=account_key,
        text=text,
        assignment=assignment,
        value_date=value_date,
    )


def check_period(work: UnitOfWork, company_code: str, on: date) -> None:
    """RefusedError F5 201 when *on* is not in an open period."""
    allowed = work.core.settings.open_periods.get(company_code)
    if allowed is not None and not allowed[0] <= on <= allowed[1]:
        raise RefusedError(work.message("posting period closed", f"{on:%m}", f"{on:%Y}"))


def post(work: UnitOfWork, header: Header, lines: Sequence[AccountingLine]) -> AccountingDocument:
    """
    Buffer the document of *lines*, numbered from 1.

    Amounts in company currency that are still zero are converted; what rounding leaves over goes
    to the largest G/L line. Lines cleared by this very document name it as "*".

    RefusedError: F5 201 period closed, no exchange rate, no number range.
    """
    master = work.core.master
    company = master.company_codes[header.company_code]
    check_period(work, header.company_code, header.posting_date)
    rate = master.exchange_rate(header.currency, company.currency, header.posting_date)
    if rate is None:
        raise RefusedError(
            work.message(
                "exchange rate missing", header.currency, company.currency, header.posting_date
            )
        )
    if sum((line.signed_amount for line in lines), ZERO) != ZERO:
        raise RefusedError(work.message("balance not zero"))
    document_type = master.accounting_document_types[header.document_type]
    year = header.posting_date.year
    interval = master.number_ranges.get(("accounting", document_type.number_range))
    level = header.company_code
    if interval is not None and interval.year_dependent:
        level = f"{level}/{year}"
    number = header.number or work.number("accounting", document_type.number_range, level)
    converted = _in_company_currency(lines, rate, master.decimals(company.currency))
    document = AccountingDocument(
        company_code=header.company_code,
        number=number,
        fiscal_year=year,
        document_type=header.document_type,
        document_date=header.document_date,
        posting_date=header.posting_date,
        entered_at=work.now,
        entered_by=work.user,
        currency=header.currency,
        local_currency=company.currency,
        lines=tuple(
            replace(
                line,
                line_item=position,
                clearing_document=number
                if line.clearing_document == "*"
                else line.clearing_document,
            )
            for position, line in enumerate(converted, start=1)
        ),
        reference=header.reference,
        header_text=header.header_text,
        object_type=header.object_type,
        object_key=header.object_key or f"{number}{header.company_code}{year}",
        reversal_of=header.reversal_of,
    )
    work.put_accounting(document, created=True)
    return document


def _in_company_currency(
    lines: Sequence[AccountingLine], rate: Decimal, decimals: int
) -> list[AccountingLine]:
    converted = [
        line
        if line.local_amount
        else replace(line, local_amount=money.rounded(line.amount * rate, decimals))
        for line in lines
    ]
    rest = sum((line.signed_local_amount for line in converted), ZERO)
    if not rest:
        return converted
    # A cleared customer line keeps the amount of what it clears.
    movable = [at for at, line in enumerate(converted) if line.account_type == "S"]
    at = max(movable or range(len(converted)), key=lambda each: converted[each].local_amount)
    line = converted[at]
    signed = line.signed_local_amount - rest
    converted[at] = replace(line, local_amount=signed if line.debit else -signed)
    return converted
