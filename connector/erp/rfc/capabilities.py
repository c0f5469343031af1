"""What RFC can do on ECC and on S/4HANA on premise, with the functions and tables it takes."""

from __future__ import annotations

from typing import Final

from connector.ports.capabilities import Access, Capabilities, Capability, ErpOperation

_ORDER_CHANGE: Final = "BAPI_SALESORDER_CHANGE"
_LIST: Final = "BAPISDORDER_GETDETAILEDLIST"


def _created(*through: str) -> Capability:
    return Capability(Access.CREATE, through)


def _read(*through: str) -> Capability:
    return Capability(Access.READ, through)


#: A printed invoice is not among them: no delivered function hands one out as PDF.
CAPABILITIES: Final[Capabilities] = {
    ErpOperation.INQUIRY: _created("BAPI_INQUIRY_CREATEFROMDATA2", _LIST),
    ErpOperation.QUOTATION: _created("BAPI_QUOTATION_CREATEFROMDATA2", _LIST),
    ErpOperation.SALES_ORDER: _created("BAPI_SALESORDER_CREATEFROMDAT2", _ORDER_CHANGE, _LIST),
    ErpOperation.RETURNS_ORDER: _created("BAPI_CUSTOMERRETURN_CREATE", _LIST),
    ErpOperation.CREDIT_MEMO_REQUEST: _created("BAPI_SALESORDER_CREATEFROMDAT2", _LIST),
    ErpOperation.DEBIT_MEMO_REQUEST: _created("BAPI_SALESORDER_CREATEFROMDAT2", _LIST),
    ErpOperation.SIMULATION: _read("BAPI_SALESORDER_SIMULATE"),
    ErpOperation.DELIVERY: _created("BAPI_OUTB_DELIVERY_CREATE_SLS", "LIKP", "LIPS"),
    ErpOperation.GOODS_ISSUE: _created("BAPI_OUTB_DELIVERY_CONFIRM_DEC"),
    ErpOperation.BILLING: _created(
        "BAPI_BILLINGDOC_CREATEMULTIPLE", "BAPI_BILLINGDOC_CANCEL1", "VBRK", "VBRP"
    ),
    ErpOperation.BILLING_PDF: Capability(Access.NONE),
    ErpOperation.PAYMENT: _created("BAPI_ACC_DOCUMENT_POST", "BKPF", "BSEG"),
    ErpOperation.DOCUMENT_FLOW: _read(_LIST, "VBFA"),
    ErpOperation.OPEN_ITEMS: _read("BAPI_AR_ACC_GETOPENITEMS", "BSID", "BSAD"),
    ErpOperation.MASTER_DATA: _read("KNA1", "KNVP", "KNMT", "MARA", "T006"),
}
