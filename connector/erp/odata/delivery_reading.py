"""
Outbound deliveries as their service shows them.

Returns deliveries have a service of their own in S/4HANA, whose interface was not at hand; should
this one show them, they are read as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from connector.erp.odata.answers import understood
from connector.erp.odata.filters import any_of, chunks
from connector.erp.odata.names import Names, material, shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.row import Row
from connector.erp.odata.selection import selection
from connector.erp.odata.service import ODataService, Query
from connector.erp.odata.shown_values import category_of, status_of
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.status import Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Quantity

SERVICE: Final = "API_OUTBOUND_DELIVERY_SRV"
VERSION: Final = "0002"
HEADER_SET: Final = "A_OutbDeliveryHeader"
ITEM_SET: Final = "A_OutbDeliveryItem"
ITEMS: Final = "to_DeliveryDocumentItem"
FLOW: Final = "to_DocumentFlow"

HEADER: Final = (
    "DeliveryDocument", "SDDocumentCategory", "ShipToParty", "ShippingPoint", "DocumentDate",
    "CreationDate", "PlannedGoodsIssueDate", "ActualGoodsMovementDate",
)  # fmt: skip
ITEM: Final = (
    "DeliveryDocumentItem", "Material", "ActualDeliveryQuantity", "DeliveryQuantityUnit",
    "DeliveryToBaseQuantityNmrtr", "DeliveryToBaseQuantityDnmntr", "ReferenceSDDocument",
    "ReferenceSDDocumentItem", "ReferenceSDDocumentCategory", "PickingStatus",
    "GoodsMovementStatus", "DeliveryRelatedBillingStatus", "OverdelivTolrtdLmtRatioInPct",
    "UnlimitedOverdeliveryIsAllowed",
)  # fmt: skip
FLOW_FIELDS: Final = (
    "Subsequentdocument", "SubsequentDocumentItem", "SubsequentDocumentCategory",
    "QuantityInBaseUnit",
)  # fmt: skip

#: What a delivery delivers, where its item does not say.
_PRECEDING: Final = {C.DELIVERY: C.SALES_ORDER, C.RETURNS_DELIVERY: C.RETURNS_ORDER}
#: What the goods movements after a delivery are; billing follows by its own reference.
_MOVEMENTS: Final = frozenset({C.GOODS_MOVEMENT, C.GOODS_ISSUE_REVERSAL})
_THOUSANDTH: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class FoundDelivery:
    """A delivery with its links: from what it delivers, and to its goods movements."""

    delivery: Delivery
    links: tuple[FlowLink, ...] = ()


def read_deliveries(
    service: ODataService,
    options: ODataOptions,
    names: Names,
    numbers: Iterable[str],
    *,
    flow: bool = False,
) -> tuple[FoundDelivery, ...]:
    """Read deliveries in one batch; those that do not exist are left out."""
    parts: list[tuple[str, tuple[str, ...]]] = [("", HEADER), (ITEMS, ITEM)]
    if flow:
        parts.append((f"{ITEMS}/{FLOW}", FLOW_FIELDS))
    shown = selection(parts)
    queries = [
        Query(HEADER_SET, {"$filter": any_of("DeliveryDocument", map(shown_number, part)), **shown})
        for part in chunks(numbers, options.documents_per_query)
    ]
    if not queries:
        return ()
    rows = list(service.rows(queries[0])) if len(queries) == 1 else _together(service, queries)
    with understood():
        found = [_found(row, names, flow) for row in rows]
        return tuple(
            sorted((each for each in found if each), key=lambda each: each.delivery.number)
        )


def _together(service: ODataService, queries: list[Query]) -> list[Row]:
    return [row for rows in service.batch(queries) for row in rows]


def _found(row: Row, names: Names, flow: bool) -> FoundDelivery | None:
    kind = category_of(row.text("SDDocumentCategory"))
    if kind not in _PRECEDING:
        return None
    number = stored_number(row.text("DeliveryDocument"))
    written = row.date("DocumentDate") or row.date("CreationDate")
    if written is None:
        raise ValueError("DocumentDate and CreationDate are empty")
    items = sorted(row.rows(ITEMS), key=lambda each: int(each.text("DeliveryDocumentItem")))
    delivery = Delivery(
        number=number,
        category=kind,
        ship_to_party=stored_number(row.text("ShipToParty")),
        shipping_point=row.text("ShippingPoint"),
        document_date=written,
        planned_goods_issue_date=row.date("PlannedGoodsIssueDate"),
        actual_goods_issue_date=row.date("ActualGoodsMovementDate"),
        items=tuple(_item(each, names, kind) for each in items),
    )
    links = tuple(_links(row, delivery, items, names)) if flow else ()
    return FoundDelivery(delivery, links)


def _item(row: Row, names: Names, kind: C) -> DeliveryItem:
    unit = names.stored_unit(row.text("DeliveryQuantityUnit"))
    delivered = row.decimal("ActualDeliveryQuantity")
    picking = status_of(row.text("PickingStatus"))
    return DeliveryItem(
        item_number=int(row.text("DeliveryDocumentItem")),
        material=material(row.text("Material")),
        delivery_quantity=Quantity(value=delivered, unit=unit),
        # The service has no picked quantity: what is being picked counts when it is picked.
        picked_quantity=Quantity(
            value=delivered if picking is Status.COMPLETELY else Decimal(0), unit=unit
        ),
        preceding=ItemReference(
            category=category_of(row.text("ReferenceSDDocumentCategory")) or _PRECEDING[kind],
            document=stored_number(row.text("ReferenceSDDocument")),
            item_number=int(row.text("ReferenceSDDocumentItem")),
        ),
        picking_status=picking,
        goods_movement_status=status_of(row.text("GoodsMovementStatus")),
        billing_status=status_of(row.text("DeliveryRelatedBillingStatus")),
        over_delivery_percent=row.decimal("OverdelivTolrtdLmtRatioInPct"),
        unlimited_over_delivery=row.boolean("UnlimitedOverdeliveryIsAllowed"),
    )


def _links(
    header: Row, delivery: Delivery, rows: Iterable[Row], names: Names
) -> Iterator[FlowLink]:
    created = header.date("CreationDate")
    for item, row in zip(delivery.items, rows, strict=True):
        own = ItemReference(
            category=delivery.category, document=delivery.number, item_number=item.item_number
        )
        yield FlowLink(
            preceding=item.preceding,
            subsequent=own,
            quantity=item.delivery_quantity,
            created_on=created,
        )
        for each in row.rows(FLOW):
            kind = category_of(each.text("SubsequentDocumentCategory"))
            line = int(each.text("SubsequentDocumentItem") or 0)
            if kind in _MOVEMENTS and line:
                yield FlowLink(
                    preceding=own,
                    subsequent=ItemReference(
                        category=kind,
                        document=stored_number(each.text("Subsequentdocument")),
                        item_number=line,
                    ),
                    quantity=_in_sales_unit(each.decimal("QuantityInBaseUnit"), row, item),
                    sign=-1 if kind is C.GOODS_ISSUE_REVERSAL else 1,
                )


def _in_sales_unit(base: Decimal, row: Row, item: DeliveryItem) -> Quantity:
    """Return a quantity in the base unit as the item's own unit counts it."""
    numerator = row.decimal("DeliveryToBaseQuantityNmrtr")
    denominator = row.decimal("DeliveryToBaseQuantityDnmntr")
    value = abs(base)
    if numerator and denominator and numerator != denominator:
        value = (value * denominator / numerator).quantize(_THOUSANDTH, ROUND_HALF_UP)
    return Quantity(value=value, unit=item.delivery_quantity.unit)
