"""Customer lines of accounting documents, open and cleared: API_OPLACCTGDOCITEMCUBE_SRV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from connector.erp import fiscal_years
from connector.erp.odata.answers import understood
from connector.erp.odata.filters import any_of, both, chunks, compared
from connector.erp.odata.names import optional_number, shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.row import Row
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shown_values import money
from connector.erp.payment_lines import invoice_in, invoice_year_in, line_key
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, FiDocument
from connector.sd_documents.values import pad_number

SERVICE: Final = "API_OPLACCTGDOCITEMCUBE_SRV"
ENTITY_SET: Final = "A_OperationalAcctgDocItemCube"
#: Of all lines of accounting documents those on customer accounts.
CUSTOMER_LINES: Final = "FinancialAccountType eq 'D'"

FIELDS: Final = (
    "CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem",
    "AccountingDocumentType", "Customer", "TransactionCurrency", "AmountInTransactionCurrency",
    "DebitCreditCode", "PostingDate", "DocumentDate", "AccountingDocumentCreationDate",
    "DueCalculationBaseDate", "CashDiscount1Days", "CashDiscount1Percent", "CashDiscount2Days",
    "CashDiscount2Percent", "NetPaymentDays", "DocumentReferenceID", "AssignmentReference",
    "InvoiceReference", "InvoiceReferenceFiscalYear", "Reference3IDByBusinessPartner",
    "BillingDocument", "ClearingAccountingDocument", "ClearingDocFiscalYear", "ClearingDate",
    "GLAccount", "SpecialGLCode",
    "CompanyCodeCurrency", "AmountInCompanyCodeCurrency", "PaymentTerms", "DunningLevel",
    "LastDunningDate", "DunningBlockingReason",
)  # fmt: skip
_CREDIT: Final = "H"
_LOCAL: Final = "AmountInCompanyCodeCurrency"


def queries(
    field: str, values: Iterable[str], options: ODataOptions, *conditions: str
) -> list[Query]:
    """Return the queries for the customer lines whose *field* is one of *values*."""
    return [
        query(both(CUSTOMER_LINES, *conditions, any_of(field, part)))
        for part in chunks(values, options.documents_per_query)
    ]


def query(condition: str) -> Query:
    """Return the query for the lines that fit *condition*."""
    return Query(ENTITY_SET, {"$filter": condition, "$select": ",".join(FIELDS)})


def read(service: ODataService, asked: Sequence[Query]) -> list[CustomerItem]:
    """Read customer lines."""
    if not asked:
        return []
    answers = [service.rows(asked[0])] if len(asked) == 1 else service.batch(asked)
    with understood():
        return [customer_item(row) for rows in answers for row in rows]


def of_billing_documents(
    service: ODataService, options: ODataOptions, numbers: Iterable[str]
) -> list[CustomerItem]:
    """Return the lines that billing documents posted, open or cleared."""
    return read(service, queries("BillingDocument", map(shown_number, numbers), options))


def of_receipts(
    service: ODataService,
    options: ODataOptions,
    company_codes: Sequence[str],
    references: Sequence[str],
    documents: Sequence[FiDocument],
) -> list[CustomerItem]:
    """
    Return the lines of FI documents that carry one of *references* or are of *documents*, and what
    stands on the same accounts in one clearing with them.
    """
    if not company_codes:
        return []
    companies = any_of("CompanyCode", sorted(set(company_codes)))
    asked = queries("DocumentReferenceID", references, options, companies)
    for year in sorted({year for _, _, year in documents}):
        numbers = [shown_number(pad_number(number)) for _, number, of in documents if of == year]
        fiscal_year = compared("FiscalYear", "eq", str(year))
        asked += queries("AccountingDocument", numbers, options, companies, fiscal_year)
    carrying = set(references)
    wanted = {(code, pad_number(number), year) for code, number, year in documents}
    items = [
        each
        for each in read(service, asked)
        if each.reference in carrying or each.document in wanted
    ]
    known = _clearings(items)
    found = fiscal_years.around((), read(service, _cleared_by(known, items, options)), known)
    customers = {each.customer for each in items}
    return [*items, *(each for each in found if each.customer in customers)]


def around(
    service: ODataService, options: ODataOptions, items: Sequence[CustomerItem]
) -> list[CustomerItem]:
    """
    Return what belongs to *items*: partial payments and residual items that name one of them as
    their invoice, and the lines of payments that stand with any of these in one clearing.

    Both are asked for together; what a residual item was cleared with takes another question, and
    so does what the documents of rests and transfers have cleared: a down payment names no invoice.
    """
    known = _clearings(items)
    found = read(service, [*_referring(items, options), *_cleared_by(known, items, options)])
    found = fiscal_years.around(items, found, known)
    further = _clearings(found)
    further |= {each.document for each in found if not each.billing_document}
    found += read(service, _cleared_by(further - known, found, options))
    own = {each.document for each in items}
    # What one payment cleared beside our own documents is no part of these chains.
    return [
        each
        for each in fiscal_years.around(items, found, known | further)
        if not each.billing_document or each.invoice in own
    ]


def _clearings(items: Iterable[CustomerItem]) -> set[FiDocument]:
    return {each.clearing for each in items if each.clearing is not None}


def _referring(items: Sequence[CustomerItem], options: ODataOptions) -> list[Query]:
    documents = sorted({shown_number(each.key.accounting_document) for each in items})
    keys = sorted({line_key(each) for each in items})
    companies = _companies(items)
    return [
        *queries("InvoiceReference", documents, options, companies),
        *queries("Reference3IDByBusinessPartner", keys, options, companies),
    ]


def _cleared_by(
    documents: Iterable[FiDocument], items: Sequence[CustomerItem], options: ODataOptions
) -> list[Query]:
    """Return the queries for what *documents* have cleared, in the company codes of *items*."""
    field = "ClearingAccountingDocument"
    numbers = sorted({number for _, number, _ in documents})
    return queries(field, map(shown_number, numbers), options, _companies(items))


def _companies(items: Iterable[CustomerItem]) -> str:
    codes = sorted({each.key.company_code for each in items})
    return any_of("CompanyCode", codes) if codes else ""


def find_payments(
    service: ODataService, payment_reference: str, company_code: str, payer: str
) -> tuple[AccountingDocumentKey, ...]:
    """
    Return the documents on the payer's account that carry *payment_reference*, oldest first.

    Documents of billing carry references of their own and are left out.
    """
    condition = both(
        CUSTOMER_LINES,
        compared("CompanyCode", "eq", company_code),
        compared("Customer", "eq", shown_number(payer)),
        compared("DocumentReferenceID", "eq", payment_reference),
    )
    rows = service.together(query(condition))
    with understood():
        items = [customer_item(row) for row in rows]
    found = [each for each in items if not each.billing_document]
    found.sort(key=lambda each: (each.entry_date, each.key.accounting_document))
    return tuple(dict.fromkeys(each.key for each in found))


def customer_item(row: Row) -> CustomerItem:
    """Return a line; its amount counts by its side, however the service signs it."""
    currency = row.text("TransactionCurrency")
    posted = _required(row, "PostingDate")
    reference_key = row.text("Reference3IDByBusinessPartner")
    return CustomerItem(
        key=AccountingDocumentKey(
            company_code=row.text("CompanyCode"),
            accounting_document=stored_number(row.text("AccountingDocument")),
            fiscal_year=int(row.text("FiscalYear")),
        ),
        line_item=int(row.text("AccountingDocumentItem")),
        document_type=row.text("AccountingDocumentType"),
        customer=stored_number(row.text("Customer")),
        amount=money(signed(row), currency),
        posting_date=posted,
        document_date=row.date("DocumentDate") or posted,
        entry_date=row.date("AccountingDocumentCreationDate") or posted,
        baseline_date=row.date("DueCalculationBaseDate") or posted,
        cash_discount_days_1=int(row.decimal("CashDiscount1Days")),
        cash_discount_percent_1=row.decimal("CashDiscount1Percent"),
        cash_discount_days_2=int(row.decimal("CashDiscount2Days")),
        cash_discount_percent_2=row.decimal("CashDiscount2Percent"),
        net_days=int(row.decimal("NetPaymentDays")),
        reference=row.text("DocumentReferenceID"),
        assignment=row.text("AssignmentReference"),
        invoice_reference=optional_number(row.text("InvoiceReference"))
        or invoice_in(reference_key),
        invoice_reference_year=int(row.text("InvoiceReferenceFiscalYear") or 0)
        or invoice_year_in(reference_key),
        billing_document=optional_number(row.text("BillingDocument")) or "",
        clearing_document=optional_number(row.text("ClearingAccountingDocument")),
        clearing_year=int(row.text("ClearingDocFiscalYear") or 0) or None,
        cleared_on=row.date("ClearingDate"),
        reconciliation_account=row.text("GLAccount"),
        special_gl_indicator=row.text("SpecialGLCode"),
        local_amount=money(signed(row, _LOCAL), row.text("CompanyCodeCurrency")),
        payment_terms=row.text("PaymentTerms"),
        dunning_level=int(row.text("DunningLevel") or 0),
        last_dunned_on=row.date("LastDunningDate"),
        dunning_block=row.text("DunningBlockingReason"),
    )


def signed(row: Row, field: str = "AmountInTransactionCurrency") -> Decimal:
    """Return the amount of a line, negative on the credit side."""
    amount = abs(row.decimal(field))
    return -amount if row.text("DebitCreditCode") == _CREDIT else amount


def signed_local(row: Row) -> Decimal:
    """Return the amount of a line in the company code's currency, negative on the credit side."""
    return signed(row, _LOCAL)


def _required(row: Row, field: str) -> date:
    found = row.date(field)
    if found is None:
        raise ValueError(f"{field} is empty")
    return found
