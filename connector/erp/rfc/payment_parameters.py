"""The parameters of the two functions that post a payment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.wire import dats, numc
from connector.errors import ConfigurationError
from connector.sd_documents.payment import IncomingPayment
from connector.sd_documents.values import Money, pad_number

#: Posting in financial accounting, as opposed to logistics.
_ACTIVITY: Final = "RFBU"
#: Account key of output tax.
_OUTPUT_TAX: Final = "MWS"
#: Amounts in document currency.
_DOCUMENT_CURRENCY: Final = "00"

Row = dict[str, Any]


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
