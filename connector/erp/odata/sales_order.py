"""
The sales order over OData (VBTYP C): API_SALES_ORDER_SRV.

The release of 2020 shows neither the process flow nor billing plans nor amounts beyond the net
value, and takes no schedule lines and no addresses; later ones do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from connector.erp.odata.billing_plan import PLAN_DATE
from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C

SERVICE: Final = "API_SALES_ORDER_SRV"
#: An entity set that tells the releases apart.
ONLY_IN_2026: Final = "A_SalesOrderItmSubsqntProcFlow"

SHAPE_2020: Final = Shape(
    service=SERVICE,
    category=C.SALES_ORDER,
    document="SalesOrder",
    partner_set="A_SalesOrderHeaderPartner",
    item_partner_set="A_SalesOrderItemPartner",
    plant="ProductionPlant",
    header=(
        "RequestedDeliveryDate",
        "DeliveryBlockReason",
        "OverallTotalDeliveryStatus",
        "ReferenceSDDocument",
        "ReferenceSDDocumentCategory",
    ),
    item=(
        "RequestedQuantitySAPUnit",
        "ReferenceSDDocument",
        "ReferenceSDDocumentItem",
        "DeliveryStatus",
        "OrderRelatedBillingStatus",
    ),
    sent=frozenset({"RequestedDeliveryDate", "DeliveryBlockReason", "ReferenceSDDocument"}),
    schedule=(
        "ScheduleLine",
        "RequestedDeliveryDate",
        "OrderQuantityUnit",
        "ScheduleLineOrderQuantity",
        "ConfdOrderQtyByMatlAvailCheck",
    ),
    schedule_set="A_SalesOrderScheduleLine",
    refers_to=C.QUOTATION,
)

SHAPE_2026: Final = replace(
    SHAPE_2020,
    header=(
        *SHAPE_2020.header, "OverallDeliveryStatus", "OverallOrdReltdBillgStatus",
        "OverallSDDocReferenceStatus",
    ),
    item=(
        *SHAPE_2020.item, "ConfdDelivQtyInOrderQtyUnit", "TaxAmount", "CostAmount",
        "Subtotal1Amount",
    ),
    takes_schedule=True,
    plan=PLAN_DATE,
    address=(
        "AddressRepresentationCode", "OrganizationName1", "OrganizationName2", "StreetName",
        "PostalCode", "CityName", "Region", "Country", "PhoneNumber", "EmailAddress",
    ),
    partner_address_set="A_SalesOrderPartnerAddress",
    flow="to_SubsequentProcFlowDocItem",
    flow_fields=(
        "SubsequentDocument", "SubsequentDocumentItem", "SubsequentDocumentCategory",
        "CreationDate",
    ),
)  # fmt: skip
