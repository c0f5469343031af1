"""
The credit memo request over OData (VBTYP K): API_CREDIT_MEMO_REQUEST_SRV.

Nothing is delivered for it, so it has no requested date and no delivery block.
"""

from __future__ import annotations

from typing import Final

from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C

SHAPE: Final = Shape(
    service="API_CREDIT_MEMO_REQUEST_SRV",
    category=C.CREDIT_MEMO_REQUEST,
    document="CreditMemoRequest",
    partner_set="A_CreditMemoReqPartner",
    item_partner_set="A_CreditMemoReqItemPartner",
    plant="Plant",
    header=("ReferenceSDDocument", "ReferenceSDDocumentCategory", "OverallOrdReltdBillgStatus"),
    item=(
        "RequestedQuantitySAPUnit", "ReferenceSDDocument", "ReferenceSDDocumentItem",
        "OrderRelatedBillingStatus", "Subtotal1Amount",
    ),
    sent=frozenset({"ReferenceSDDocument"}),
    flow="to_ItemSubsqntProcFlow",
    flow_fields=(
        "SubsequentDocument", "SubsequentDocumentItem", "SubsequentDocumentCategory",
        "CreationDate",
    ),
    refers_to=C.INVOICE,
)  # fmt: skip
