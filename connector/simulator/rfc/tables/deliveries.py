"""LIKP and LIPS: the deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.engine.status import rolled_up
from connector.simulator.rfc import keys
from connector.simulator.rfc.tables.source import Source, Table, following_documents

if TYPE_CHECKING:
    from connector.simulator.engine.logistics_records import Delivery, DeliveryItem
    from connector.simulator.engine.sales_records import SalesItem
    from connector.simulator.engine.status import DeliveryItemStatus, DeliveryStatus


@dataclass(slots=True)
class Header:
    """A row of LIKP; its status is looked up when a column asks for it."""

    source: Source
    document: Delivery
    _status: DeliveryStatus | None = None

    @property
    def status(self) -> DeliveryStatus:
        """Status of the delivery, looked up once."""
        if self._status is None:
            self._status = self.source.erp.delivery_status(self.document.number)
        return self._status

    @property
    def overall(self) -> str:
        """Overall status: what picking, goods movement and billing come to."""
        return rolled_up((self.status.picking, self.status.goods_movement, self.status.billing))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of LIPS."""

    header: Header
    item: DeliveryItem

    @property
    def document(self) -> Delivery:
        """The delivery the item belongs to."""
        return self.header.document

    @property
    def ordered(self) -> SalesItem | None:
        """The order's item, None where there is no order."""
        order = self.header.source.erp.sales_document(self.item.reference_document)
        return order.item(self.item.reference_item) if order is not None else None

    @property
    def status(self) -> DeliveryItemStatus:
        """Status of the item."""
        return self.header.status.items[self.item.item_number]

    @property
    def overall(self) -> str:
        """Overall status of the item."""
        return rolled_up((self.status.picking, self.status.goods_movement, self.status.billing))


def documents(source: Source) -> Iterator[Delivery]:
    """Yield the deliveries that the selection can let in."""
    return following_documents(
        source,
        "delivery",
        source.numbers("VGBEL"),
        source.erp.deliveries_of,
        source.erp.delivery,
    )


def headers(source: Source) -> Iterator[Header]:
    """Rows of LIKP."""
    return (Header(source, document) for document in documents(source))


def items(source: Source) -> Iterator[Line]:
    """Rows of LIPS."""
    for header in headers(source):
        for item in header.document.items:
            yield Line(header, item)


LIKP = Table(
    headers,
    {
        "VBELN": lambda x: x.document.number,
        "ERNAM": lambda x: x.document.created_by,
        "ERZET": lambda x: x.source.local(x.document.created_at).time(),
        "ERDAT": lambda x: x.source.local(x.document.created_at).date(),
        "VSTEL": lambda x: x.document.shipping_point,
        "VKORG": lambda x: x.document.sales_organization,
        "LFART": lambda x: x.document.delivery_type,
        "BLDAT": lambda x: x.document.document_date,
        "WADAT": lambda x: x.document.planned_goods_issue_date,
        "LFDAT": lambda x: x.document.delivery_date,
        "INCO1": lambda x: x.document.incoterms,
        "INCO2": lambda x: x.document.incoterms_location,
        "ROUTE": lambda x: x.document.route,
        "FAKSK": lambda x: x.document.billing_block,
        "LIFSK": lambda x: x.document.delivery_block,
        "VBTYP": lambda x: x.document.category,
        "VSBED": lambda x: x.document.shipping_conditions,
        "KUNNR": lambda x: x.document.ship_to,
        "KUNAG": lambda x: x.document.sold_to,
        "AEDAT": lambda x: (
            x.source.local(x.document.changed_at).date() if x.document.version > 1 else None
        ),
        "BOLNR": lambda x: x.document.bill_of_lading,
        "WADAT_IST": lambda x: x.document.actual_goods_issue_date,
        "KOSTK": lambda x: x.status.picking,
        "WBSTK": lambda x: x.status.goods_movement,
        "FKSTK": lambda x: x.status.billing,
        "GBSTK": lambda x: x.overall,
    },
)

LIPS = Table(
    items,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number,
        "PSTYV": lambda x: x.item.item_category,
        "ERNAM": lambda x: x.document.created_by,
        "ERDAT": lambda x: x.header.source.local(x.document.created_at).date(),
        "ERZET": lambda x: x.header.source.local(x.document.created_at).time(),
        "MATNR": lambda x: keys.material_out(x.item.material),
        "WERKS": lambda x: x.item.plant,
        "LFIMG": lambda x: x.item.quantity,
        "UEBTO": lambda x: x.ordered.over_delivery_tolerance if x.ordered else 0,
        "UEBTK": lambda x: "X" if x.ordered and x.ordered.unlimited_over_delivery else "",
        "MEINS": lambda x: x.item.base_unit,
        "VRKME": lambda x: x.item.sales_unit,
        "UMVKZ": lambda x: x.item.base_numerator,
        "UMVKN": lambda x: x.item.base_denominator,
        "LGMNG": lambda x: x.item.quantity * x.item.base_numerator / x.item.base_denominator,
        "ARKTX": lambda x: x.item.description,
        "UEPOS": lambda x: x.item.higher_level_item,
        "VGBEL": lambda x: x.item.reference_document,
        "VGPOS": lambda x: x.item.reference_item,
        "BWART": lambda x: x.item.movement_type,
        "KOSTA": lambda x: x.status.picking,
        "WBSTA": lambda x: x.status.goods_movement,
        "FKSTA": lambda x: x.status.billing,
        "GBSTA": lambda x: x.overall,
    },
)

TABLES = {"LIKP": LIKP, "LIPS": LIPS}
