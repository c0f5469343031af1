"""A JournalEntry of a request, as the accounting document that the ERP shall post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from lxml import etree

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import (
    AccountingDocumentSpec,
    AccountingLineSpec,
    TermsSpec,
)

#: The object type of documents that are posted directly, and the business transaction.
OBJECT_TYPE: Final = "BKPFF"
TRANSACTION: Final = "RFBU"
_ZERO: Final = Decimal(0)


def read(entry: etree._Element) -> tuple[AccountingDocumentSpec, list[Message]]:
    """
    Return the document of *entry*, which is valid by the schema, and what is wrong with it.

    Lines are numbered in the order of their items' numbers; items without one come last.
    """
    problems = _header_problems(entry)
    lines: list[tuple[tuple[bool, int], AccountingLineSpec]] = []
    currencies: dict[str, None] = {}
    numbers: set[str] = set()
    for name, make in _LINES.items():
        for item in entry.findall(name):
            number = text(item, "ReferenceDocumentItem")
            if number and number in numbers:
                problems.append(free_text(f"Item {number} occurs more than once", name))
            numbers.add(number)
            amount = item.find("AmountInTransactionCurrency")
            if amount is None:
                raise ValueError("an item without amount passed the schema")
            currencies[amount.get("currencyCode", "")] = None
            value = Decimal((amount.text or "").strip())
            problems.extend(_sign_problems(item, value, number))
            local = text(item, "AmountInCompanyCodeCurrency")
            line = replace(make(item, value), local_amount=Decimal(local) if local else None)
            lines.append((_rank(number), line))
    company = text(entry, "CompanyCode")
    for item in entry.findall("CreditorItem"):
        vendor = text(item, "Creditor").lstrip("0")
        words = f"Vendor {vendor} is not defined in company code {company}"
        problems.append(Message("E", "F5", "104", words, vendor, company))
    if entry.find("WithholdingTaxItem") is not None:
        problems.append(free_text(f"Withholding tax is not active in company code {company}"))
    if len(currencies) > 1:
        problems.append(free_text("The document has more than one transaction currency"))
    spec = AccountingDocumentSpec(
        company_code=company,
        document_type=text(entry, "AccountingDocumentType"),
        currency=next(iter(currencies), ""),
        lines=[line for _, line in sorted(lines, key=lambda each: each[0])],
        document_date=day(entry, "DocumentDate"),
        posting_date=day(entry, "PostingDate"),
        reference=text(entry, "DocumentReferenceID"),
        header_text=text(entry, "DocumentHeaderText"),
        exchange_rate=_rate(entry),
    )
    return spec, problems


def _rate(entry: etree._Element) -> Decimal | None:
    """Return the rate given, directly or (IndirectQuotedExchangeRate) the other way round."""
    direct, indirect = text(entry, "ExchangeRate"), text(entry, "IndirectQuotedExchangeRate")
    if direct and Decimal(direct):
        return Decimal(direct)
    return Decimal(1) / Decimal(indirect) if indirect and Decimal(indirect) else None


def _rank(number: str) -> tuple[bool, int]:
    return (not number.isdigit(), int(number) if number.isdigit() else 0)


def _header_problems(entry: etree._Element) -> list[Message]:
    problems = []
    if text(entry, "OriginalReferenceDocumentType") != OBJECT_TYPE:
        words = "Object type, object key or logical system is wrong"
        problems.append(Message("E", "RW", "602", words))
    transaction = text(entry, "BusinessTransactionType")
    if transaction != TRANSACTION:
        problems.append(free_text(f"Business transaction {transaction} cannot be posted here"))
    return problems


def _sign_problems(item: etree._Element, amount: Decimal, number: str) -> list[Message]:
    code = text(item, "DebitCreditCode")
    if not code or code == ("S" if amount >= 0 else "H"):
        return []
    words = f"Item {number}: the amount's sign contradicts debit/credit code {code}"
    return [free_text(words, etree.QName(item).localname)]


def _debtor(item: etree._Element, amount: Decimal) -> AccountingLineSpec:
    return AccountingLineSpec(
        amount=amount,
        customer=text(item, "Debtor"),
        text=text(item, "DocumentItemText"),
        assignment=text(item, "AssignmentReference"),
        reference_key_3=text(item, "Reference3IDByBusinessPartner"),
        baseline_date=day(item, "CashDiscountTerms/DueCalculationBaseDate"),
        own_terms=_terms(item.find("CashDiscountTerms")),
        special_gl=text(item, "DownPaymentTerms/SpecialGLCode"),
        payment_block=text(item, "PaymentDetails/PaymentBlockingReason"),
    )


def _terms(element: etree._Element | None) -> TermsSpec | None:
    if element is None:
        return None
    return TermsSpec(
        _days(text(element, "NetPaymentDays")),
        _days(text(element, "CashDiscount1Days")),
        Decimal(text(element, "CashDiscount1Percent") or _ZERO),
        _days(text(element, "CashDiscount2Days")),
        Decimal(text(element, "CashDiscount2Percent") or _ZERO),
    )


def _days(duration: str) -> int:
    """Read a duration in whole days, such as P14D."""
    return int(duration.strip("PD") or 0)


def _general_ledger(item: etree._Element, amount: Decimal) -> AccountingLineSpec:
    return AccountingLineSpec(
        amount=amount,
        account=_account(text(item, "GLAccount")),
        tax_code=text(item, "Tax/TaxCode"),
        text=text(item, "DocumentItemText"),
        assignment=text(item, "AssignmentReference"),
        value_date=day(item, "ValueDate"),
        cost_center=text(item, "AccountAssignment/CostCenter"),
        profit_center=text(item, "AccountAssignment/ProfitCenter"),
    )


def _tax(item: etree._Element, amount: Decimal) -> AccountingLineSpec:
    """A tax line: its account is that of its code."""
    return AccountingLineSpec(
        amount=amount,
        tax_code=text(item, "TaxCode"),
        tax_base=abs(Decimal(text(item, "TaxBaseAmountInTransCrcy") or _ZERO)),
        text=text(item, "ProductiveTaxText"),
    )


_LINES: Final[dict[str, Callable[[etree._Element, Decimal], AccountingLineSpec]]] = {
    "DebtorItem": _debtor,
    "Item": _general_ledger,
    "ProductTaxItem": _tax,
}


def text(element: etree._Element, path: str) -> str:
    """Return the text at *path* as a token, empty where there is none."""
    return " ".join((element.findtext(path) or "").split())


def day(element: etree._Element, path: str) -> date | None:
    """Return the date at *path*, None where there is none."""
    found = text(element, path)
    return date.fromisoformat(found) if found else None


def _account(number: str) -> str:
    """Accounts come zero-padded to ten characters and are kept without leading zeros."""
    return (number.lstrip("0") or number) if number.isdigit() else number


def free_text(words: str, parameter: str = "") -> Message:
    """Return 00 398 with *words*: what the service itself says, and no number is known for."""
    v1, v2, v3, v4 = (words[at : at + 50] for at in range(0, 200, 50))
    return Message("E", "00", "398", words, v1, v2, v3, v4, parameter=parameter)
