"""The inquiry over OData (VBTYP A): API_SALES_INQUIRY_SRV, which reads only."""

from __future__ import annotations

from typing import Final

from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C

SHAPE: Final = Shape(
    service="API_SALES_INQUIRY_SRV",
    category=C.INQUIRY,
    document="SalesInquiry",
    partner_set="A_SalesInquiryPartner",
    item_partner_set="A_SalesInquiryItemPartner",
    read_only=True,
)
