"""BAPI_AR_ACC_GETOPENITEMS: a customer's items open at a key date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.simulator.engine.keys import padded
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers.messages import bapireturn, message

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import CustomerItem


def open_items(call: Call) -> dict[str, Any]:
    """Return the items; RETURN is empty when all is well, also when nothing is open."""
    company, customer = call.text("COMPANYCODE"), padded(call.text("CUSTOMER"))
    master = call.erp.master_data
    if company not in master.company_codes:
        problem = message(call, "company code unknown", company)
        return {"RETURN": bapireturn(problem), "LINEITEMS": []}
    if (customer, company) not in master.customer_companies:
        problem = message(call, "customer not in company code", customer, company)
        return {"RETURN": bapireturn(problem), "LINEITEMS": []}
    found = call.erp.open_items(company, customer, keys.as_date(call.text("KEYDATE")))
    return {"RETURN": {}, "LINEITEMS": [_line(call, item) for item in found]}


def _line(call: Call, item: CustomerItem) -> dict[str, Any]:
    line = item.line
    document = call.erp.accounting_document(
        item.company_code, item.accounting_document, item.fiscal_year
    )
    return {
        "COMP_CODE": item.company_code,
        "CUSTOMER": item.customer,
        "SP_GL_IND": line.special_gl,
        "CLEAR_DATE": line.clearing_date,
        "CLR_DOC_NO": line.clearing_document,
        "ALLOC_NMBR": line.assignment,
        "FISC_YEAR": item.fiscal_year,
        "DOC_NO": item.accounting_document,
        "ITEM_NUM": item.line_item,
        "PSTNG_DATE": item.posting_date,
        "DOC_DATE": item.document_date,
        "ENTRY_DATE": keys.local(call.erp, document.entered_at).date() if document else None,
        "CURRENCY": item.currency,
        "LOC_CURRCY": item.local_currency,
        "REF_DOC_NO": item.reference,
        "DOC_TYPE": item.document_type,
        "FIS_PERIOD": item.posting_date.month,
        "POST_KEY": line.posting_key,
        "DB_CR_IND": "S" if line.debit else "H",
        "TAX_CODE": line.tax_code,
        "LC_AMOUNT": line.local_amount,
        "AMT_DOCCUR": line.amount,
        "ITEM_TEXT": line.text,
        "BLINE_DATE": line.baseline_date,
        "PMNTTRMS": line.terms_of_payment,
        "DSCT_DAYS1": line.discount_days_1,
        "DSCT_DAYS2": line.discount_days_2,
        "NETTERMS": line.net_days,
        "DSCT_PCT1": line.discount_percent_1,
        "DSCT_PCT2": line.discount_percent_2,
        "DISC_BASE": line.discount_base,
        "PMNT_BLOCK": line.payment_block,
        "INV_REF": line.invoice_reference,
        "INV_YEAR": line.invoice_reference_year,
        "INV_ITEM": line.invoice_reference_line,
        "DUNN_BLOCK": line.dunning_block,
        "T_CURRENCY": item.currency,
        "AMOUNT": line.amount,
        "NET_AMOUNT": line.amount,
        "BILL_DOC": line.billing_document,
    }


HANDLERS: dict[str, Handler] = {"BAPI_AR_ACC_GETOPENITEMS": open_items}
