"""What OData v2 can do on S/4HANA, with the services it takes."""

from __future__ import annotations

from typing import Final

from connector.erp.odata import (
    billing_document,
    credit_memo_request,
    customer_items,
    delivery_reading,
    inquiry,
    quotation,
    returns_order,
    sales_order,
    simulation,
)
from connector.ports.capabilities import Access, Capabilities, Capability, ErpOperation

_DELIVERIES: Final = f"{delivery_reading.SERVICE};v={delivery_reading.VERSION}"
_BILLING: Final = billing_document.SERVICE
_ITEMS: Final = customer_items.SERVICE


def _created(*through: str) -> Capability:
    return Capability(Access.CREATE, through)


def _read(*through: str) -> Capability:
    return Capability(Access.READ, through)


#: Debit memo requests and master data have services in S/4HANA whose interfaces were not at hand;
#: payments are posted by a SOAP service; billing documents are created by the ERP's own run alone.
CAPABILITIES: Final[Capabilities] = {
    ErpOperation.INQUIRY: _read(inquiry.SHAPE.service),
    ErpOperation.QUOTATION: _created(quotation.SHAPE.service),
    ErpOperation.SALES_ORDER: _created(sales_order.SERVICE),
    ErpOperation.RETURNS_ORDER: _created(returns_order.SHAPE.service),
    ErpOperation.CREDIT_MEMO_REQUEST: _created(credit_memo_request.SHAPE.service),
    ErpOperation.DEBIT_MEMO_REQUEST: Capability(Access.NONE),
    ErpOperation.SIMULATION: _read(simulation.SERVICE),
    ErpOperation.DELIVERY: _created(_DELIVERIES),
    ErpOperation.GOODS_ISSUE: _created(_DELIVERIES),
    ErpOperation.BILLING: Capability(Access.CHANGE, (_BILLING,)),
    ErpOperation.BILLING_PDF: _read(_BILLING),
    ErpOperation.PAYMENT: Capability(Access.NONE),
    ErpOperation.DOCUMENT_FLOW: _read(
        sales_order.SERVICE, quotation.SHAPE.service, _DELIVERIES, _BILLING, _ITEMS
    ),
    ErpOperation.OPEN_ITEMS: _read(_ITEMS),
    ErpOperation.MASTER_DATA: Capability(Access.NONE),
}
