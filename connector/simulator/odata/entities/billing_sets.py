"""The entity sets of the service for billing documents. All of them can only be read."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.odata.entities import billing_rows
from connector.simulator.odata.entities.billing_rows import NAME
from connector.simulator.odata.entities.billing_source import BillingSource
from connector.simulator.odata.entities.partners import PartnerRows
from connector.simulator.odata.entities.pricing_elements import HeaderPricingRows, PricingRows
from connector.simulator.odata.entities.records import RecordSet, Rows
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.schema import Service

_ITEM = f"{NAME}Item"
_SETS: Mapping[str, tuple[Rows, str]] = {
    "A_BillingDocument": (billing_rows.header_rows, ""),
    "A_BillingDocumentItem": (billing_rows.item_rows, _ITEM),
    "A_BillingDocumentPartner": (PartnerRows(NAME), ""),
    "A_BillingDocumentItemPartner": (PartnerRows(NAME, of_items=True), _ITEM),
    "A_BillingDocumentPrcgElmnt": (HeaderPricingRows(NAME), ""),
    "A_BillingDocumentItemPrcgElmnt": (PricingRows(NAME), _ITEM),
}


def billing_sets(service: Service, settings: EntitySettings) -> dict[str, RecordSet]:
    """Return the entity sets of *service*."""
    sets: dict[str, RecordSet] = {}
    for name, (rows, item) in _SETS.items():
        sets[name] = RecordSet(service, name, BillingSource(), rows, settings, sets, item=item)
    return sets
