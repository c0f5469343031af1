"""
Price a document without saving it: API_SALES_ORDER_SIMULATION_SRV.

It is a POST that saves nothing. The answer shows what the request has a place for: empty
collections ask for conditions, schedule lines and the price. Its conditions carry no tax code, so
tax is told by its condition class and left out of the condition values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from connector.erp.odata.answers import understood
from connector.erp.odata.names import Names, material, stored_number
from connector.erp.odata.row import Row
from connector.erp.odata.sales_document import Writer
from connector.erp.odata.sales_document_reading import TAX
from connector.erp.odata.service import ODataService
from connector.erp.odata.shape import Shape
from connector.erp.odata.shown_values import money
from connector.erp.odata.values import json_date, json_decimal
from connector.erp.priced_document import priced_document
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesDocument,
    SalesDocumentItem,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory, Quantity

SERVICE: Final = "API_SALES_ORDER_SIMULATION_SRV"
ENTITY_SET: Final = "A_SalesOrderSimulation"

_SHAPE: Final = Shape(
    service=SERVICE,
    category=DocumentCategory.SALES_ORDER,
    document="SalesOrder",
    partner_set="A_SalesOrderPartnerSimulation",
    item_partner_set="A_SalesOrderItemPartnerSimln",
    plant="Plant",
    sent=frozenset({"RequestedDeliveryDate", "ReferenceSDDocument"}),
)


def simulate(
    service: ODataService,
    document: SalesDocument,
    names: Names,
    today: date,
    simulated_as: Mapping[str, str],
) -> PostedSalesDocument:
    """
    Return *document* as the ERP would price and confirm it.

    Args:
        today: document date where *document* has none.
        simulated_as: order types that are priced as another one.

    Raises:
        TransientError: no answer came back; the request may be made again.
        RejectedError: the ERP refuses the document.
    """
    answer = service.ask(ENTITY_SET, body(document, names, simulated_as))
    with understood():
        return _priced(document, answer, names, today)


def body(document: SalesDocument, names: Names, simulated_as: Mapping[str, str]) -> dict[str, Any]:
    """Return what is sent to price *document*: blocks and texts, which change no price, are not."""
    # The address decides no price here: the one-time customer's own is not handed over.
    plain = document.model_copy(
        update={
            "sales_order_type": simulated_as.get(
                document.sales_order_type, document.sales_order_type
            ),
            "partners": tuple(p.model_copy(update={"address": None}) for p in document.partners),
            "delivery_block_reason": "",
            "billing_block_reason": "",
            "texts": (),
            "valid_from": None,
            "valid_to": None,
            "items": tuple(
                item.model_copy(update={"schedule_lines": ()}) for item in document.items
            ),
        }
    )
    sent = Writer(_SHAPE, names).document(plain)
    sent.setdefault("to_PricingElement", [])
    sent["to_Pricing"] = {}
    for row, item in zip(sent["to_Item"], document.items, strict=True):
        row.setdefault("to_PricingElement", [])
        row["to_ScheduleLine"] = list(_schedule_lines(item, names))
    return sent


def _schedule_lines(item: SalesDocumentItem, names: Names) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(item.schedule_lines, start=1):
        yield {
            "ScheduleLine": str(number),
            "RequestedDeliveryDate": json_date(line.requested_delivery_date),
            "ScheduleLineOrderQuantity": json_decimal(line.requested_quantity.value),
            "OrderQuantityUnit": names.shown_unit(line.requested_quantity.unit),
        }


def _priced(document: SalesDocument, answer: Row, names: Names, today: date) -> PostedSalesDocument:
    currency = answer.text_or("TransactionCurrency") or document.currency
    rows = sorted(answer.rows("to_Item"), key=lambda row: int(row.text("SalesOrderItem")))
    items = tuple(_item(row, names, currency) for row in rows)
    return priced_document(
        document,
        items,
        _condition_values(rows, currency),
        sold_to_party=stored_number(answer.text_or("SoldToParty")),
        currency=currency,
        today=today,
    )


def _item(row: Row, names: Names, currency: str) -> PostedSalesDocumentItem:
    unit = row.text_or("RequestedQuantitySAPUnit") or names.stored_unit(
        row.text("RequestedQuantityUnit")
    )
    return PostedSalesDocumentItem(
        item_number=int(row.text("SalesOrderItem")),
        material=material(row.text("Material")),
        requested_quantity=Quantity(value=row.decimal("RequestedQuantity"), unit=unit),
        confirmed_quantity=Quantity(value=row.decimal("ConfdDelivQtyInOrderQtyUnit"), unit=unit),
        item_category=row.text("SalesOrderItemCategory"),
        plant=row.text("Plant"),
        net_amount=money(row.decimal("NetAmount"), currency),
        tax_amount=money(row.decimal("TaxAmount"), currency),
        gross_amount=money(row.decimal("Subtotal1Amount"), currency),
        cost_amount=money(row.decimal("CostAmount"), currency),
        delivery_status=Status.NOT_RELEVANT,
        billing_status=Status.NOT_RELEVANT,
        overall_status=Status.NOT_RELEVANT,
        schedule_lines=tuple(_lines(row.rows("to_ScheduleLine"), unit)),
    )


def _lines(rows: Sequence[Row], unit: str) -> Iterator[ScheduleLine]:
    for row in sorted(rows, key=lambda each: int(each.text("ScheduleLine"))):
        on = row.date("RequestedDeliveryDate")
        if on is not None:
            yield ScheduleLine(
                requested_delivery_date=on,
                requested_quantity=Quantity(
                    value=row.decimal("ScheduleLineOrderQuantity"), unit=unit
                ),
                confirmed_quantity=Quantity(
                    value=row.decimal("ConfdOrderQtyByMatlAvailCheck"), unit=unit
                ),
            )


def _condition_values(items: Sequence[Row], currency: str) -> Iterator[ConditionValue]:
    for item in items:
        for row in item.rows("to_PricingElement"):
            if row.text("ConditionInactiveReason") or row.text("ConditionClass") == TAX:
                continue
            yield ConditionValue(
                condition_type=row.text("ConditionType"),
                item_number=int(item.text("SalesOrderItem")),
                value=money(row.decimal("ConditionAmount"), currency),
                statistical=row.boolean("ConditionIsForStatistics"),
            )
