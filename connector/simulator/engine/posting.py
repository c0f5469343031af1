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


#: Document types of goods issue, goods receipt and goods movement.
GOODS_MOVEMENT_TYPES = frozenset({"WL", "WE", "WA"})


@dataclass(frozen=True, slots=True)
class Header:
    """
    Head of a document to post. `number` empty takes the next of the document type.

    `exchange_rate` None takes the table's rate of the posting date.
    """

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
    exchange_rate: Decimal | None = None


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


def rate_of(work: UnitOfWork, header: Header) -> Decimal:
    """Return the rate of a document; RefusedError where it has none and the table neither."""
    master = work.core.master
    local = master.company_codes[header.company_code].currency
    given = header.exchange_rate if header.currency != local else None
    rate = given or master.exchange_rate(header.currency, local, header.posting_date)
    if rate is None or rate <= 0:
        raise RefusedError(
            work.message("exchange rate missing", header.currency, local, header.posting_date)
        )
    return rate


def check_numbering(work: UnitOfWork, header: Header) -> None:
    """RefusedError when documents of the type take their numbers from logistics."""
    document_type = work.core.master.accounting_document_types[header.document_type]
    if document_type.number_range in _numbered_elsewhere(work):
        raise RefusedError(
            work.message("number comes from elsewhere", header.document_type, header.company_code)
        )


def post(work: UnitOfWork, header: Header, lines: Sequence[AccountingLine]) -> AccountingDocument:
    """
    Buffer the document of *lines*, numbered from 1.

    Amounts in company currency that are still zero are converted; what rounding leaves over goes
    to the largest G/L line. Lines cleared by this very document name it as "*".

    RefusedError: F5 201 period closed, no exchange rate, no number range, or the interval of the
    document type takes its numbers from billing or material documents and *header* brings none.
    """
    master = work.core.master
    company = master.company_codes[header.company_code]
    check_period(work, header.company_code, header.posting_date)
    rate = rate_of(work, header)
    if sum((line.signed_amount for line in lines), ZERO) != ZERO:
        raise RefusedError(work.message("balance not zero"))
    document_type = master.accounting_document_types[header.document_type]
    year = header.posting_date.year
    interval = master.number_ranges.get(("accounting", document_type.number_range))
    level = header.company_code
    if interval is not None and interval.year_dependent:
        level = f"{level}/{year}"
    if not header.number:
        check_numbering(work, header)
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
            _cleared_by_itself(replace(line, line_item=position), number, year)
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


def _cleared_by_itself(line: AccountingLine, number: str, year: int) -> AccountingLine:
    if line.clearing_document != "*":
        return line
    return replace(line, clearing_document=number, clearing_year=year)


def _numbered_elsewhere(work: UnitOfWork) -> set[str]:
    """
    Return the intervals with external numbers: those of billing and of material documents.

    A number taken from them for a posting by hand would be that of an invoice, sooner or later.
    """
    settings, master = work.core.settings, work.core.master
    document_types: set[str] = set()
    if settings.accounting_number_is_billing_number:
        document_types.update(
            each.accounting_document_type for each in master.billing_types.values()
        )
    if settings.accounting_number_is_material_document_number:
        document_types.update(GOODS_MOVEMENT_TYPES)
    known = master.accounting_document_types
    return {known[each].number_range for each in document_types if each in known}


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


def cleared_by(
    original: AccountingDocument, reversal: AccountingDocument, on: date
) -> AccountingDocument:
    """Return *original* with its customer lines cleared by the document that takes it back."""
    lines = tuple(
        replace(
            line,
            clearing_document=reversal.number,
            clearing_date=on,
            clearing_year=reversal.fiscal_year,
        )
        if line.account_type == "D"
        else line
        for line in original.lines
    )
    return replace(original, lines=lines)
