"""Outbound deliveries: headers, items, document flow."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine.status import rolled_up
from connector.simulator.odata.entities.records import Row
from connector.simulator.odata.entities.sales_header import TRANSFER_LOCATION
from connector.simulator.odata.entities.sales_item import weights

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
    from connector.simulator.engine.sales_records import FlowRow
    from connector.simulator.odata.entities.forms import Forms

ZERO = Decimal(0)
_TENTH = Decimal("0.1")


def version(record: Delivery) -> str:
    """Return the version that a delivery's ETag is made of."""
    return f"{record.version:04}"


def header_rows(forms: Forms, record: Delivery, item: int) -> Iterator[Row]:
    """Yield the header of a delivery."""
    del item
    status = forms.erp.delivery_status(record.number)
    base = [(each, _in_base_unit(each)) for each in record.items]
    heavy = [weights(forms, each.material, quantity) for each, quantity in base]
    unit = next((str(row["ItemWeightUnit"]) for row in heavy if row), "")
    yield {
        "DeliveryDocument": forms.number(record.number),
        "DeliveryDocumentType": record.delivery_type,
        "DeliveryVersion": version(record),
        "SDDocumentCategory": record.category,
        "ShippingPoint": record.shipping_point,
        "SalesOrganization": record.sales_organization,
        "ShipToParty": forms.number(record.ship_to),
        "SoldToParty": forms.number(record.sold_to),
        "DocumentDate": record.document_date,
        "DeliveryDate": record.delivery_date,
        "PlannedGoodsIssueDate": record.planned_goods_issue_date,
        "PickingDate": record.planned_goods_issue_date,
        "LoadingDate": record.planned_goods_issue_date,
        "TransportationPlanningDate": record.planned_goods_issue_date,
        "ActualGoodsMovementDate": record.actual_goods_issue_date
        or record.entered_goods_issue_date,
        "BillingDocumentDate": record.actual_goods_issue_date or record.planned_goods_issue_date,
        "ActualDeliveryRoute": record.route,
        "ProposedDeliveryRoute": record.route,
        "BillOfLading": record.bill_of_lading,
        "IncotermsClassification": record.incoterms,
        "IncotermsTransferLocation": record.incoterms_location[:TRANSFER_LOCATION],
        "ShippingCondition": record.shipping_conditions,
        "DeliveryBlockReason": record.delivery_block,
        "HeaderBillingBlockReason": record.billing_block,
        "HeaderGrossWeight": _sum(heavy, "ItemGrossWeight", forms),
        "HeaderNetWeight": _sum(heavy, "ItemNetWeight", forms),
        "HeaderWeightUnit": unit,
        "CreationDate": forms.day(record.created_at),
        "CreationTime": forms.hour(record.created_at),
        "CreatedByUser": record.created_by[:12],
        "LastChangeDate": forms.day(record.changed_at) if record.version > 1 else None,
        "OverallPickingStatus": status.picking,
        "OverallGoodsMovementStatus": status.goods_movement,
        "OverallDelivReltdBillgStatus": status.billing,
        "OverallSDProcessStatus": rolled_up(
            (status.picking, status.goods_movement, status.billing)
        ),
    }


def item_rows(forms: Forms, record: Delivery, item: int) -> Iterator[Row]:
    """Yield the items of a delivery."""
    status = forms.erp.delivery_status(record.number).items
    for each in record.items:
        if item not in (0, each.item_number):
            continue
        found = status[each.item_number]
        base = _in_base_unit(each)
        billed_by = forms.master.item_categories[each.item_category].billing_relevance
        order = forms.erp.sales_document(each.reference_document)
        ordered = order.item(each.reference_item) if order else None
        material = forms.master.materials.get(each.material)
        yield {
            "DeliveryDocument": forms.number(record.number),
            "DeliveryDocumentItem": forms.delivery_item(each.item_number),
            "DeliveryVersion": version(record),
            "DeliveryDocumentItemCategory": each.item_category,
            "DeliveryDocumentItemText": each.description,
            "HigherLevelItem": forms.delivery_item(each.higher_level_item),
            "HigherLvlItmOfBatSpltItm": forms.delivery_item(0),
            "SDDocumentCategory": record.category,
            "Material": each.material,
            "OriginallyRequestedMaterial": each.material,
            "MaterialByCustomer": ordered.customer_material if ordered else "",
            "MaterialGroup": material.material_group if material else "",
            "Plant": each.plant,
            "ActualDeliveryQuantity": forms.quantity(each.quantity, each.sales_unit),
            "OriginalDeliveryQuantity": forms.quantity(each.quantity, each.sales_unit),
            "DeliveryQuantityUnit": forms.unit(each.sales_unit),
            "ActualDeliveredQtyInBaseUnit": forms.quantity(base, each.base_unit),
            "BaseUnit": forms.unit(each.base_unit),
            "DeliveryToBaseQuantityNmrtr": each.base_numerator,
            "DeliveryToBaseQuantityDnmntr": each.base_denominator,
            **weights(forms, each.material, base),
            "ReferenceSDDocument": forms.number(each.reference_document),
            "ReferenceSDDocumentItem": forms.delivery_item(each.reference_item),
            "ReferenceSDDocumentCategory": order.category if order else "",
            "DistributionChannel": order.distribution_channel if order else "",
            "Division": order.division if order else "",
            "OverdelivTolrtdLmtRatioInPct": _percent(
                ordered.over_delivery_tolerance if ordered else ZERO
            ),
            "UnderdelivTolrtdLmtRatioInPct": _percent(
                ordered.under_delivery_tolerance if ordered else ZERO
            ),
            "UnlimitedOverdeliveryIsAllowed": bool(ordered and ordered.unlimited_over_delivery),
            "GoodsMovementType": each.movement_type,
            "ItemIsBillingRelevant": billed_by,
            "CreationDate": forms.day(record.created_at),
            "CreationTime": forms.hour(record.created_at),
            "CreatedByUser": record.created_by[:12],
            "LastChangeDate": forms.day(record.changed_at) if record.version > 1 else None,
            "PickingStatus": found.picking,
            "GoodsMovementStatus": found.goods_movement,
            "DeliveryRelatedBillingStatus": found.billing,
            "SDProcessStatus": rolled_up((found.picking, found.goods_movement, found.billing)),
        }


def flow_rows(forms: Forms, record: Delivery, item: int) -> Iterator[Row]:
    """
    Yield what follows the items of a delivery.

    The key of the set (preceding document and item, category of the subsequent one) names the
    latest link of its kind when goods issue or billing was taken back and done again.
    """
    latest: dict[tuple[int, str], FlowRow] = {}
    for link in forms.erp.flow_after(record.number):
        if item in (0, link.preceding_item):
            latest[link.preceding_item, link.subsequent_category] = link
    for link in latest.values():
        own = record.item(link.preceding_item)
        quantity = link.quantity
        if own is not None and link.unit == own.sales_unit:
            quantity = quantity * own.base_numerator / own.base_denominator
        unit = own.base_unit if own else link.unit
        yield {
            "Deliveryversion": version(record),
            "PrecedingDocument": forms.number(link.preceding),
            "PrecedingDocumentItem": forms.delivery_item(link.preceding_item),
            "PrecedingDocumentCategory": link.preceding_category,
            "Subsequentdocument": forms.number(link.subsequent),
            "SubsequentDocumentItem": forms.delivery_item(link.subsequent_item),
            "SubsequentDocumentCategory": link.subsequent_category,
            "QuantityInBaseUnit": forms.quantity(quantity, unit),
            "SDFulfillmentCalculationRule": link.sign,
        }


def _percent(value: Decimal) -> Decimal:
    return value.quantize(_TENTH)


def _in_base_unit(item: DeliveryItem) -> Decimal:
    return item.quantity * item.base_numerator / item.base_denominator


def _sum(rows: list[Row], name: str, forms: Forms) -> Decimal:
    total = ZERO
    for row in rows:
        value = row.get(name)
        if isinstance(value, Decimal):
            total += value
    return forms.weight(total)
