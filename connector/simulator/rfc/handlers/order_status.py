"""BAPI_SALESORDER_GETSTATUS and BAPI_SALESORDER_GETLIST: the older reads of sales orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.simulator.engine.keys import material_key
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers.messages import bapireturn, message

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem


def status(call: Call) -> dict[str, Any]:
    """
    BAPI_SALESORDER_GETSTATUS: one row per item and delivery; an item without delivery has one.

    Amounts here are of type CURR: stored form, shifted by the currency's decimals.
    """
    number = call.text("SALESDOCUMENT")
    document = call.erp.sales_document(number)
    if document is None:
        problem = message(call, "sales document does not exist", number)
        return {"RETURN": bapireturn(problem), "STATUSINFO": []}
    rows: list[dict[str, Any]] = []
    state = call.erp.sales_status(document.number)
    for item in document.items:
        about = _item_status(call, document, item)
        about["PRC_STAT_H"], about["DLV_STAT_H"] = state.overall, state.delivery
        about["DLV_STAT_I"] = state.items[item.item_number].delivery
        delivered = [
            {
                **about,
                "DELIV_NUMB": delivery.number,
                "DELIV_ITEM": line.item_number,
                "DELIV_DATE": delivery.delivery_date,
                "DLV_QTY": line.quantity,
                "REF_QTY": line.quantity,
                "S_UNIT_DLV": line.sales_unit,
                "DLV_UNIT_ISO": keys.unit_iso(call.erp.master_data, line.sales_unit),
            }
            for delivery in call.erp.deliveries_of(document.number)
            for line in delivery.items
            if line.reference_item == item.item_number
        ]
        rows.extend(delivered or [about])
    return {"RETURN": {}, "STATUSINFO": rows}


def _item_status(call: Call, document: SalesDocument, item: SalesItem) -> dict[str, Any]:
    master = call.erp.master_data
    return {
        "DOC_NUMBER": document.number,
        "DOC_DATE": document.document_date,
        "PURCH_NO": document.purchase_order_by_customer,
        "PURCH_NO_C": document.purchase_order_by_customer,
        "REQ_DATE_H": document.requested_delivery_date,
        "DLV_BLOCK": document.delivery_block,
        "ITM_NUMBER": item.item_number,
        **keys.material_fields(item.material),
        "SHORT_TEXT": item.description,
        "REQ_DATE": item.requested_delivery_date or document.requested_delivery_date,
        "REQ_QTY": item.quantity,
        "CUM_CF_QTY": item.confirmed_quantity,
        "SALES_UNIT": item.sales_unit,
        "S_UNIT_ISO": keys.unit_iso(master, item.sales_unit),
        "NET_VALUE": keys.to_stored(master, item.net_value, document.currency),
        "CURRENCY": document.currency,
        "CURR_ISO": document.currency[:3],
        "NET_PRICE": keys.to_stored(master, item.net_price, document.currency),
        "COND_P_UNT": item.net_price_per,
        "COND_UNIT": item.net_price_unit,
        "PO_ITM_NO": item.purchase_order_item,
        "CREATION_DATE": keys.local(call.erp, document.created_at).date(),
        "CREATION_TIME": keys.local(call.erp, document.created_at).time(),
        "REA_FOR_RE": item.rejection_reason,
    }


def order_list(call: Call) -> dict[str, Any]:
    """BAPI_SALESORDER_GETLIST: the items of a customer's orders in a sales organization."""
    customer = call.text("CUSTOMER_NUMBER")
    organization = call.text("SALES_ORGANIZATION")
    since = keys.as_date(call.text("DOCUMENT_DATE"))
    until = keys.as_date(call.text("DOCUMENT_DATE_TO")) or since
    reference = call.text("PURCHASE_ORDER_NUMBER")
    short = call.text("PURCHASE_ORDER")
    material = material_key(call.text("MATERIAL_LONG") or call.text("MATERIAL"))
    rows: list[dict[str, Any]] = []
    for document in call.erp.sales_documents_of_customer(customer):
        date_fits = since is None or since <= document.document_date <= (until or since)
        known = document.purchase_order_by_customer
        fits = (
            document.category == "C"
            and document.sales_organization == organization
            and date_fits
            and reference in ("", known)
            and short in ("", known[:20])
        )
        if fits:
            rows.extend(
                _listed(call, document, item)
                for item in document.items
                if material in ("", item.material)
            )
    return {"RETURN": {}, "SALES_ORDERS": rows}


def _listed(call: Call, document: SalesDocument, item: SalesItem) -> dict[str, Any]:
    return {
        "SD_DOC": document.number,
        "ITM_NUMBER": item.item_number,
        **keys.material_fields(item.material),
        "SHORT_TEXT": item.description,
        "DOC_TYPE": document.document_type,
        "DOC_DATE": document.document_date,
        "REQ_DATE": item.requested_delivery_date or document.requested_delivery_date,
        "REQ_QTY": item.quantity,
        "SALES_UNIT": item.sales_unit,
        "CURRENCY": document.currency,
        "NET_PRICE": item.net_price,
        "NET_VALUE": item.net_value,
        "NET_VAL_HD": document.net_value,
        "SOLD_TO": document.sold_to,
        "PURCH_NO": document.purchase_order_by_customer,
        "PURCH_NO_C": document.purchase_order_by_customer,
        "SALES_ORG": document.sales_organization,
        "DISTR_CHAN": document.distribution_channel,
        "DIVISION": document.division,
        "DLV_BLOCK": document.delivery_block,
        "BILL_BLOCK": document.billing_block,
        "DOC_STATUS": call.erp.sales_status(document.number).overall,
        "CREATION_DATE": keys.local(call.erp, document.created_at).date(),
    }


HANDLERS: dict[str, Handler] = {
    "BAPI_SALESORDER_GETSTATUS": status,
    "BAPI_SALESORDER_GETLIST": order_list,
}
