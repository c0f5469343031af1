"""What is to be changed in a sales document that exists: the difference, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from connector.sd_documents.model import Frozen
from connector.sd_documents.partners import Partner
from connector.sd_documents.sales_document import Key2, SalesDocumentItem
from connector.sd_documents.values import (
    DocumentCategory,
    DocumentNumber,
    ItemNumber,
    Quantity,
)


class SalesDocumentItemChange(Frozen):
    """
    What changes in one item; a field that is empty stays as it is.

    ``requested_quantity`` replaces the item's quantity, all of it on ``requested_delivery_date``
    where that is given, else on the item's first date. ``rejection_reason`` rejects the item
    (ABGRU); an empty text there lifts the rejection.
    """

    item_number: ItemNumber
    requested_quantity: Quantity | None = None
    requested_delivery_date: date | None = None
    rejection_reason: Annotated[str, StringConstraints(max_length=2)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.model_fields_set <= {"item_number"}:
            raise ValueError(f"item {self.item_number}: nothing is changed")
        return self


class SalesDocumentChange(Frozen):
    """
    A change of document ``number``; fields that are empty stay as they are in the ERP.

    ``partners`` replace the partner or address of their function (and item); ``added_items`` carry
    item numbers that the document does not have. The reference serves to recognise the document
    and is never changed.
    """

    number: DocumentNumber
    category: DocumentCategory
    purchase_order_by_customer: Annotated[str, StringConstraints(max_length=35)] = ""
    requested_delivery_date: date | None = None
    delivery_block_reason: Key2 | None = None
    billing_block_reason: Key2 | None = None
    partners: tuple[Partner, ...] = ()
    items: tuple[SalesDocumentItemChange, ...] = ()
    added_items: tuple[SalesDocumentItem, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        numbers = self.item_numbers
        if len(set(numbers)) != len(numbers):
            raise ValueError("an item is changed or added once at most")
        if self.model_fields_set <= {"number", "category", "purchase_order_by_customer"}:
            raise ValueError(f"document {self.number}: nothing is changed")
        return self

    @property
    def item_numbers(self) -> tuple[int, ...]:
        """Numbers of the items that are changed, then of those that are added."""
        changed = tuple(item.item_number for item in self.items)
        return changed + tuple(item.item_number for item in self.added_items)
