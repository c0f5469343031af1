"""The entity sets of the service for outbound deliveries."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.odata.entities import delivery_partners, delivery_rows
from connector.simulator.odata.entities.delivery_partners import AddressSource
from connector.simulator.odata.entities.delivery_source import DeliverySource
from connector.simulator.odata.entities.records import RecordSet, Rows, Source, Writers
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.schema import Service

ITEM = "DeliveryDocumentItem"
_DOCUMENT = "DeliveryDocument"

#: set -> source, rows, property with the item number.
_SETS: Mapping[str, tuple[Source, Rows, str]] = {
    "A_OutbDeliveryHeader": (DeliverySource(), delivery_rows.header_rows, ""),
    "A_OutbDeliveryItem": (DeliverySource(), delivery_rows.item_rows, ITEM),
    "A_OutbDeliveryDocFlow": (
        DeliverySource("PrecedingDocument"),
        delivery_rows.flow_rows,
        "PrecedingDocumentItem",
    ),
    "A_OutbDeliveryPartner": (DeliverySource("SDDocument"), delivery_partners.partner_rows, ""),
    "A_OutbDeliveryAddress": (AddressSource(), delivery_partners.address_rows, ""),
}
#: navigation -> own property -> property of the target, where the names differ.
_LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "A_OutbDeliveryHeader": {"to_DeliveryDocumentPartner": {_DOCUMENT: "SDDocument"}},
    "A_OutbDeliveryItem": {
        "to_DocumentFlow": {_DOCUMENT: "PrecedingDocument", ITEM: "PrecedingDocumentItem"}
    },
    "A_OutbDeliveryPartner": {"to_Address": {"AddressID": "AddressID"}},
}


def delivery_sets(
    service: Service, settings: EntitySettings, writers: Mapping[str, Writers]
) -> dict[str, RecordSet]:
    """Return the entity sets of *service*; *writers* are by set."""
    sets: dict[str, RecordSet] = {}
    for name, (source, rows, item) in _SETS.items():
        sets[name] = RecordSet(
            service,
            name,
            source,
            rows,
            settings,
            sets,
            item=item,
            writers=writers.get(name, Writers()),
            links=_LINKS.get(name, {}),
        )
    return sets
