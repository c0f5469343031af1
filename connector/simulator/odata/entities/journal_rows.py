"""Lines of accounting documents: of the posting view, and of the general ledger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine.due_dates import net_due_date
from connector.simulator.odata.entities.records import Row

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import AccountingDocument, AccountingLine
    from connector.simulator.odata.entities.forms import Forms
    from connector.simulator.odata.entities.journal_source import PostedLines

ZERO = Decimal(0)
LEDGER = "0L"


def cube_rows(forms: Forms, record: PostedLines, item: int) -> Iterator[Row]:
    """Yield the lines of a document in the posting view; amounts are signed, debit positive."""
    document = record.document
    header = _header(forms, document)
    for line in document.lines:
        wanted = item in (0, line.line_item)
        if wanted and (not record.lines or line.line_item in record.lines):
            yield {**header, **_line(forms, document, line)}


def _header(forms: Forms, document: AccountingDocument) -> Row:
    master = forms.master
    company = master.company_codes[document.company_code]
    type_ = master.accounting_document_types.get(document.document_type)
    reversed_by = document.reversal_of
    changed = forms.erp.last_change("accounting", "/".join(map(str, document.key)))
    rate = _rate(document)
    return {
        "CompanyCode": document.company_code,
        "FiscalYear": str(document.fiscal_year),
        "AccountingDocument": forms.number(document.number),
        "CompanyCodeName": company.name[:25],
        "ChartOfAccounts": company.chart_of_accounts,
        "AccountingDocumentType": document.document_type,
        "AccountingDocumentTypeName": type_.text[:20] if type_ else "",
        "DocumentDate": document.document_date,
        "PostingDate": document.posting_date,
        "FiscalPeriod": f"{document.posting_date.month:03}",
        "AccountingDocumentCreationDate": forms.day(document.entered_at),
        "CreationTime": forms.hour(document.entered_at),
        "LastChangeDate": forms.day(changed)
        if changed and changed != document.entered_at
        else None,
        "AccountingDocCreatedByUser": document.entered_by[:12],
        "DocumentReferenceID": document.reference[:16],
        "AccountingDocumentHeaderText": document.header_text[:25],
        "TransactionCurrency": document.currency,
        "BalanceTransactionCurrency": document.currency,
        "CompanyCodeCurrency": document.local_currency,
        "ExchangeRate": rate,
        "ReferenceDocumentType": document.object_type,
        "OriginalReferenceDocument": document.object_key[:20],
        "ReferenceDocumentLogicalSystem": forms.erp.settings.logical_system[:10],
        "ReverseDocument": forms.number(reversed_by),
        "ReverseDocumentFiscalYear": str(document.fiscal_year) if reversed_by else "0",
        "IsReversal": bool(reversed_by),
        "Ledger": LEDGER,
        "ControllingArea": "",
    }


def _line(forms: Forms, document: AccountingDocument, line: AccountingLine) -> Row:
    currency, local = document.currency, document.local_currency
    customer = forms.erp.customer(line.customer) if line.customer else None
    account = forms.master.gl_accounts.get(
        (forms.master.company_codes[document.company_code].chart_of_accounts, line.account)
    )
    is_customer = line.account_type == "D"
    billing = line.billing_document or (
        document.object_key if document.object_type == "VBRK" else ""
    )
    base = line.baseline_date or document.posting_date
    cleared_by = line.clearing_document
    return {
        "AccountingDocumentItem": str(line.line_item),
        "AccountingDocumentItemType": "T" if line.account_key == "MWS" else "",
        "LedgerGLLineItem": f"{line.line_item:06}",
        "FinancialAccountType": line.account_type,
        "PostingKey": line.posting_key,
        "DebitCreditCode": "S" if line.debit else "H",
        "SpecialGLCode": line.special_gl,
        "GLAccount": line.account,
        "OperationalGLAccount": line.account,
        "GLAccountName": account.text[:30] if account else "",
        "GLAccountLongName": account.text[:50] if account else "",
        "Customer": forms.number(line.customer),
        "CustomerName": customer.name[:80] if customer else "",
        "IsOpenItemManaged": "X" if is_customer else "",
        "IsSalesRelated": is_customer,
        "TransactionTypeDetermination": line.account_key,
        "TaxCode": line.tax_code,
        "AmountInTransactionCurrency": forms.amount(line.signed_amount, currency),
        "AmountInBalanceTransacCrcy": forms.amount(line.signed_amount, currency),
        "AmountInCompanyCodeCurrency": forms.amount(line.signed_local_amount, local),
        "TaxBaseAmountInTransCrcy": forms.amount(line.tax_base, currency),
        "CashDiscountBaseAmount": forms.amount(line.discount_base, currency),
        "AssignmentReference": line.assignment[:18],
        "DocumentItemText": line.text[:50],
        "ValueDate": line.value_date,
        "CostCenter": line.cost_center,
        "ProfitCenter": line.profit_center,
        "PaymentTerms": line.terms_of_payment,
        "DueCalculationBaseDate": line.baseline_date,
        "CashDiscount1Days": Decimal(line.discount_days_1),
        "CashDiscount2Days": Decimal(line.discount_days_2),
        "NetPaymentDays": Decimal(line.net_days),
        "CashDiscount1Percent": line.discount_percent_1.quantize(_THREE),
        "CashDiscount2Percent": line.discount_percent_2.quantize(_THREE),
        "NetDueDate": net_due_date(line, document.posting_date) if is_customer else None,
        "CashDiscount1DueDate": _due(is_customer, base, line.discount_days_1),
        "CashDiscount2DueDate": _due(is_customer, base, line.discount_days_2),
        "PaymentBlockingReason": line.payment_block,
        "DunningBlockingReason": line.dunning_block,
        "DunningLevel": str(line.dunning_level) if line.dunning_level else "",
        "LastDunningDate": line.last_dunned,
        "Reference3IDByBusinessPartner": line.reference_key_3,
        "InvoiceReference": forms.number(line.invoice_reference),
        "InvoiceReferenceFiscalYear": str(line.invoice_reference_year),
        "InvoiceItemReference": str(line.invoice_reference_line),
        "BillingDocument": forms.number(billing),
        "ClearingDate": line.clearing_date,
        "ClearingCreationDate": line.clearing_date,
        "ClearingAccountingDocument": forms.number(cleared_by),
        "ClearingDocFiscalYear": str(line.clearing_year),
        "IsCleared": line.clearing_date is not None,
        "NumberOfItems": Decimal(1),
    }


_THREE = Decimal("0.001")


def _due(is_customer: bool, base: date, days: int) -> date | None:
    return base + timedelta(days=days) if is_customer and days else None


def _rate(document: AccountingDocument) -> Decimal:
    """Return the exchange rate of the document, from its first line that has an amount."""
    if document.currency == document.local_currency:
        return Decimal("1.00000")
    for line in document.lines:
        if line.amount:
            return (line.local_amount / line.amount).quantize(Decimal("0.00001"))
    return ZERO


def ledger_rows(forms: Forms, record: PostedLines, item: int) -> Iterator[Row]:
    """Yield the lines of a document as the general ledger shows them."""
    document = record.document
    company = forms.master.company_codes[document.company_code]
    for line in document.lines:
        if item not in (0, line.line_item):
            continue
        account = forms.master.gl_accounts.get((company.chart_of_accounts, line.account))
        customer = forms.erp.customer(line.customer) if line.customer else None
        yield {
            "ID": ledger_id(document, line),
            "Ledger": LEDGER,
            "LedgerName": "Leading ledger",
            "LedgerFiscalYear": str(document.fiscal_year),
            "CompanyCode": document.company_code,
            "CompanyCodeName": company.name[:25],
            "ChartOfAccounts": company.chart_of_accounts,
            "GLAccount": line.account,
            "GLAccountName": account.text[:30] if account else "",
            "CostCenter": line.cost_center,
            "ProfitCenter": line.profit_center,
            "TransactionCurrency": document.currency,
            "AmountInTransactionCurrency": forms.amount(line.signed_amount, document.currency),
            "CompanyCodeCurrency": document.local_currency,
            "AmountInCompanyCodeCurrency": forms.amount(
                line.signed_local_amount, document.local_currency
            ),
            "FiscalPeriod": f"{document.posting_date.month:03}",
            "FiscalYearVariant": "K4",
            "FiscalYearPeriod": f"{document.fiscal_year}{document.posting_date.month:03}",
            "Customer": forms.number(line.customer),
            "CustomerName": customer.name[:80] if customer else "",
        }


def ledger_id(document: AccountingDocument, line: AccountingLine) -> str:
    """Return the key of a line of the general ledger: where it stands."""
    parts = (document.company_code, document.number, document.fiscal_year, line.line_item)
    return ".".join(map(str, parts))
