"""The parameters of the two functions that post a payment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from connector.erp.payment_lines import customer_lines, line_key, require_account
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.wire import dats, numc
from connector.errors import ConfigurationError
from connector.sd_documents.payment import IncomingPayment, Remainder
from connector.sd_documents.values import Money, pad_number, total

#: Posting in financial accounting, as opposed to logistics.
_ACTIVITY: Final = "RFBU"
#: Account key of output tax.
_OUTPUT_TAX: Final = "MWS"
#: What the clearing function does with a difference.
_DIFFERENCE: Final = {
    Remainder.NONE: "",
    Remainder.PARTIAL: "",
    Remainder.RESIDUAL: "R",
    Remainder.ON_ACCOUNT: "A",
}
#: Amounts in document currency.
_DOCUMENT_CURRENCY: Final = "00"

Row = dict[str, Any]


def posting_parameters(payment: IncomingPayment, options: RfcOptions) -> Row:
    """
    Return the parameters of BAPI_ACC_DOCUMENT_POST.

    Bank, its charges, cash discount and its tax correction are debited, the payer is credited with
    what they come to. The header still lacks the user who posts.

    Raises:
        ConfigurationError: charges, a discount or its tax have no account in the options.
    """
    lines = _Lines()
    # Lines are numbered in the order in which they are added, as the ERP shows them.
    ledger = _ledger_lines(lines, payment, options)
    customers = _customer_lines(lines, payment)
    tax = _tax_lines(lines, payment, options)
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
        "ACCOUNTRECEIVABLE": customers,
        "CURRENCYAMOUNT": lines.amounts,
    }
    return parameters | ({"ACCOUNTTAX": tax} if tax else {})


def _ledger_lines(lines: _Lines, payment: IncomingPayment, options: RfcOptions) -> list[Row]:
    """Return what reached the bank, and what did not on its way there."""
    bank = {
        "ITEMNO_ACC": lines.add(payment.received),
        "GL_ACCOUNT": pad_number(payment.bank_account),
        "VALUE_DATE": dats(payment.posting_date),
        **_texts(payment),
    }
    expenses = [
        {
            "ITEMNO_ACC": lines.add(amount),
            "GL_ACCOUNT": pad_number(account),
            **_texts(payment),
        }
        for amount, account in _expenses(payment, options)
    ]
    return [bank, *expenses]


def _customer_lines(lines: _Lines, payment: IncomingPayment) -> list[Row]:
    return [
        {
            "ITEMNO_ACC": lines.add(line.amount),
            "CUSTOMER": pad_number(payment.payer),
            "BLINE_DATE": dats(line.due_on or payment.posting_date),
            **({"REF_KEY_3": line_key(line.belongs_to)} if line.belongs_to is not None else {}),
            **({"SP_GL_IND": payment.special_gl_indicator} if payment.special_gl_indicator else {}),
            **_texts(payment, line.assignment),
        }
        for line in customer_lines(payment)
    ]


def _tax_lines(lines: _Lines, payment: IncomingPayment, options: RfcOptions) -> list[Row]:
    """Return the tax that the cash discount takes back."""
    # Where no base is given it is known only if the whole discount has one tax code.
    alone = len(payment.tax_adjustments) == 1
    return [
        {
            "ITEMNO_ACC": lines.add(
                each.amount, each.base or (payment.cash_discount if alone else None)
            ),
            "GL_ACCOUNT": pad_number(_tax_account(options, each.tax_code)),
            "ACCT_KEY": _OUTPUT_TAX,
            "TAX_CODE": each.tax_code,
        }
        for each in payment.tax_adjustments
        if each.amount
    ]


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


def _texts(payment: IncomingPayment, assignment: str | None = None) -> Row:
    """Return text and assignment of a line; the assignment is the payment's unless given."""
    own = payment.assignment if assignment is None else assignment
    row = {"ALLOC_NMBR": own, "ITEM_TEXT": payment.item_text}
    return {name: value for name, value in row.items() if value}


def _expenses(payment: IncomingPayment, options: RfcOptions) -> list[tuple[Money, str]]:
    """Return what was not received, with its accounts."""
    found: list[tuple[Money, str]] = []
    if payment.cash_discount:
        account = require_account(
            options.cash_discount_account,
            "erp.transport.cash_discount_account",
            "a payment took a cash discount",
            "Set the G/L account of cash discounts granted",
        )
        found.append((payment.cash_discount, account))
    if payment.bank_charges:
        account = require_account(
            options.bank_charges_account,
            "erp.transport.bank_charges_account",
            "the bank kept charges back from a payment",
            "Set the G/L account of bank charges",
        )
        found.append((payment.bank_charges, account))
    if payment.small_difference:
        account = require_account(
            options.small_difference_account,
            "erp.transport.small_difference_account",
            "a payment differs by what the company tolerates",
            "Set the G/L account of small payment differences",
        )
        found.append((payment.small_difference, account))
    return found


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
    parameters: Row = {
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
        "DIFFERENCE": _DIFFERENCE[payment.remainder],
        "PARTIAL": "X" if payment.remainder is Remainder.PARTIAL else "",
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
    if payment.bank_charges:
        parameters["BANK_CHARGES"] = payment.bank_charges.amount
    return parameters | _texts(payment)


def _discounts(payment: IncomingPayment) -> Sequence[Decimal]:
    """
    Return the gross discount of each item, together what the payment took.

    Several items share it by their amounts; cents that rounding leaves go to the largest.
    """
    taken = total(
        (payment.cash_discount, *(each.amount for each in payment.tax_adjustments)),
        payment.received.currency,
    )
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
