"""The values SD documents are made of: document numbers, quantities, money, references."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from connector.sd_documents.currency import decimals_of, quantum, round_amount
from connector.sd_documents.model import Frozen


class UnitMismatchError(ValueError):
    """Two quantities in different units met. Convert before calling."""


class CurrencyMismatchError(ValueError):
    """Two amounts in different currencies met. Convert before calling."""


def pad_number(number: str) -> str:
    """
    Return *number* as the ERP stores it: digits zero-padded to 10, anything else unchanged.

    Source: conversion exit ALPHA of the document number domain (CHAR 10).
    """
    return number.zfill(10) if number.isdigit() else number


def display_number(number: str) -> str:
    """Return *number* without its leading zeros, as people write it."""
    return number.lstrip("0") or number


DocumentNumber = Annotated[str, StringConstraints(min_length=1, max_length=10)]
"""Number of an ERP document, zero-padded to 10 characters where it is numeric."""

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217 code."""

Unit = Annotated[str, StringConstraints(min_length=1, max_length=3)]
"""Internal unit of measure of the ERP, e.g. ``PC`` or ``ST``: at most 3 characters."""

ItemNumber = Annotated[int, Field(ge=1, le=999999)]
"""Item number, e.g. 10; six digits in the ERP."""


class DocumentCategory(StrEnum):
    """
    Category of an SD or follow-on document.

    Source: domain VBTYP; S/4HANA widens it to four characters with the same meanings.
    """

    INQUIRY = "A"
    QUOTATION = "B"
    SALES_ORDER = "C"
    CONTRACT = "G"
    RETURNS_ORDER = "H"
    DELIVERY = "J"
    CREDIT_MEMO_REQUEST = "K"
    DEBIT_MEMO_REQUEST = "L"
    INVOICE = "M"
    INVOICE_CANCELLATION = "N"
    CREDIT_MEMO = "O"
    DEBIT_MEMO = "P"
    GOODS_MOVEMENT = "R"
    CREDIT_MEMO_CANCELLATION = "S"
    RETURNS_DELIVERY = "T"
    PRO_FORMA_INVOICE = "U"
    PURCHASE_ORDER = "V"
    GOODS_ISSUE_REVERSAL = "h"
    GOODS_RECEIPT = "i"
    #: Not an SD category: the FI document of a receipt or a clearing, where a chain ends.
    ACCOUNTING_DOCUMENT = "+"


class Quantity(Frozen):
    """A quantity with its unit; never negative, three decimals at most (ERP type QUAN 15.3)."""

    value: Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=3)]
    unit: Unit

    def __add__(self, other: Quantity) -> Quantity:
        self._same_unit(other)
        return Quantity(value=self.value + other.value, unit=self.unit)

    def minus_at_least_zero(self, other: Quantity) -> Quantity:
        """Return the difference, or zero when *other* is larger."""
        self._same_unit(other)
        return Quantity(value=max(self.value - other.value, Decimal(0)), unit=self.unit)

    def _same_unit(self, other: Quantity) -> None:
        if self.unit != other.unit:
            raise UnitMismatchError(f"{self.unit} and {other.unit} cannot be added")

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit}"


#: Amounts below ten to this power have fewer than 28 digits, whatever their currency.
_SURELY_FITS: Final = 24


class Money(Frozen):
    """
    An exact amount with its currency, in the currency's own decimals.

    Amounts with more decimals are refused, never rounded silently: use :meth:`rounded`.
    """

    amount: Decimal
    currency: CurrencyCode

    @model_validator(mode="after")
    def _fits_currency(self) -> Self:
        unit = quantum(self.currency)
        # Nearly all amounts come in their currency's decimals: there is nothing to change then.
        if self.amount.same_quantum(unit) and self.amount.adjusted() < _SURELY_FITS:
            return self
        if not self.amount.is_finite():
            raise ValueError("an amount must be finite")
        try:
            in_decimals = self.amount.quantize(unit)
        except InvalidOperation:
            raise ValueError("an amount has 28 digits at most") from None
        if in_decimals != self.amount:
            raise ValueError(
                f"{self.amount} has more decimals than {self.currency} has "
                f"({decimals_of(self.currency)})"
            )
        # Not a rounding: the check above has shown that nothing is lost.
        object.__setattr__(self, "amount", in_decimals)
        return self

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> Money:
        """Return *amount* rounded half away from zero to the decimals of *currency*."""
        return cls(amount=round_amount(amount, currency), currency=currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Return nothing, in *currency*."""
        return cls(amount=Decimal(0), currency=currency)

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(amount=self.amount - other.amount, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency} cannot be added")

    def __str__(self) -> str:
        return f"{self.amount:,.{decimals_of(self.currency)}f} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add up *amounts*, all in *currency*; nothing adds up to zero."""
    result = Decimal(0)
    for each in amounts:
        if each.currency != currency:
            raise CurrencyMismatchError(f"{currency} and {each.currency} cannot be added")
        result += each.amount
    return Money(amount=result, currency=currency)


class ItemReference(Frozen):
    """Points at one item of one document, e.g. sales order 0000004711 item 10."""

    category: DocumentCategory
    document: DocumentNumber
    item_number: ItemNumber

    # Flows are searched by reference all the time; comparing three fields directly is an order of
    # magnitude faster than the model's own comparison, and means the same.
    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ItemReference)
            and self.item_number == other.item_number
            and self.document == other.document
            and self.category is other.category
        )

    def __hash__(self) -> int:
        return hash((self.document, self.item_number))

    def __str__(self) -> str:
        return f"{display_number(self.document)}/{self.item_number}"
