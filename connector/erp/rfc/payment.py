"""
Incoming payments over RFC: the port's `Payments`.

Two routes: BAPI_ACC_DOCUMENT_POST posts the payment with an open credit item, which the ERP's own
clearing run matches with the invoice; or a function of the customer's own posts and clears in one
document, as transaction F-28 does. There is no released function for the latter
(POSTING_INTERFACE_CLEARING cannot be called from outside): its interface is described in
`docs/explanation/rfc-transport.md`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.customer_items import items_of
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.posting import Poster, Posting
from connector.erp.rfc.read_table import ReadTable, equals
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import BKPF
from connector.erp.rfc.wire import dats, numc
from connector.errors import ConfigurationError, OutcomeUnknownError
from connector.ports.erp import SubmissionObserver
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, IncomingPayment
from connector.sd_documents.values import Money, pad_number

POST: Final = "BAPI_ACC_DOCUMENT_POST"

#: Posting in financial accounting, as opposed to logistics.
_ACTIVITY: Final = "RFBU"
#: Account key of output tax.
_OUTPUT_TAX: Final = "MWS"
#: Amounts in document currency.
_DOCUMENT_CURRENCY: Final = "00"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RfcPayments:
    """Posts and finds incoming payments."""

    poster: Poster
    reads: Reads
    options: RfcOptions

    def post(self, payment: IncomingPayment, observer: SubmissionObserver) -> AccountingDocumentKey:
        """Post *payment*; its items are cleared at once where the clearing function is set."""
        clearing = self.options.clearing_function

        def read_back(session: Session, numbers: tuple[str, ...]) -> None:
            _require_posted(ReadTable(session, self.options), _key(numbers[0]), payment)

        if clearing:
            posting = Posting(
                function=clearing,
                parameters=clearing_parameters(payment, self.options),
                numbers=lambda answer: _cleared_document(answer, payment.company_code),
                read_back=read_back,
            )
        else:
            parameters = posting_parameters(payment, self.options)
            header = parameters["DOCUMENTHEADER"]
            posting = Posting(
                function=POST,
                parameters=parameters,
                numbers=_posted_document,
                read_back=read_back,
                for_session=lambda session: {
                    "DOCUMENTHEADER": {**header, "USERNAME": session.user}
                },
            )
        numbers = self.poster.post(posting, observer)
        return _key(numbers[0])

    def find(
        self, payment_reference: str, company_code: str, payer: str
    ) -> tuple[AccountingDocumentKey, ...]:
        """Return the payments that carry *payment_reference*, oldest first."""
        conditions = (
            equals("BUKRS", company_code),
            equals("XBLNR", payment_reference),
            equals("BLART", self.options.payment_document_type),
        )

        def read(session: Session) -> list[CustomerItem]:
            tables = ReadTable(session, self.options)
            return items_of(tables, tables.rows(BKPF, BKPF.fields, *conditions))

        found = [item for item in self.reads.run(read) if item.customer == pad_number(payer)]
        found.sort(key=lambda item: (item.entry_date, item.key.accounting_document))
        return tuple(dict.fromkeys(item.key for item in found))


def posting_parameters(payment: IncomingPayment, options: RfcOptions) -> Row:
    """
    Return the parameters of BAPI_ACC_DOCUMENT_POST.

    Bank, cash discount and its tax correction are debited, the payer is credited with what they
    come to. The header still lacks the user who posts.

    Raises:
        ConfigurationError: a discount or its tax has no account in the options.
    """
    lines = _Lines()
    ledger = [
        {
            "ITEMNO_ACC": lines.add(payment.received),
            "GL_ACCOUNT": pad_number(payment.bank_account),
            "VALUE_DATE": dats(payment.posting_date),
            **_texts(payment),
        }
    ]
    if payment.cash_discount:
        ledger.append(
            {
                "ITEMNO_ACC": lines.add(payment.cash_discount),
                "GL_ACCOUNT": pad_number(_discount_account(options)),
                **_texts(payment),
            }
        )
    customer = {
        "ITEMNO_ACC": lines.add(-payment.settled),
        "CUSTOMER": pad_number(payment.payer),
        "BLINE_DATE": dats(payment.posting_date),
        **_texts(payment),
    }
    # The base of a tax line is known only where the whole discount has one tax code.
    alone = len(payment.tax_adjustments) == 1
    tax = [
        {
            "ITEMNO_ACC": lines.add(each.amount, payment.cash_discount if alone else None),
            "GL_ACCOUNT": pad_number(_tax_account(options, each.tax_code)),
            "ACCT_KEY": _OUTPUT_TAX,
            "TAX_CODE": each.tax_code,
        }
        for each in payment.tax_adjustments
        if each.amount
    ]
    parameters = {
        "DOCUMENTHEADER": {
            "BUS_ACT": _ACTIVITY,
            "COMP_CODE": payment.company_code,
            "DOC_DATE": dats(payment.document_date),
            "PSTNG_DATE": dats(payment.posting_date),
            "DOC_TYPE": options.payment_document_type,
            "REF_DOC_NO": payment.payment_reference,
        },
        "ACCOUNTGL": ledger,
        "ACCOUNTRECEIVABLE": [customer],
        "CURRENCYAMOUNT": lines.amounts,
    }
    return parameters | ({"ACCOUNTTAX": tax} if tax else {})


class _Lines:
    """Numbers the lines of a document and collects their amounts."""

    def __init__(self) -> None:
        self.amounts: list[Row] = []

    def add(self, amount: Money, base: Money | None = None) -> str:
        number = numc(len(self.amounts) + 1, 10)
        row: Row = {
            "ITEMNO_ACC": number,
            "CURR_TYPE": _DOCUMENT_CURRENCY,
            "CURRENCY": amount.currency,
            "AMT_DOCCUR": amount.amount,
        }
        if base is not None:
            row["AMT_BASE"] = base.amount
        self.amounts.append(row)
        return number


def _texts(payment: IncomingPayment) -> Row:
    row = {"ALLOC_NMBR": payment.assignment, "ITEM_TEXT": payment.item_text}
    return {name: value for name, value in row.items() if value}


def _discount_account(options: RfcOptions) -> str:
    if not options.cash_discount_account:
        raise ConfigurationError(
            "erp.transport.cash_discount_account",
            "a payment took a cash discount, and its account is not set",
            "Set the G/L account of cash discounts granted",
        )
    return options.cash_discount_account


def _tax_account(options: RfcOptions, tax_code: str) -> str:
    if tax_code not in options.tax_accounts:
        raise ConfigurationError(
            f"erp.transport.tax_accounts.{tax_code}",
            "a payment took a cash discount that corrects this tax, and its account is not set",
            "Set the output tax account of the tax code",
        )
    return options.tax_accounts[tax_code]


def clearing_parameters(payment: IncomingPayment, options: RfcOptions) -> Row:
    """Return the parameters of the customer's own function that posts and clears."""
    discounts = _discounts(payment)
    parameters = {
        "COMP_CODE": payment.company_code,
        "DOC_TYPE": options.payment_document_type,
        "DOC_DATE": dats(payment.document_date),
        "PSTNG_DATE": dats(payment.posting_date),
        "VALUE_DATE": dats(payment.posting_date),
        "REF_DOC_NO": payment.payment_reference,
        "CUSTOMER": pad_number(payment.payer),
        "GL_ACCOUNT": pad_number(payment.bank_account),
        "CURRENCY": payment.received.currency,
        "AMOUNT": payment.received.amount,
        "ITEMS": [
            {
                "COMP_CODE": item.key.company_code,
                "DOC_NO": item.key.accounting_document,
                "FISC_YEAR": numc(item.key.fiscal_year, 4),
                "ITEM_NUM": numc(item.line_item, 3),
                "DISCOUNT": discount,
            }
            for item, discount in zip(payment.items, discounts, strict=True)
        ],
    }
    return parameters | _texts(payment)


def _discounts(payment: IncomingPayment) -> Sequence[Decimal]:
    """
    Return the gross discount of each item, together what the payment took.

    Several items share it by their amounts; cents that rounding leaves go to the largest.
    """
    taken = payment.settled - payment.received
    whole = sum((item.amount.amount for item in payment.items), Decimal(0))
    if not payment.items or not whole:
        return [Decimal(0) for _ in payment.items]
    shares = [
        Money.rounded(taken.amount * item.amount.amount / whole, taken.currency).amount
        for item in payment.items
    ]
    largest = max(range(len(shares)), key=lambda at: abs(payment.items[at].amount.amount))
    shares[largest] += taken.amount - sum(shares, Decimal(0))
    return shares


def _posted_document(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """OBJ_KEY is document number, company code and year in one: 10, 4 and 4 characters."""
    key = answer["OBJ_KEY"]
    if len(key) != 18 or not key[14:].isdigit():
        return ()
    return (_numbered(key[10:14].strip(), key[:10], key[14:]),)


def _cleared_document(answer: Mapping[str, Any], company_code: str) -> tuple[str, ...]:
    number = answer["DOC_NO"]
    return (_numbered(company_code, number, answer["FISC_YEAR"]),) if number else ()


def _numbered(company_code: str, number: str, year: str) -> str:
    return f"{company_code}/{pad_number(number)}/{year}"


def _key(number: str) -> AccountingDocumentKey:
    company_code, document, year = number.split("/")
    return AccountingDocumentKey(
        company_code=company_code, accounting_document=document, fiscal_year=int(year)
    )


def _require_posted(
    tables: ReadTable, key: AccountingDocumentKey, payment: IncomingPayment
) -> None:
    """
    Raise OutcomeUnknownError unless there is a document *key* with the payment's reference.

    Its lines went in together with its header: they need no second look.
    """
    rows = tables.rows(
        BKPF,
        ("BELNR", "XBLNR", "WAERS", "BUDAT"),
        equals("BUKRS", key.company_code),
        equals("BELNR", key.accounting_document),
        equals("GJAHR", numc(key.fiscal_year, 4)),
    )
    if not rows:
        raise OutcomeUnknownError(f"payment {key} was reported as posted and cannot be read")
    expected = (
        payment.payment_reference,
        payment.received.currency,
        dats(payment.posting_date),
    )
    there = (rows[0]["XBLNR"], rows[0]["WAERS"], rows[0]["BUDAT"])
    if there != expected:
        raise OutcomeUnknownError(
            f"document {key} is not the payment: it has {there}, posted were {expected}"
        )
