"""
What inquiry, quotation, order, returns order and memo requests have in common.

Two views of a document live here: :class:`SalesDocument` is what the connector wants the ERP to
create, :class:`PostedSalesDocument` is what the ERP says about one that exists.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Self

from pydantic import Field, StringConstraints, model_validator

from connector.sd_documents.billing_plan import BillingPlanDate
from connector.sd_documents.conditions import Condition, ConditionValue
from connector.sd_documents.model import Frozen
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import CreditStatus, Status
from connector.sd_documents.values import (
    CurrencyCode,
    DocumentCategory,
    DocumentNumber,
    ItemNumber,
    ItemReference,
    Money,
    Quantity,
)

Key2 = Annotated[str, StringConstraints(max_length=2)]
Key4 = Annotated[str, StringConstraints(min_length=1, max_length=4)]


class SalesArea(Frozen):
    """Sales organization, distribution channel and division: who sells, how, and what."""

    sales_organization: Key4
    distribution_channel: Annotated[str, StringConstraints(min_length=1, max_length=2)]
    division: Annotated[str, StringConstraints(min_length=1, max_length=2)]

    def __str__(self) -> str:
        return f"{self.sales_organization}/{self.distribution_channel}/{self.division}"


class Text(Frozen):
    """
    A text of the header (``item_number`` empty) or of an item, under the ERP's text id.

    ``language`` is the two-letter ISO code.
    """

    text_id: Key4
    language: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "EN"
    content: str
    item_number: ItemNumber | None = None


class SalesDocumentItem(Frozen):
    """
    One item to be created.

    ``item_category`` is empty where the ERP determines it; ``schedule_lines`` are empty where the
    whole quantity is wanted on the header's date; ``reference`` names the preceding item.
    ``line_id`` is the channel's own name of the line, by which a later version of the order is
    compared with this one; the ERP never sees it.
    """

    item_number: ItemNumber
    line_id: Annotated[str, StringConstraints(max_length=64)] = ""
    material: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    requested_quantity: Quantity
    customer_material: Annotated[str, StringConstraints(max_length=35)] = ""
    item_text: Annotated[str, StringConstraints(max_length=40)] = ""
    item_category: Annotated[str, StringConstraints(max_length=4)] = ""
    plant: Annotated[str, StringConstraints(max_length=4)] = ""
    shipping_point: Annotated[str, StringConstraints(max_length=4)] = ""
    conditions: tuple[Condition, ...] = ()
    schedule_lines: tuple[ScheduleLine, ...] = ()
    reference: ItemReference | None = None

    @model_validator(mode="after")
    def _schedule_adds_up(self) -> Self:
        if self.requested_quantity.value <= 0:
            raise ValueError(f"item {self.item_number}: the quantity must be above zero")
        if self.schedule_lines:
            scheduled = sum(
                (line.requested_quantity.value for line in self.schedule_lines), Decimal(0)
            )
            if scheduled != self.requested_quantity.value:
                raise ValueError(
                    f"item {self.item_number}: schedule lines add up to {scheduled}, "
                    f"the item to {self.requested_quantity.value}"
                )
        return self


class SalesDocument(Frozen):
    """
    A sales document that the connector wants to exist.

    ``purchase_order_by_customer`` carries the connector's reference, by which the document is
    found again (BSTKD, 35 characters). Header conditions have no item number.
    """

    category: DocumentCategory
    sales_order_type: Key4
    sales_area: SalesArea
    purchase_order_by_customer: Annotated[str, StringConstraints(min_length=1, max_length=35)]
    purchase_order_date: date | None = None
    document_date: date | None = None
    requested_delivery_date: date
    valid_from: date | None = None
    valid_to: date | None = None
    pricing_date: date | None = None
    currency: CurrencyCode
    partners: tuple[Partner, ...]
    items: Annotated[tuple[SalesDocumentItem, ...], Field(min_length=1)]
    conditions: tuple[Condition, ...] = ()
    texts: tuple[Text, ...] = ()
    delivery_block_reason: Key2 = ""
    billing_block_reason: Key2 = ""
    order_reason: Annotated[str, StringConstraints(max_length=3)] = ""
    payment_terms: Annotated[str, StringConstraints(max_length=4)] = ""
    incoterms: Annotated[str, StringConstraints(max_length=3)] = ""
    incoterms_location: Annotated[str, StringConstraints(max_length=28)] = ""
    #: By what accounting matches its item with others (ZUONR), empty where the ERP determines it.
    assignment: Annotated[str, StringConstraints(max_length=18)] = ""
    reference_document: DocumentNumber | None = None
    reference_category: DocumentCategory | None = None

    #: The categories that a subclass stands for.
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {
            DocumentCategory.INQUIRY,
            DocumentCategory.QUOTATION,
            DocumentCategory.SALES_ORDER,
            DocumentCategory.RETURNS_ORDER,
            DocumentCategory.CREDIT_MEMO_REQUEST,
            DocumentCategory.DEBIT_MEMO_REQUEST,
        }
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.category not in self.allowed_categories:
            raise ValueError(f"{type(self).__name__} cannot have category {self.category}")
        numbers = [item.item_number for item in self.items]
        if len(set(numbers)) != len(numbers):
            raise ValueError("item numbers must be unique")
        if self.partner(PartnerFunction.SOLD_TO_PARTY) is None:
            raise ValueError("a sold-to party is required")
        if (self.reference_document is None) != (self.reference_category is None):
            raise ValueError("a reference needs both document and category")
        return self

    def partner(self, function: PartnerFunction) -> Partner | None:
        """Return the header partner in *function*, None where the ERP determines it."""
        return next(
            (p for p in self.partners if p.function is function and p.item_number is None), None
        )

    @property
    def sold_to_party(self) -> str:
        """Customer number of the sold-to party."""
        partner = self.partner(PartnerFunction.SOLD_TO_PARTY)
        assert partner is not None
        return partner.customer

    def all_conditions(self) -> Iterator[Condition]:
        """Yield header and item conditions, the latter with their item number filled."""
        yield from self.conditions
        for item in self.items:
            for condition in item.conditions:
                yield condition.model_copy(update={"item_number": item.item_number})


class PostedSalesDocumentItem(Frozen):
    """
    One item as the ERP has it.

    ``net_amount`` is after discounts, ``gross_amount`` before them (SUBTOTAL1), ``tax_amount`` is
    the item's share of the document's tax. ``billing_plan`` is empty for an item that is billed as
    it is delivered, or whole.
    """

    item_number: ItemNumber
    material: str
    requested_quantity: Quantity
    confirmed_quantity: Quantity
    item_category: str
    plant: str = ""
    net_amount: Money
    tax_amount: Money
    gross_amount: Money
    cost_amount: Money
    delivery_status: Status
    billing_status: Status
    overall_status: Status
    rejection_reason: str = ""
    schedule_lines: tuple[ScheduleLine, ...] = ()
    billing_plan: tuple[BillingPlanDate, ...] = ()
    reference: ItemReference | None = None


class PostedSalesDocument(Frozen):
    """A sales document as the ERP has it, with amounts, statuses and blocks."""

    number: DocumentNumber
    category: DocumentCategory
    sales_order_type: str
    sales_area: SalesArea
    purchase_order_by_customer: str
    document_date: date
    requested_delivery_date: date | None = None
    sold_to_party: str
    currency: CurrencyCode
    items: tuple[PostedSalesDocumentItem, ...]
    condition_values: tuple[ConditionValue, ...] = ()
    net_amount: Money
    tax_amount: Money
    delivery_status: Status
    billing_status: Status
    overall_status: Status
    reference_status: Status = Status.NOT_RELEVANT
    credit_status: CreditStatus = CreditStatus.NOT_EXECUTED
    delivery_block_reason: str = ""
    billing_block_reason: str = ""
    payment_terms: str = ""
    #: Mandatory data is missing (UVALL): it can neither be delivered nor billed. Off as well where
    #: the interface does not tell.
    is_incomplete: bool = False
    #: Filled by `SalesDocuments.read` alone: chains are read often, and addresses are personal.
    #: An address is there where the document has one of its own.
    partners: tuple[Partner, ...] = ()

    @property
    def total_amount(self) -> Money:
        """Net and tax together: what the customer owes."""
        return self.net_amount + self.tax_amount

    def item(self, item_number: int) -> PostedSalesDocumentItem:
        """Return one item; raises KeyError when the document has none of that number."""
        for item in self.items:
            if item.item_number == item_number:
                return item
        raise KeyError(item_number)
