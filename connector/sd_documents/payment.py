"""Incoming payments, customer items and their clearing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from connector.sd_documents.model import Frozen
from connector.sd_documents.values import CurrencyCode, DocumentNumber, Money, pad_number, total

#: Company code, number and fiscal year: numbers of FI begin again each year.
FiDocument = tuple[str, str, int]


class AccountingDocumentKey(Frozen):
    """An FI document: company code, number, fiscal year."""

    company_code: str
    accounting_document: DocumentNumber
    fiscal_year: Annotated[int, Field(ge=1900, le=9999)]

    @property
    def document(self) -> FiDocument:
        """The same as a plain value."""
        return self.company_code, self.accounting_document, self.fiscal_year

    def __str__(self) -> str:
        return f"{self.company_code}/{self.accounting_document}/{self.fiscal_year}"


class CustomerItem(Frozen):
    """
    One line of a customer account in FI, open or cleared.

    ``amount`` is positive for a receivable, negative for a credit. ``invoice_reference`` (REBZG)
    is the document that a partial payment, residual item or credit memo belongs to, empty
    otherwise. ``clearing_document`` and ``cleared_on`` are empty while the item is open.
    ``invoice_reference_year`` (REBZJ) and ``clearing_year`` are the fiscal years of these
    documents, None where they were not read: `document`, `invoice` and `clearing` tell documents
    of one number apart.
    ``local_amount`` is the amount in the company code's currency, signed alike, None where it was
    not read. ``dunning_level`` (MANST) is 0 where the item was never dunned, ``last_dunned_on``
    (MADAT) is then empty; ``dunning_block`` (MANSP) keeps it from being dunned, e.g. while it is
    disputed.

    Source: tables BSID and BSAD.
    """

    key: AccountingDocumentKey
    line_item: Annotated[int, Field(ge=1, le=999)]
    document_type: str
    customer: str
    amount: Money
    posting_date: date
    document_date: date
    entry_date: date
    baseline_date: date
    cash_discount_days_1: int = 0
    cash_discount_percent_1: Decimal = Decimal(0)
    cash_discount_days_2: int = 0
    cash_discount_percent_2: Decimal = Decimal(0)
    net_days: int = 0
    reference: str = ""
    assignment: str = ""
    invoice_reference: str = ""
    invoice_reference_year: int | None = None
    billing_document: str = ""
    clearing_document: DocumentNumber | None = None
    clearing_year: int | None = None
    cleared_on: date | None = None
    reconciliation_account: str = ""
    special_gl_indicator: str = ""
    local_amount: Money | None = None
    payment_terms: str = ""
    dunning_level: Annotated[int, Field(ge=0, le=9)] = 0
    last_dunned_on: date | None = None
    dunning_block: str = ""

    @property
    def document(self) -> FiDocument:
        """The document that the line stands in."""
        return self.key.document

    @property
    def clearing(self) -> FiDocument | None:
        """
        The document that cleared the line, None while it is open.

        Without its year that of the day of clearing: the item's own year, as many years later.
        """
        if self.clearing_document is None:
            return None
        year = self.clearing_year
        if year is None:
            later = self.cleared_on.year - self.posting_date.year if self.cleared_on else 0
            year = self.key.fiscal_year + later
        return self.key.company_code, self.clearing_document, year

    @property
    def invoice(self) -> FiDocument | None:
        """The document that the line belongs to (REBZG), None without; its own year if unread."""
        if not self.invoice_reference:
            return None
        year = self.invoice_reference_year or self.key.fiscal_year
        return self.key.company_code, pad_number(self.invoice_reference), year

    @property
    def net_due_on(self) -> date:
        """
        The day until which payment without discount is in time.

        Baseline date plus the last filled number of days; a credit without invoice reference is
        due at its baseline date. Source: ZFBDT, ZBD1T to ZBD3T.
        """
        if self.amount.amount < 0 and not self.invoice_reference:
            return self.baseline_date
        days = self.net_days or self.cash_discount_days_2 or self.cash_discount_days_1
        return self.baseline_date + timedelta(days=days)

    def is_open_on(self, key_date: date) -> bool:
        """Posted until *key_date* and not cleared by then: cleared later still counts as open."""
        return self.posting_date <= key_date and (
            self.cleared_on is None or self.cleared_on > key_date
        )


def with_invoice_years(items: Sequence[CustomerItem]) -> Sequence[CustomerItem]:
    """
    Return *items* with the years of the documents that they name, where those were not read.

    Items that were kept before years were read name an invoice by its number: it is the youngest
    of that number among *items* that is not of a later year.
    """
    if not any(each.invoice_reference and each.invoice_reference_year is None for each in items):
        return items
    years: dict[tuple[str, str], set[int]] = {}
    for each in items:
        company_code, number, year = each.document
        years.setdefault((company_code, number), set()).add(year)
    return [_with_invoice_year(each, years) for each in items]


def _with_invoice_year(
    item: CustomerItem, years: Mapping[tuple[str, str], set[int]]
) -> CustomerItem:
    if item.invoice is None or item.invoice_reference_year is not None:
        return item
    company_code, number, own = item.invoice
    known = [year for year in years.get((company_code, number), ()) if year <= own]
    return item.model_copy(update={"invoice_reference_year": max(known, default=own)})


class ItemToClear(Frozen):
    """
    An open customer item that a payment pays in full (after discount).

    ``net_due_on`` is when it was due: a rest of it is due then. None where that is not known.
    """

    key: AccountingDocumentKey
    line_item: int
    amount: Money
    net_due_on: date | None = None


class TaxAdjustment(Frozen):
    """
    Share of a cash discount that corrects output tax, per tax code.

    ``base`` is the part of the net discount that it is the tax of, None where that is not known.
    """

    tax_code: str
    amount: Money
    base: Money | None = None


class Remainder(StrEnum):
    """What becomes of the difference between what a payment settles and the items it pays."""

    #: There is none.
    NONE = ""
    #: More was paid: the surplus stays as an open credit.
    ON_ACCOUNT = "on account"
    #: Less was paid: the items are cleared, and the rest becomes a new open item.
    RESIDUAL = "residual"
    #: Less was paid: nothing is cleared; the payment stays open beside what it belongs to.
    PARTIAL = "partial"


class IncomingPayment(Frozen):
    """
    A payment to be posted.

    ``received`` is what reached the bank account; with ``cash_discount`` (net), its
    ``tax_adjustments``, the ``bank_charges`` that the bank kept back and a ``small_difference`` it
    settles their sum of receivables. ``items`` are empty for a payment on account.
    ``payment_reference`` is unique per payment and how it is found again (XBLNR, 16 characters).
    """

    payment_reference: Annotated[str, StringConstraints(min_length=1, max_length=16)]
    company_code: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    payer: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    document_date: date
    posting_date: date
    received: Money
    bank_account: Annotated[str, StringConstraints(min_length=1, max_length=10)]
    cash_discount: Money
    tax_adjustments: tuple[TaxAdjustment, ...] = ()
    bank_charges: Money | None = None
    #: Written off within what the company tolerates: above zero where less was received.
    small_difference: Money | None = None
    #: Marks a down payment (``A``): it stands apart from the receivables until it is cleared.
    special_gl_indicator: Annotated[str, StringConstraints(max_length=1)] = ""
    items: tuple[ItemToClear, ...] = ()
    remainder: Remainder = Remainder.NONE
    assignment: Annotated[str, StringConstraints(max_length=18)] = ""
    item_text: Annotated[str, StringConstraints(max_length=50)] = ""

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.received.amount <= 0:
            raise ValueError("a payment must be above zero")
        if self.bank_charges is not None and self.bank_charges.amount < 0:
            raise ValueError("bank charges cannot be below zero")
        if self.items:
            self._require_remainder()
        elif self.remainder is not Remainder.NONE or self.small_difference is not None:
            raise ValueError("a payment without items has no remainder")
        if self.items and self.special_gl_indicator:
            raise ValueError("a down payment clears nothing when it is posted")
        return self

    def _require_remainder(self) -> None:
        rest = self.surplus.amount
        fits = {
            Remainder.NONE: rest == 0,
            Remainder.ON_ACCOUNT: rest > 0,
            Remainder.RESIDUAL: rest < 0,
            Remainder.PARTIAL: rest < 0,
        }
        if not fits[self.remainder]:
            cleared, kind = self.settled - self.surplus, self.remainder.value
            what = f"clears {cleared.amount} but settles {self.settled}"
            raise ValueError(f"{what}, which leaves no {kind}" if kind else what)

    @property
    def settled(self) -> Money:
        """What the customer account is credited with."""
        result = self.received + self.cash_discount
        for adjustment in self.tax_adjustments:
            result += adjustment.amount
        for part in (self.bank_charges, self.small_difference):
            if part is not None:
                result += part
        return result

    @property
    def surplus(self) -> Money:
        """What is settled beyond the items, below zero where it is less; all without items."""
        return self.settled - total((item.amount for item in self.items), self.received.currency)


class ExchangeDifference(Frozen):
    """
    What an FI document realised of other exchange rates on one G/L account.

    ``amount`` is in the company code's currency, positive for a loss; ``currency`` is that of the
    document.
    """

    key: AccountingDocumentKey
    account: str
    currency: CurrencyCode
    amount: Money


class AccountBalance(Frozen):
    """
    Balance of a G/L account at a key date in one currency, positive for a debit balance.

    ``local_balance`` is the same in the company code's currency, None where it was not read.
    ``special_gl_indicator`` is that of the items which the account is kept for, empty for a
    receivables account, and where its system does not say.
    """

    company_code: str
    account: str
    currency: CurrencyCode
    key_date: date
    balance: Money
    local_balance: Money | None = None
    special_gl_indicator: str = ""
