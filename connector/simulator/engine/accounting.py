"""Posting directly into accounting: customer, G/L and tax lines, checked as the interface does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import posting
from connector.simulator.engine.billing_posting import Terms, customer_terms
from connector.simulator.engine.due_dates import net_due_date
from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    TermsSpec,
)

ZERO = Decimal(0)


def post_direct(
    work: UnitOfWork, spec: AccountingDocumentSpec, *, check_only: bool = False
) -> Outcome:
    """Post or check a document, see `Session.post_accounting_document`."""
    faults = _header_faults(work, spec)
    notes: list[Message] = []
    lines: list[AccountingLine] = []
    if not faults:
        for position, line in enumerate(spec.lines, start=1):
            try:
                made = _line(work, spec, line, position)
                lines.append(_valued(made, line))
            except RefusedError as refusal:
                faults.extend(refusal.messages)
    if not faults:
        try:
            posting.check_period(work, spec.company_code, spec.posting_date or work.today)
        except RefusedError as refusal:
            faults.extend(refusal.messages)
        if sum((line.signed_amount for line in lines), ZERO) != ZERO:
            faults.append(work.message("balance not zero"))
        notes.extend(_duplicate(work, spec))
    if faults:
        return not_posted(work, tuple(faults))
    savepoint = work.savepoint()
    try:
        header = header_of(work, spec)
        if check_only:
            posting.check_numbering(work, header)
            header = replace(header, number="$")
        document = posting.post(work, header, lines)
    except RefusedError as refusal:
        return not_posted(work, refusal.messages)
    if check_only:
        work.back_to(savepoint)
        row = work.message(
            "accounting document checked", "BKPFF", "$", work.core.settings.logical_system
        )
        return Outcome((row, *notes))
    return posted(work, document, tuple(notes))


def header_of(work: UnitOfWork, spec: AccountingDocumentSpec) -> posting.Header:
    """Return the head of the document; dates not given are today."""
    posting_date = spec.posting_date or work.today
    return posting.Header(
        company_code=spec.company_code,
        document_type=spec.document_type,
        currency=spec.currency,
        posting_date=posting_date,
        document_date=spec.document_date or posting_date,
        reference=spec.reference[:16],
        header_text=spec.header_text[:25],
        exchange_rate=spec.exchange_rate,
    )


def posted(
    work: UnitOfWork, document: AccountingDocument, notes: tuple[Message, ...] = ()
) -> Outcome:
    """Return the success of a posting: RW 605 with object type, key and system."""
    row = work.message(
        "accounting document posted",
        document.object_type,
        document.object_key,
        work.core.settings.logical_system,
    )
    return Outcome((row, *notes), (document.number,), (document,))


def not_posted(work: UnitOfWork, faults: tuple[Message, ...]) -> Outcome:
    """Return the failure of a posting: RW 609, then why."""
    head = work.message(
        "accounting document refused", "BKPFF", "$", work.core.settings.logical_system
    )
    return Outcome((head, *faults))


def account_of_customer(
    work: UnitOfWork, company_code: str, customer: str, special_gl: str = ""
) -> str:
    """Return the reconciliation account; RefusedError F5 102, or blocked for posting."""
    found = work.core.master.customer_companies.get((customer, company_code))
    if found is None:
        raise RefusedError(
            work.message("customer not in company code", customer.lstrip("0"), company_code)
        )
    if found.posting_block:
        raise RefusedError(work.message("customer blocked for posting", customer.lstrip("0")))
    if not special_gl:
        return found.reconciliation_account
    chart = work.core.master.company_codes[company_code].chart_of_accounts
    special = work.core.master.special_gl_accounts.get((chart, special_gl))
    if special is None:
        raise RefusedError(work.message("code unknown", "Special G/L indicator", special_gl))
    return special.account


def check_company(work: UnitOfWork, company_code: str, currency: str) -> None:
    """RefusedError when company code or currency is unknown."""
    if company_code not in work.core.master.company_codes:
        raise RefusedError(work.message("company code unknown", company_code))
    if currency not in work.core.master.currencies:
        raise RefusedError(work.message("currency unknown", currency))


def _header_faults(work: UnitOfWork, spec: AccountingDocumentSpec) -> list[Message]:
    master = work.core.master
    if not spec.company_code:
        return [work.message("accounting header missing")]
    if not spec.lines:
        return [work.message("accounting items missing")]
    if not spec.currency:
        return [work.message("accounting amounts missing")]
    faults: list[Message] = []
    try:
        check_company(work, spec.company_code, spec.currency)
    except RefusedError as refusal:
        faults.extend(refusal.messages)
    if spec.document_type not in master.accounting_document_types:
        faults.append(work.message("accounting document type unknown", spec.document_type))
    return faults


def _line(
    work: UnitOfWork, spec: AccountingDocumentSpec, line: AccountingLineSpec, row: int
) -> AccountingLine:
    decimals = work.core.master.decimals(spec.currency)
    if line.amount != line.amount.quantize(Decimal(1).scaleb(-decimals)):
        raise RefusedError(
            work.message(
                "payment amount invalid",
                line.amount,
                f"{spec.currency} has {decimals} decimals",
                parameter="CURRENCYAMOUNT",
                row=row,
            )
        )
    if line.customer:
        return _customer_line(work, spec, line)
    chart = work.core.master.company_codes[spec.company_code].chart_of_accounts
    account = line.account and padded(line.account, 6)
    if line.tax_code:
        tax = work.core.master.tax_accounts.get((chart, line.tax_code))
        if tax is None:
            raise RefusedError(work.message("code unknown", "Tax code", line.tax_code))
        account = account or tax.account
    found = work.core.master.gl_accounts.get((chart, account))
    if found is None:
        raise RefusedError(
            work.message(
                "account unknown", line.account, spec.company_code, parameter="ACCOUNTGL", row=row
            )
        )
    if found.reconciliation:
        raise RefusedError(
            work.message(
                "account needs customer",
                account,
                spec.company_code,
                parameter="ACCOUNTGL",
                row=row,
            )
        )
    made = posting.ledger_line(
        account,
        line.amount,
        tax_code=line.tax_code,
        tax_base=line.tax_base or ZERO,
        account_key="MWS" if line.tax_base is not None else "",
        text=line.text,
        assignment=line.assignment[:18],
        value_date=line.value_date,
    )
    return replace(made, cost_center=line.cost_center, profit_center=line.profit_center)


def _valued(made: AccountingLine, line: AccountingLineSpec) -> AccountingLine:
    """Return the line with the amount in company currency that it was given."""
    return made if line.local_amount is None else replace(made, local_amount=abs(line.local_amount))


def _customer_line(
    work: UnitOfWork, spec: AccountingDocumentSpec, line: AccountingLineSpec
) -> AccountingLine:
    customer = padded(line.customer)
    account = account_of_customer(work, spec.company_code, customer, line.special_gl)
    debit = line.amount >= 0
    company = work.core.master.customer_companies[customer, spec.company_code]
    # Payments carry no terms of their own; an invoice takes those of the customer.
    key = line.terms_of_payment or (company.terms_of_payment if debit else "")
    baseline = line.baseline_date or spec.document_date or spec.posting_date or work.today
    terms = _own_terms(line.own_terms, baseline) or customer_terms(work, key, baseline)
    reference = padded(line.invoice_reference) if line.invoice_reference else ""
    invoice = _named_invoice(work, spec.company_code, reference, line.invoice_reference_year)
    return AccountingLine(
        line_item=0,
        account_type="D",
        account=account,
        debit=debit,
        amount=abs(line.amount),
        local_amount=ZERO,
        posting_key=_posting_key(debit=debit, special_gl=line.special_gl),
        customer=customer,
        assignment=line.assignment[:18],
        text=line.text,
        terms_of_payment=terms.key,
        baseline_date=_due_date(invoice) or baseline,
        discount_days_1=terms.discount_days_1,
        discount_percent_1=terms.discount_percent_1,
        discount_days_2=terms.discount_days_2,
        discount_percent_2=terms.discount_percent_2,
        net_days=terms.net_days,
        discount_base=abs(line.amount),
        invoice_reference=reference,
        invoice_reference_year=invoice.fiscal_year if invoice else line.invoice_reference_year,
        invoice_reference_line=line.invoice_reference_line,
        reference_key_3=line.reference_key_3[:20],
        special_gl=line.special_gl,
        payment_block=line.payment_block,
        dunning_block=line.dunning_block,
        value_date=line.value_date,
        cost_center=line.cost_center,
        profit_center=line.profit_center,
    )


def _own_terms(given: TermsSpec | None, baseline: date) -> Terms | None:
    if given is None:
        return None
    return Terms(
        "",
        baseline,
        given.discount_days_1,
        given.discount_percent_1,
        given.discount_days_2,
        given.discount_percent_2,
        given.net_days,
    )


def _named_invoice(
    work: UnitOfWork, company_code: str, invoice: str, fiscal_year: int
) -> AccountingDocument | None:
    """Return the invoice that a line names; without a year the youngest of that number."""
    return work.accounting_document(company_code, invoice, fiscal_year) if invoice else None


def _due_date(invoice: AccountingDocument | None) -> date | None:
    """Return the net due date of the invoice a partial payment refers to, or None."""
    if invoice is None:
        return None
    for line in invoice.lines:
        if line.account_type == "D":
            return net_due_date(line, invoice.posting_date)
    return None


def _posting_key(*, debit: bool, special_gl: str) -> str:
    if special_gl:
        return "09" if debit else "19"
    return "01" if debit else "15"


def _duplicate(work: UnitOfWork, spec: AccountingDocumentSpec) -> list[Message]:
    if not work.core.settings.duplicate_reference_check or not spec.reference:
        return []
    customers = {padded(line.customer) for line in spec.lines if line.customer}
    for other in work.core.store.accounting_by_reference(spec.reference[:16]):
        same = other.company_code == spec.company_code and any(
            line.customer in customers for line in other.lines if line.customer
        )
        if same:
            return [
                work.message(
                    "reference posted before",
                    other.company_code,
                    other.number,
                    other.fiscal_year,
                )
            ]
    return []
