"""The quotation over OData (VBTYP B): API_SALES_QUOTATION_SRV. It shows no schedule lines."""

from __future__ import annotations

from typing import Final

from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C

SHAPE: Final = Shape(
    service="API_SALES_QUOTATION_SRV",
    category=C.QUOTATION,
    document="SalesQuotation",
    partner_set="A_SalesQuotationPartner",
    item_partner_set="A_SalesQuotationItemPartner",
    plant="Plant",
    header=(
        "RequestedDeliveryDate", "DeliveryBlockReason", "ReferenceSDDocument",
        "ReferenceSDDocumentCategory",
    ),
    item=(
        "RequestedQuantitySAPUnit", "ReferenceSDDocument", "ReferenceSDDocumentItem",
        "Subtotal1Amount",
    ),
    sent=frozenset(
        {
            "RequestedDeliveryDate", "DeliveryBlockReason", "BindingPeriodValidityStartDate",
            "BindingPeriodValidityEndDate", "ReferenceSDDocument",
        }
    ),
    flow="to_SubsequentProcFlowDocItem",
    flow_fields=(
        "SubsequentDocument", "SubsequentDocumentItem", "SubsequentDocumentCategory",
        "CreationDate",
    ),
    refers_to=C.INQUIRY,
)  # fmt: skip
