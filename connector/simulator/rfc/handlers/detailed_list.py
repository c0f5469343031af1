"""
BAPISDORDER_GETDETAILEDLIST: many sales documents of any category in one call.

Only the views that I_BAPI_VIEW flags are filled; documents that do not exist are left out. All
amounts are in external format.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.handlers import detailed_parts, sales_rows

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem
    from connector.simulator.engine.status import SalesItemStatus, SalesStatus

_HEADER = 0

Rows = dict[str, list[dict[str, Any]]]


def detailed_list(call: Call) -> dict[str, Any]:
    """Return the tables of the flagged views."""
    view = {name for name, mark in call.structure("I_BAPI_VIEW").items() if mark == "X"}
    rows: Rows = {
        parameter.name: []
        for parameter in call.function.results
        if parameter.name.startswith("ORDER_")
    }
    for key in dict.fromkeys(row.get("VBELN", "") for row in call.table("SALES_DOCUMENTS")):
        document = call.erp.sales_document(key)
        if document is not None:
            _Reader(call, document, rows).read(view)
    return dict(rows)


class _Reader:
    """Adds one document to the tables."""

    def __init__(self, call: Call, document: SalesDocument, rows: Rows) -> None:
        self._call, self._document, self._rows = call, document, rows
        self._master = call.erp.master_data

    def read(self, view: set[str]) -> None:
        """Add what *view* asks for."""
        document, rows = self._document, self._rows
        if "HEADER" in view:
            rows["ORDER_HEADERS_OUT"].append(self._header())
        if "ITEM" in view:
            rows["ORDER_ITEMS_OUT"].extend(self._item(item) for item in document.items)
        if "SDSCHEDULE" in view:
            rows["ORDER_SCHEDULES_OUT"].extend(
                sales_rows.schedule_row(self._master, document.number, item, line)
                for item in document.items
                for line in item.schedule_lines
            )
        if "BUSINESS" in view:
            rows["ORDER_BUSINESS_OUT"].extend(self._business())
        erp = self._call.erp
        if "PARTNER" in view:
            rows["ORDER_PARTNERS_OUT"].extend(detailed_parts.partners(erp, document))
        if "ADDRESS" in view:
            rows["ORDER_ADDRESS_OUT"].extend(detailed_parts.addresses(erp, document))
        if "SDCOND" in view:
            with_header = self._call.flag("I_WITH_HEADER_CONDITIONS")
            rows["ORDER_CONDITIONS_OUT"].extend(detailed_parts.conditions(document, with_header))
        if "TEXT" in view:
            for text in document.texts:
                header, lines = detailed_parts.text_rows(document, text)
                rows["ORDER_TEXTHEADERS_OUT"].append(header)
                rows["ORDER_TEXTLINES_OUT"].extend(lines)
        if "FLOW" in view:
            rows["ORDER_FLOWS_OUT"].extend(detailed_parts.flow(erp, document))
        if "BILLPLAN" in view:
            plans, dates = detailed_parts.billing_plans(erp, document)
            rows["ORDER_BILLINGPLANS_OUT"].extend(plans)
            rows["ORDER_BILLINGDATES_OUT"].extend(dates)
        if view & {"STATUS_H", "STATUS_I"}:
            self._status(view)

    def _local(self, moment: datetime) -> datetime:
        return keys.local(self._call.erp, moment)

    def _header(self) -> dict[str, Any]:
        document = self._document
        return {
            "DOC_NUMBER": document.number,
            "REC_DATE": self._local(document.created_at).date(),
            "REC_TIME": self._local(document.created_at).time(),
            "CREATED_BY": document.created_by,
            "QT_VALID_F": document.valid_from,
            "QT_VALID_T": document.valid_to,
            "DOC_DATE": document.document_date,
            "SD_DOC_CAT": document.category,
            "SD_DOC_CAT_LONG": document.category,
            "DOC_TYPE": document.document_type,
            "ORD_REASON": document.order_reason,
            "DLV_BLOCK": document.delivery_block,
            "BILL_BLOCK": document.billing_block,
            "NET_VAL_HD": document.net_value,
            "CURRENCY": document.currency,
            "CURREN_ISO": document.currency[:3],
            "SALES_ORG": document.sales_organization,
            "DISTR_CHAN": document.distribution_channel,
            "DIVISION": document.division,
            "CONDITIONS": document.number,
            "REQ_DATE_H": document.requested_delivery_date,
            "DATE_TYPE": "1",
            "COMPL_DLV": "X" if document.complete_delivery else "",
            "SD_PRIC_PR": document.pricing_procedure,
            "SHIP_COND": document.shipping_conditions,
            "PURCH_NO": document.purchase_order_by_customer,
            "PO_METHOD": document.purchase_order_type,
            "PURCH_DATE": document.purchase_order_date,
            "ORDERER_NA": document.name,
            "SOLD_TO": document.sold_to,
            "CH_ON": self._local(document.changed_at).date() if document.version > 1 else None,
            "CRED_ACCNT": document.credit_account,
            "REF_DOC": document.reference_document,
            "COMP_CODE": document.company_code,
            "REF_DOC_L": document.reference,
            "ASS_NUMBER": document.assignment,
        }

    def _item(self, item: SalesItem) -> dict[str, Any]:
        document = self._document
        quantity = sales_rows.requested_quantity(document, item)
        confirmed = item.confirmed_quantity
        category = self._master.item_categories[item.item_category]
        return {
            "DOC_NUMBER": document.number,
            "ITM_NUMBER": item.item_number,
            **keys.material_fields(item.material),
            "MAT_ENTRD": keys.material_out(item.material),
            "MATL_GROUP": item.material_group,
            "SHORT_TEXT": item.description,
            "ITEM_CATEG": item.item_category,
            "REL_FOR_BI": category.billing_relevance,
            "REL_FOR_DE": "X" if category.delivery_relevant else "",
            "HG_LV_ITEM": item.higher_level_item,
            "REA_FOR_RE": item.rejection_reason,
            **quantity,
            "BASE_UOM": item.base_unit,
            "T_BAS_UNIT": keys.unit_iso(self._master, item.base_unit),
            "PO_ITM_NO": item.purchase_order_item,
            "CUST_MAT35": item.customer_material,
            "CUST_MAT22": item.customer_material,
            "DELI_UNLIM": "X" if item.unlimited_over_delivery else "",
            "OVER_DLV_T": item.over_delivery_tolerance,
            "UNDER_DLV": item.under_delivery_tolerance,
            "BILL_BLOCK": item.billing_block,
            "DIVISION": document.division,
            "NET_VALUE": item.net_value,
            "CURRENCY": document.currency,
            "CURREN_ISO": document.currency[:3],
            "PART_DLV": item.partial_delivery,
            "CUM_REQ_DE": sales_rows.in_base_unit(item, item.quantity),
            "CUM_CF_QTY": confirmed,
            "CUM_CON_QU": sales_rows.in_base_unit(item, confirmed),
            "SALES_UNIT": item.sales_unit,
            "ISOCODUNIT": keys.unit_iso(self._master, item.sales_unit),
            "SALES_QTY1": item.base_numerator,
            "SALES_QTY2": item.base_denominator,
            "REF_DOC": item.reference_document,
            "POSNR_VOR": item.reference_item,
            "DOC_CAT_SD": item.reference_category,
            "DOC_CAT_SD_LONG": item.reference_category,
            "PLANT": item.plant,
            "SHIP_POINT": item.shipping_point,
            "ROUTE": item.route,
            "CREAT_DATE": self._local(document.created_at).date(),
            "CREATED_BY": document.created_by,
            "REC_TIME": self._local(document.created_at).time(),
            "NET_PRICE": item.net_price,
            "COND_P_UNT": item.net_price_per,
            "COND_UNIT": item.net_price_unit,
            "COST_DOC_C": item.cost,
            "SUBTOT_PP1": item.gross_value,
            "SUBTOT_PP2": item.net_value,
            "TAX_AMOUNT": item.tax_amount,
            "SD_TAXCODE": item.tax_code,
        }

    def _business(self) -> list[dict[str, Any]]:
        document = self._document
        header = {
            "SD_DOC": document.number,
            "ITM_NUMBER": _HEADER,
            "INCOTERMS1": document.incoterms,
            "INCOTERMS2": document.incoterms_location,
            "PMNTTRMS": document.terms_of_payment,
            "PRICE_DATE": document.pricing_date,
            "BILL_DATE": document.billing_date,
            "PURCH_NO_C": document.purchase_order_by_customer,
            "PURCH_DATE": document.purchase_order_date,
            "PO_METHOD": document.purchase_order_type,
            "CURRENCKEY": document.currency,
        }
        own = [
            {
                **header,
                "ITM_NUMBER": item.item_number,
                "INCOTERMS1": item.incoterms or document.incoterms,
                "INCOTERMS2": item.incoterms_location or document.incoterms_location,
                "PMNTTRMS": item.terms_of_payment or document.terms_of_payment,
                "POITMNOS": item.purchase_order_item,
            }
            for item in document.items
            if item.terms_of_payment or item.incoterms
        ]
        return [header, *own]

    def _status(self, view: set[str]) -> None:
        state = self._call.erp.sales_status(self._document.number)
        if "STATUS_H" in view:
            self._rows["ORDER_STATUSHEADERS_OUT"].append(self._header_status(state))
        if "STATUS_I" in view:
            self._rows["ORDER_STATUSITEMS_OUT"].extend(
                self._item_status(each) for each in state.items.values()
            )

    def _header_status(self, state: SalesStatus) -> dict[str, Any]:
        document = self._document
        return {
            "SD_DOC": document.number,
            "REFDOCHDST": state.reference,
            "TOTREFSTAT": state.reference,
            "DELIV_STAT": state.delivery,
            "DLV_STAT_H": state.delivery,
            "BILLINGSTA": state.order_billing,
            "OVERALLREJ": state.rejection,
            "PRC_STAT_H": state.overall,
            "GENINCOMHD": state.incompletion,
            "TOTINCOMPL": state.incompletion,
            "SD_DOC_CAT": document.category,
            "SD_DOC_CAT_LONG": document.category,
            "TOTSTATCCH": state.credit,
            "CREDCHECK": state.credit,
            "CH_ON": self._local(document.changed_at).date() if document.version > 1 else None,
        }

    def _item_status(self, state: SalesItemStatus) -> dict[str, Any]:
        return {
            "SD_DOC": self._document.number,
            "ITM_NUMBER": state.item_number,
            "REFERNSTAT": state.reference,
            "REFTOTSTAT": state.reference,
            "DELIV_STAT": state.delivery,
            "DLV_STAT_I": state.delivery,
            "BILLSTATIT": state.order_billing,
            "REJSTATIT": state.rejection,
            "OVRPROCSTA": state.overall,
        }


HANDLERS: dict[str, Handler] = {"BAPISDORDER_GETDETAILEDLIST": detailed_list}
