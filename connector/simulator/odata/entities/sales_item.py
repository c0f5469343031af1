"""Items of sales documents and their schedule lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.odata.entities.records import Row
from connector.simulator.odata.entities.sales_header import incoterms

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem
    from connector.simulator.engine.status import SalesItemStatus
    from connector.simulator.odata.entities.forms import Forms

ZERO = Decimal(0)


def items_of(record: SalesDocument, only: int) -> tuple[SalesItem, ...]:
    """Return the items of *record*, or the one with a number other than 0."""
    if not only:
        return record.items
    found = record.item(only)
    return (found,) if found else ()


def _items_with_status(
    forms: Forms, record: SalesDocument, only: int
) -> Iterator[tuple[SalesItem, SalesItemStatus]]:
    status = forms.erp.sales_status(record.number).items
    for each in items_of(record, only):
        found = status.get(each.item_number)
        if found is not None:
            yield each, found


@dataclass(frozen=True, slots=True)
class ItemRows:
    """Rows of the items of *document* (SalesOrder, SalesQuotation ..)."""

    document: str

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per item."""
        for each, status in _items_with_status(forms, record, item):
            yield item_row(forms, self.document, record, each, status)


def item_row(
    forms: Forms, name: str, record: SalesDocument, item: SalesItem, status: SalesItemStatus
) -> Row:
    """Return the row of one item, with what it takes over from its header."""
    currency = record.currency
    view = forms.master.material_sales(
        item.material, record.sales_organization, record.distribution_channel
    )
    material = forms.master.materials.get(item.material)
    return {
        name: forms.number(record.number),
        f"{name}Item": forms.item(item.item_number),
        f"{name}ItemCategory": item.item_category,
        f"{name}ItemText": item.description,
        "HigherLevelItem": forms.item(item.higher_level_item),
        "PurchaseOrderByCustomer": record.purchase_order_by_customer,
        "UnderlyingPurchaseOrderItem": item.purchase_order_item,
        "Material": item.material,
        "OriginallyRequestedMaterial": item.material,
        "MaterialByCustomer": item.customer_material,
        "BillingPlan": item.billing_plan_number,
        "PricingDate": record.pricing_date,
        "RequestedQuantity": forms.quantity(item.quantity, item.sales_unit),
        **forms.units("RequestedQuantity", item.sales_unit),
        **forms.units("OrderQuantity", item.sales_unit),
        "ConfdDelivQtyInOrderQtyUnit": forms.quantity(item.confirmed_quantity, item.sales_unit),
        **weights(forms, item.material, in_base_unit(item, item.quantity)),
        "TransactionCurrency": currency,
        "NetAmount": forms.amount(item.net_value, currency),
        "TaxAmount": forms.amount(item.tax_amount, currency),
        "CostAmount": forms.amount(item.cost, currency),
        **subtotals(forms, item.gross_value, currency),
        "MaterialGroup": item.material_group,
        "Plant": item.plant,
        "ProductionPlant": item.plant,
        "OriginalPlant": item.plant,
        "ShippingPoint": item.shipping_point,
        "ProposedDeliveryRoute": item.route,
        "PartialDeliveryIsAllowed": item.partial_delivery,
        "BillingDocumentDate": record.billing_date or item.requested_delivery_date,
        "AdditionalValueDays": "0",
        **incoterms(
            item.incoterms or record.incoterms,
            item.incoterms_location or record.incoterms_location,
        ),
        "ProductTaxClassification1": material.tax_class if material else "",
        "MatlAccountAssignmentGroup": view.account_assignment_group if view else "",
        "CustomerPaymentTerms": item.terms_of_payment or record.terms_of_payment,
        "ItemOrderProbabilityInPercent": "0",
        "AlternativeToItem": forms.item(0),
        "SalesDocumentRjcnReason": item.rejection_reason,
        "ItemBillingBlockReason": item.billing_block,
        "ReferenceSDDocument": forms.number(item.reference_document),
        "ReferenceSDDocumentItem": forms.item(item.reference_item),
        "ReferenceSDDocumentCategory": item.reference_category,
        "SDProcessStatus": status.overall,
        "DeliveryStatus": status.delivery,
        "OrderRelatedBillingStatus": status.order_billing,
        "SDDocReferenceStatus": status.reference,
        "TotalSDDocReferenceStatus": status.reference,
        "SDDocumentRejectionStatus": status.rejection,
    }


def in_base_unit(item: SalesItem, quantity: Decimal) -> Decimal:
    """Return a quantity of the item in its base unit."""
    return quantity * item.base_numerator / item.base_denominator


def weights(forms: Forms, material: str, base_quantity: Decimal) -> Row:
    """Return the weights of a quantity in the base unit."""
    found = forms.master.materials.get(material)
    if found is None:
        return {}
    return {
        "ItemGrossWeight": forms.weight(found.gross_weight * base_quantity),
        "ItemNetWeight": forms.weight(found.net_weight * base_quantity),
        **forms.units("ItemWeight", found.weight_unit),
        "ItemVolume": forms.weight(ZERO),
    }


def subtotals(forms: Forms, gross: Decimal, currency: str) -> Row:
    """Return the six subtotals: the first is the value before discounts, the others are unused."""
    row: Row = {f"Subtotal{n}Amount": forms.amount(ZERO, currency) for n in range(2, 7)}
    row["Subtotal1Amount"] = forms.amount(gross, currency)
    return row


@dataclass(frozen=True, slots=True)
class ScheduleRows:
    """Rows of the schedule lines of *document*."""

    document: str

    def __call__(self, forms: Forms, record: SalesDocument, item: int) -> Iterator[Row]:
        """Yield a row per schedule line; what is delivered fills the lines in their order."""
        for each, status in _items_with_status(forms, record, item):
            yield from schedule_rows(forms, self.document, record, each, status)


def schedule_rows(
    forms: Forms, name: str, record: SalesDocument, item: SalesItem, status: SalesItemStatus
) -> Iterator[Row]:
    """Yield the schedule lines of one item."""
    unit = item.sales_unit
    delivered = status.delivered_quantity
    for line in item.schedule_lines:
        taken = min(delivered, line.confirmed_quantity)
        delivered -= taken
        is_open = not item.rejection_reason
        yield {
            name: forms.number(record.number),
            f"{name}Item": forms.item(item.item_number),
            "ScheduleLine": str(line.line),
            "RequestedDeliveryDate": line.requested_date,
            "ConfirmedDeliveryDate": line.delivery_date if line.confirmed_quantity else None,
            **forms.units("OrderQuantity", unit),
            "ScheduleLineOrderQuantity": forms.quantity(line.quantity, unit),
            "ConfdOrderQtyByMatlAvailCheck": forms.quantity(line.confirmed_quantity, unit),
            "DeliveredQtyInOrderQtyUnit": forms.quantity(taken, unit),
            "OpenConfdDelivQtyInOrdQtyUnit": forms.quantity(
                line.confirmed_quantity - taken if is_open else ZERO, unit
            ),
            "CorrectedQtyInOrderQtyUnit": forms.quantity(line.quantity, unit),
        }
