"""
The returns order over OData (VBTYP H): API_CUSTOMER_RETURN_SRV.

The service says neither how far items are delivered nor how far they are billed; the first is read
off the schedule lines, the second off the overall status.
"""

from __future__ import annotations

from typing import Final

from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C

SHAPE: Final = Shape(
    service="API_CUSTOMER_RETURN_SRV",
    category=C.RETURNS_ORDER,
    document="CustomerReturn",
    partner_set="A_CustomerReturnPartner",
    item_partner_set="A_CustomerReturnItemPartner",
    plant="ProductionPlant",
    header=(
        "RequestedDeliveryDate", "DeliveryBlockReason", "ReferenceSDDocument",
        "ReferenceSDDocumentCategory",
    ),
    item=(
        "ReferenceSDDocument", "ReferenceSDDocumentItem", "ReferenceSDDocumentCategory",
        "Subtotal1Amount",
    ),
    sent=frozenset({"RequestedDeliveryDate", "DeliveryBlockReason", "ReferenceSDDocument"}),
    schedule=(
        "ScheduleLine", "OrderQuantityUnit", "ConfdOrderQtyByMatlAvailCheck",
        "DeliveredQtyInOrderQtyUnit",
    ),
    schedule_set="A_CustomerReturnScheduleLine",
    refers_to=C.SALES_ORDER,
)  # fmt: skip
