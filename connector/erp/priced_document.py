"""A document that was priced and not saved, over whatever transport it was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
)
from connector.sd_documents.status import Status
from connector.sd_documents.values import pad_number, total

#: Number of a document that does not exist.
NO_NUMBER: Final = "$"


def priced_document(
    document: SalesDocument,
    items: tuple[PostedSalesDocumentItem, ...],
    condition_values: Iterable[ConditionValue],
    *,
    sold_to_party: str,
    currency: str,
    today: date,
) -> PostedSalesDocument:
    """
    Return *document* as it was priced.

    Args:
        sold_to_party: as the ERP answered it, empty for that of *document*.
        today: document date where *document* has none.
    """
    return PostedSalesDocument(
        number=NO_NUMBER,
        category=document.category,
        sales_order_type=document.sales_order_type,
        sales_area=document.sales_area,
        purchase_order_by_customer=document.purchase_order_by_customer,
        document_date=document.document_date or today,
        requested_delivery_date=document.requested_delivery_date,
        sold_to_party=sold_to_party or pad_number(document.sold_to_party),
        currency=currency,
        items=items,
        condition_values=tuple(condition_values),
        net_amount=total((item.net_amount for item in items), currency),
        tax_amount=total((item.tax_amount for item in items), currency),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_RELEVANT,
        payment_terms=document.payment_terms,
    )
