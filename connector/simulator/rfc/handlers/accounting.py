"""BAPI_ACC_DOCUMENT_POST and BAPI_ACC_DOCUMENT_CHECK: a balanced accounting document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import AccountingDocumentSpec, AccountingLineSpec
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.dictionary import Row
from connector.simulator.rfc.handlers.messages import bapiret2, free_text, message

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import AccountingDocument

#: Currency types: the document's own currency, and that of the company code.
_DOCUMENT_CURRENCY = "00"
_COMPANY_CURRENCY = "10"
#: Reference object type of a document posted directly.
_OBJECT_TYPE = "BKPFF"


def post(call: Call) -> dict[str, Any]:
    """Post; OBJ_KEY is number, company code and year. It is final only after the commit."""
    spec, problems = build(call)
    system = call.settings.system_id
    if problems:
        return {"RETURN": bapiret2(_headed(call, problems), system)}
    outcome = call.session.post_accounting_document(spec)
    answer: dict[str, Any] = {"RETURN": bapiret2(outcome.messages, system)}
    if outcome.accepted and outcome.documents:
        document: AccountingDocument = outcome.documents[0]
        answer |= {
            "OBJ_TYPE": _OBJECT_TYPE,
            "OBJ_KEY": f"{document.number}{document.company_code}{document.fiscal_year:04}",
            "OBJ_SYS": call.erp.settings.logical_system,
        }
    return answer


def check(call: Call) -> dict[str, Any]:
    """Check as `post` does, and buffer nothing."""
    spec, problems = build(call)
    if problems:
        return {"RETURN": bapiret2(_headed(call, problems), call.settings.system_id)}
    outcome = call.session.post_accounting_document(spec, check_only=True)
    return {"RETURN": bapiret2(outcome.messages, call.settings.system_id)}


def _headed(call: Call, problems: list[Message]) -> list[Message]:
    system = call.erp.settings.logical_system
    return [message(call, "accounting document refused", _OBJECT_TYPE, "$", system), *problems]


def build(call: Call) -> tuple[AccountingDocumentSpec, list[Message]]:
    """Return the document, its lines in the order of their item numbers, and what is wrong."""
    header = call.structure("DOCUMENTHEADER")
    amounts = _amounts(call, "", _DOCUMENT_CURRENCY)
    valued = _amounts(call, _COMPANY_CURRENCY)
    problems: list[Message] = []
    lines: dict[int, AccountingLineSpec] = {}
    for table, make in (
        ("ACCOUNTRECEIVABLE", _receivable),
        ("ACCOUNTGL", _general_ledger),
        ("ACCOUNTTAX", _tax),
    ):
        for row in call.table(table):
            item_number = keys.integer(row, "ITEMNO_ACC")
            amount = amounts.get(item_number)
            if amount is None:
                problems.append(
                    Message(
                        "E",
                        "RW",
                        "021",
                        "FI/CO line item without transaction currency information",
                        parameter=table,
                        row=item_number,
                    )
                )
            elif item_number in lines:
                problems.append(free_text(f"Item {item_number} occurs more than once", "E", table))
            else:
                lines[item_number] = _valued(make(call, row, amount), valued.get(item_number))
    for row in call.table("ACCOUNTPAYABLE"):
        vendor, company = row.get("VENDOR_NO", ""), header.get("COMP_CODE", "")
        text = f"Vendor {vendor} is not defined in company code {company}"
        problems.append(Message("E", "F5", "104", text, vendor, company))
    currencies = {row.get("CURRENCY", "") for row in amounts.values()}
    if len(currencies) > 1:
        problems.append(free_text("The document has more than one currency", "E"))
    spec = AccountingDocumentSpec(
        company_code=header.get("COMP_CODE", ""),
        document_type=header.get("DOC_TYPE", ""),
        currency=next(iter(currencies), ""),
        lines=[lines[number] for number in sorted(lines)],
        document_date=keys.as_date(header.get("DOC_DATE", "")),
        posting_date=keys.as_date(header.get("PSTNG_DATE", "")),
        reference=header.get("REF_DOC_NO", ""),
        header_text=header.get("HEADER_TXT", ""),
        exchange_rate=_rate(amounts.values()),
    )
    return spec, problems


def _amounts(call: Call, *currency_types: str) -> dict[int, Row]:
    return {
        keys.integer(row, "ITEMNO_ACC"): row
        for row in call.table("CURRENCYAMOUNT")
        if row.get("CURR_TYPE", "") in currency_types
    }


def _rate(amounts: Iterable[Row]) -> Decimal | None:
    """Return the first rate given, directly or (EXCH_RATE_V) how many make one of the other."""
    for row in amounts:
        direct, indirect = keys.number(row, "EXCH_RATE"), keys.number(row, "EXCH_RATE_V")
        if direct or indirect:
            return direct or Decimal(1) / (indirect or Decimal(1))
    return None


def _valued(line: AccountingLineSpec, amount: Row | None) -> AccountingLineSpec:
    """Return *line* with the amount in company currency, where one was given."""
    return line if amount is None else replace(line, local_amount=_signed(amount))


def _signed(amount: Row) -> Any:
    return keys.number(amount, "AMT_DOCCUR") or keys.ZERO


def _receivable(call: Call, row: Row, amount: Row) -> AccountingLineSpec:
    del call
    return AccountingLineSpec(
        amount=_signed(amount),
        customer=row.get("CUSTOMER", ""),
        tax_code=row.get("TAX_CODE", ""),
        text=row.get("ITEM_TEXT", ""),
        assignment=row.get("ALLOC_NMBR", ""),
        reference_key_3=row.get("REF_KEY_3", ""),
        terms_of_payment=row.get("PMNTTRMS", ""),
        baseline_date=keys.as_date(row.get("BLINE_DATE", "")),
        special_gl=row.get("SP_GL_IND", ""),
        payment_block=row.get("PMNT_BLOCK", ""),
        dunning_block=row.get("DUNN_BLOCK", ""),
        profit_center=row.get("PROFIT_CTR", ""),
    )


def _general_ledger(call: Call, row: Row, amount: Row) -> AccountingLineSpec:
    del call
    return AccountingLineSpec(
        amount=_signed(amount),
        account=account_in(row.get("GL_ACCOUNT", "")),
        tax_code=row.get("TAX_CODE", ""),
        text=row.get("ITEM_TEXT", ""),
        assignment=row.get("ALLOC_NMBR", ""),
        value_date=keys.as_date(row.get("VALUE_DATE", "")),
        cost_center=row.get("COSTCENTER", ""),
        profit_center=row.get("PROFIT_CTR", ""),
    )


def _tax(call: Call, row: Row, amount: Row) -> AccountingLineSpec:
    """A tax line; without account it is that of the tax code."""
    master = call.erp.master_data
    code, account = row.get("TAX_CODE", ""), account_in(row.get("GL_ACCOUNT", ""))
    company = master.company_codes.get(call.structure("DOCUMENTHEADER").get("COMP_CODE", ""))
    if not account and company is not None:
        known = master.tax_accounts.get((company.chart_of_accounts, code))
        account = known.account if known else ""
    return AccountingLineSpec(
        amount=_signed(amount),
        account=account,
        tax_code=code,
        tax_base=keys.number(amount, "AMT_BASE") or keys.ZERO,
    )


def account_in(number: str) -> str:
    """Accounts come zero-padded to ten characters and are kept without leading zeros."""
    return (number.lstrip("0") or number) if number.isdigit() else number


HANDLERS: dict[str, Handler] = {
    "BAPI_ACC_DOCUMENT_POST": post,
    "BAPI_ACC_DOCUMENT_CHECK": check,
}
