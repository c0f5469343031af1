"""
An incoming payment as a JournalEntryBulkCreateRequest.

Bank, its charges, cash discount and the correction of its tax are debited, the payer is credited.
The service has no field for the invoice that a line belongs to (REBZG) and clears nothing: a line
names it in the third reference key (XREF3), and the ERP's own clearing run matches the assignment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid5

from connector.erp.hold_reasons import HoldReason
from connector.erp.payment_lines import (
    CustomerLine,
    customer_lines,
    line_key,
    require_account,
)
from connector.erp.soap.options import SoapOptions
from connector.errors import RejectedError
from connector.sd_documents.currency import quantum
from connector.sd_documents.payment import IncomingPayment, TaxAdjustment
from connector.sd_documents.values import Money, pad_number, total

#: Namespace of message ids: the same payment has the same ids on every system and for ever.
_MESSAGES: Final = UUID("5b0f3d6e-58a3-4b53-8f5c-9d3b7d4a1c60")
#: Object type of a document posted directly, and posting in financial accounting.
_OBJECT_TYPE: Final = "BKPFF"
_TRANSACTION: Final = "RFBU"
_DEBIT, _CREDIT = "S", "H"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MessageIds:
    """
    The ids of a payment's message, computed from what makes the payment one of its kind.

    ``bulk`` is the whole message's, ``entry`` that of the entry in it.
    """

    bulk: UUID
    entry: UUID


def message_ids(payment: IncomingPayment) -> MessageIds:
    """Return the ids of *payment*; its amounts have no part in them."""
    key = (payment.company_code, pad_number(payment.payer), payment.payment_reference)
    return MessageIds(
        uuid5(_MESSAGES, "/".join(("message", *key))), uuid5(_MESSAGES, "/".join(("entry", *key)))
    )


def request_values(payment: IncomingPayment, options: SoapOptions, user: str, now: datetime) -> Row:
    """
    Return the message's elements.

    Args:
        user: noted as the author where the options name none.
        now: when the message is made.

    Raises:
        ConfigurationError: charges or a discount have no account in the options.
        RejectedError: several tax codes are corrected, and what each was the tax of is not known.
    """
    ids = message_ids(payment)
    lines = _Lines(payment, options)
    entry: Row = {
        "OriginalReferenceDocumentType": _OBJECT_TYPE,
        "BusinessTransactionType": _TRANSACTION,
        "AccountingDocumentType": options.payment_document_type,
        "DocumentReferenceID": payment.payment_reference,
        "CreatedByUser": (options.created_by_user or user)[:12],
        "CompanyCode": payment.company_code,
        "DocumentDate": payment.document_date,
        "PostingDate": payment.posting_date,
        "Item": list(lines.ledger()),
        "DebtorItem": [lines.debtor(line) for line in customer_lines(payment)],
        "ProductTaxItem": list(lines.taxes()),
    }
    if options.logical_system:
        entry["OriginalReferenceDocumentLogicalSystem"] = options.logical_system
    if payment.item_text:
        entry["DocumentHeaderText"] = payment.item_text[:25]
    return {
        "MessageHeader": _header(ids.bulk, payment, options, now),
        "JournalEntryCreateRequest": [
            {"MessageHeader": _header(ids.entry, payment, options, now), "JournalEntry": entry}
        ],
    }


def _header(message: UUID, payment: IncomingPayment, options: SoapOptions, now: datetime) -> Row:
    header = {
        "ID": message.hex,
        "UUID": str(message),
        "ReferenceID": payment.payment_reference,
        "CreationDateTime": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if options.logical_system:
        header["SenderBusinessSystemID"] = options.logical_system
    return header


@dataclass(slots=True)
class _Lines:
    """Numbers the lines of the document in the order in which they are asked for."""

    payment: IncomingPayment
    options: SoapOptions
    _last: int = field(default=0, init=False)

    def ledger(self) -> Iterator[Row]:
        payment, options = self.payment, self.options
        yield self._ledger_line(payment.bank_account, payment.received) | {
            "ValueDate": payment.posting_date
        }
        for amount, tax in self._discounts():
            account = require_account(
                options.cash_discount_account,
                "erp.soap.options.cash_discount_account",
                "a payment took a cash discount",
                "Set the G/L account of cash discounts granted",
            )
            yield self._ledger_line(account, amount) | tax
        if payment.bank_charges:
            account = require_account(
                options.bank_charges_account,
                "erp.soap.options.bank_charges_account",
                "the bank kept charges back from a payment",
                "Set the G/L account of bank charges",
            )
            yield self._ledger_line(account, payment.bank_charges)
        if payment.small_difference:
            account = require_account(
                options.small_difference_account,
                "erp.soap.options.small_difference_account",
                "a payment differs by what the company tolerates",
                "Set the G/L account of small payment differences",
            )
            yield self._ledger_line(account, payment.small_difference)

    def debtor(self, line: CustomerLine) -> Row:
        payment = self.payment
        row = {
            **self._numbered(line.amount),
            "Debtor": pad_number(payment.payer),
            **_texts(line.assignment, payment.item_text),
            "CashDiscountTerms": {
                "DueCalculationBaseDate": line.due_on or payment.posting_date,
                "NetPaymentDays": timedelta(0),
            },
        }
        if payment.special_gl_indicator:
            row["DownPaymentTerms"] = {"SpecialGLCode": payment.special_gl_indicator}
        if line.belongs_to is not None:
            row["Reference3IDByBusinessPartner"] = line_key(line.belongs_to)
        return row

    def taxes(self) -> Iterator[Row]:
        for group, (each, base) in enumerate(_with_bases(self.payment), start=1):
            yield {
                **self._numbered(each.amount),
                "TaxCode": each.tax_code,
                "TaxItemClassification": self.options.tax_item_classification,
                "TaxItemGroup": _group(group),
                "TaxBaseAmountInTransCrcy": _amount(base),
            }

    def _discounts(self) -> Iterator[tuple[Money, Row]]:
        """Yield the net discount, parted by tax code, each with the tax that it belongs to."""
        payment = self.payment
        rest = payment.cash_discount
        for group, (each, base) in enumerate(_with_bases(payment), start=1):
            rest -= base
            yield base, {"Tax": {"TaxCode": each.tax_code, "TaxItemGroup": _group(group)}}
        if rest:
            yield rest, {}

    def _ledger_line(self, account: str, amount: Money) -> Row:
        payment = self.payment
        return {
            **self._numbered(amount),
            "GLAccount": pad_number(account),
            **_texts(payment.assignment, payment.item_text),
        }

    def _numbered(self, amount: Money) -> Row:
        self._last += 1
        return {
            "ReferenceDocumentItem": str(self._last),
            "AmountInTransactionCurrency": _amount(amount),
            "DebitCreditCode": _DEBIT if amount.amount >= 0 else _CREDIT,
        }


def _with_bases(payment: IncomingPayment) -> Sequence[tuple[TaxAdjustment, Money]]:
    """
    Return the corrections of tax with what each is the tax of.

    A single correction belongs to the whole discount.

    Raises:
        RejectedError: there are several, and not each says what it belongs to.
    """
    found = [each for each in payment.tax_adjustments if each.amount]
    bases = [each.base for each in found if each.base is not None]
    if len(found) == 1 and not bases:
        return [(found[0], payment.cash_discount)]
    if len(bases) != len(found):
        raise RejectedError(
            "the cash discount corrects several tax codes, and the parts that belong to each of "
            "them are not known: post it in the ERP",
            code=HoldReason.NOT_OFFERED_BY_SERVICE.value,
        )
    if bases:
        _absorb_cents(bases, payment.cash_discount)
    return list(zip(found, bases, strict=True))


def _absorb_cents(bases: list[Money], whole: Money) -> None:
    """Let the largest part take what rounding has left over, at most a unit for each part."""
    over = total(bases, whole.currency) - whole
    if over.amount > 0 or abs(over.amount) <= len(bases) * quantum(whole.currency):
        at = max(range(len(bases)), key=lambda each: bases[each].amount)
        bases[at] -= over


def _group(number: int) -> str:
    return f"{number:03}"


def _texts(assignment: str, text: str) -> Row:
    row = {"AssignmentReference": assignment, "DocumentItemText": text}
    return {name: value for name, value in row.items() if value}


def _amount(amount: Money) -> Row:
    # In full: a number with an exponent is none in XML.
    return {"_value_1": Decimal(f"{amount.amount:f}"), "currencyCode": amount.currency}
