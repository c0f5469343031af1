"""The entity sets of the five services for sales documents, by what they show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.simulator.odata.entities import process_flow
from connector.simulator.odata.entities.billing_plans import PlanDateRows, PlanDateWriter, PlanRows
from connector.simulator.odata.entities.line_writer import ScheduleWriter, TextWriter
from connector.simulator.odata.entities.partner_writer import AddressWriter, PartnerWriter
from connector.simulator.odata.entities.partners import AddressRows, PartnerRows
from connector.simulator.odata.entities.price_writer import PriceWriter
from connector.simulator.odata.entities.pricing_elements import HeaderPricingRows, PricingRows
from connector.simulator.odata.entities.records import RecordSet, Rows, Writers
from connector.simulator.odata.entities.sales_change import SalesChange
from connector.simulator.odata.entities.sales_header import HeaderRows
from connector.simulator.odata.entities.sales_item import ItemRows, ScheduleRows
from connector.simulator.odata.entities.sales_source import SalesSource
from connector.simulator.odata.entities.sales_writer import DocumentWriter, ItemWriter
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.entities.texts import TextRows
from connector.simulator.odata.schema import Service


@dataclass(frozen=True, slots=True)
class SalesService:
    """A service: the name of its document in properties, its category, its sets by role."""

    document: str
    category: str
    sets: Mapping[str, str]


def _rows(name: str) -> dict[str, tuple[Rows, bool]]:
    """Return, by role, the rows and whether their key has an item."""
    return {
        "header": (HeaderRows(name), False),
        "item": (ItemRows(name), True),
        "partner": (PartnerRows(name), False),
        "item partner": (PartnerRows(name, of_items=True), True),
        "address": (AddressRows(name), False),
        "item address": (AddressRows(name, of_items=True), True),
        "price": (HeaderPricingRows(name), False),
        "item price": (PricingRows(name), True),
        "text": (TextRows(name), False),
        "item text": (TextRows(name, of_items=True), True),
        "schedule line": (ScheduleRows(name), True),
        "item plan": (PlanRows(name), True),
        "item plan date": (PlanDateRows(name), True),
        "preceding": (process_flow.LinkRows(name, down=False), False),
        "item preceding": (process_flow.ItemLinkRows(name, down=False), True),
        "subsequent": (process_flow.LinkRows(name, down=True), False),
        "item subsequent": (process_flow.ItemLinkRows(name, down=True), True),
    }


SERVICES: Mapping[str, SalesService] = {
    "API_SALES_ORDER_SRV": SalesService(
        "SalesOrder",
        "C",
        {
            "A_SalesOrder": "header",
            "A_SalesOrderItem": "item",
            "A_SalesOrderHeaderPartner": "partner",
            "A_SalesOrderItemPartner": "item partner",
            "A_SalesOrderPartnerAddress": "address",
            "A_SalesOrderItemPartnerAddress": "item address",
            "A_SalesOrderHeaderPrElement": "price",
            "A_SalesOrderItemPrElement": "item price",
            "A_SalesOrderText": "text",
            "A_SalesOrderItemText": "item text",
            "A_SalesOrderScheduleLine": "schedule line",
            "A_SalesOrderItemBillingPlan": "item plan",
            "A_SlsOrderItemBillingPlanItem": "item plan date",
            "A_SalesOrderPrecdgProcFlow": "preceding",
            "A_SalesOrderItmPrecdgProcFlow": "item preceding",
            "A_SalesOrderSubsqntProcFlow": "subsequent",
            "A_SalesOrderItmSubsqntProcFlow": "item subsequent",
        },
    ),
    "API_SALES_QUOTATION_SRV": SalesService(
        "SalesQuotation",
        "B",
        {
            "A_SalesQuotation": "header",
            "A_SalesQuotationItem": "item",
            "A_SalesQuotationPartner": "partner",
            "A_SalesQuotationItemPartner": "item partner",
            "A_SalesQuotationPrcgElmnt": "price",
            "A_SalesQuotationItemPrcgElmnt": "item price",
            "A_SalesQuotationText": "text",
            "A_SalesQuotationItemText": "item text",
            "A_SlsQtanPrecdgProcFlow": "preceding",
            "A_SlsQtanItmPrecdgProcFlow": "item preceding",
            "A_SlsQtanSubsqntProcFlow": "subsequent",
            "A_SlsQtanItmSubsqntProcFlow": "item subsequent",
        },
    ),
    "API_SALES_INQUIRY_SRV": SalesService(
        "SalesInquiry",
        "A",
        {
            "A_SalesInquiry": "header",
            "A_SalesInquiryItem": "item",
            "A_SalesInquiryPartner": "partner",
            "A_SalesInquiryItemPartner": "item partner",
            "A_SalesInquiryPrcgElmnt": "price",
            "A_SalesInquiryItemPrcgElmnt": "item price",
        },
    ),
    "API_CUSTOMER_RETURN_SRV": SalesService(
        "CustomerReturn",
        "H",
        {
            "A_CustomerReturn": "header",
            "A_CustomerReturnItem": "item",
            "A_CustomerReturnPartner": "partner",
            "A_CustomerReturnItemPartner": "item partner",
            "A_CustomerReturnPrcgElmnt": "price",
            "A_CustomerReturnItemPrcgElmnt": "item price",
            "A_CustomerReturnText": "text",
            "A_CustomerReturnItemText": "item text",
            "A_CustomerReturnScheduleLine": "schedule line",
        },
    ),
    "API_CREDIT_MEMO_REQUEST_SRV": SalesService(
        "CreditMemoRequest",
        "K",
        {
            "A_CreditMemoRequest": "header",
            "A_CreditMemoRequestItem": "item",
            "A_CreditMemoReqPartner": "partner",
            "A_CreditMemoReqItemPartner": "item partner",
            "A_CreditMemoReqPrcgElmnt": "price",
            "A_CreditMemoReqItemPrcgElmnt": "item price",
            "A_CreditMemoReqText": "text",
            "A_CreditMemoReqItemText": "item text",
            "A_CreditMemoReqSubsqntProcFlow": "subsequent",
            "A_CrdMmReqItemSubsqntProcFlow": "item subsequent",
        },
    ),
}


def sales_sets(
    service: Service, about: SalesService, settings: EntitySettings
) -> dict[str, RecordSet]:
    """Return the entity sets that *service* has in its release."""
    source = SalesSource(about.document, about.category)
    rows = _rows(about.document)
    writers = _writers(about, settings)
    sets: dict[str, RecordSet] = {}
    for name, role in about.sets.items():
        if name in service.sets:
            build, of_items = rows[role]
            sets[name] = RecordSet(
                service,
                name,
                source,
                build,
                settings,
                sets,
                item=f"{about.document}Item" if of_items else "",
                writers=writers.get(role, Writers()),
            )
    return sets


def _writers(about: SalesService, settings: EntitySettings) -> dict[str, Writers]:
    """Return what may be done, by role; whether a service offers it is up to its schema."""
    kinds: dict[str, type[SalesChange]] = {
        "header": DocumentWriter,
        "item": ItemWriter,
        "partner": PartnerWriter,
        "address": AddressWriter,
        "price": PriceWriter,
        "text": TextWriter,
        "schedule line": ScheduleWriter,
        "plan date": PlanDateWriter,
    }
    found: dict[str, Writers] = {}
    for role, kind in kinds.items():
        found[role] = kind(about.document, about.category, settings).writers()
        found[f"item {role}"] = found[role]
    return found
