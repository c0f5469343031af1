"""Documents that the tests create."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from connector.sd_documents.conditions import Condition
from connector.sd_documents.credit_memo_request import CreditMemoRequest
from connector.sd_documents.debit_memo_request import DebitMemoRequest
from connector.sd_documents.inquiry import Inquiry
from connector.sd_documents.partners import Partner, PartnerFunction
from connector.sd_documents.quotation import Quotation
from connector.sd_documents.returns_order import ReturnsOrder
from connector.sd_documents.sales_document import SalesArea, SalesDocument, SalesDocumentItem
from connector.sd_documents.sales_order import SalesOrder
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money, Quantity

TODAY = date(2026, 1, 5)
LATER = date(2026, 1, 12)

#: Document type and class by category.
KINDS: dict[C, tuple[str, type[SalesDocument]]] = {
    C.INQUIRY: ("AF", Inquiry),
    C.QUOTATION: ("AG", Quotation),
    C.SALES_ORDER: ("TA", SalesOrder),
    C.RETURNS_ORDER: ("RE", ReturnsOrder),
    C.CREDIT_MEMO_REQUEST: ("G2", CreditMemoRequest),
    C.DEBIT_MEMO_REQUEST: ("L2", DebitMemoRequest),
}


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def pieces(value: str, unit: str = "ST") -> Quantity:
    return Quantity(value=Decimal(value), unit=unit)


def item(
    number: int = 10,
    material: str = "M-01",
    quantity: str = "3",
    unit: str = "ST",
    conditions: Sequence[Condition] = (),
    reference: ItemReference | None = None,
) -> SalesDocumentItem:
    return SalesDocumentItem(
        item_number=number,
        material=material,
        requested_quantity=pieces(quantity, unit),
        conditions=tuple(conditions),
        reference=reference,
    )


def sales_document(
    reference: str,
    *items: SalesDocumentItem,
    category: C = C.SALES_ORDER,
    customer: str = "C-100",
    organization: str = "1000",
    currency: str = "EUR",
    **more: Any,
) -> SalesDocument:
    """Return a document of *category* over *items* (one piece of M-01 when there is none)."""
    document_type, model = KINDS[category]
    if category is C.RETURNS_ORDER:
        more.setdefault("order_reason", "101")
    if category is C.QUOTATION:
        more = {"valid_from": TODAY, "valid_to": date(2026, 12, 31), **more}
    area = SalesArea(sales_organization=organization, distribution_channel="20", division="00")
    return model(
        category=category,
        sales_order_type=document_type,
        sales_area=area,
        purchase_order_by_customer=reference,
        requested_delivery_date=LATER,
        currency=currency,
        partners=(Partner(function=PartnerFunction.SOLD_TO_PARTY, customer=customer),),
        items=items or (item(),),
        **more,
    )
