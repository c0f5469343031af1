"""What is behind each OData service."""

from __future__ import annotations

from connector.simulator.odata.entities.billing_sets import billing_sets
from connector.simulator.odata.entities.delivery_sets import delivery_sets
from connector.simulator.odata.entities.sales_sets import SERVICES, sales_sets
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.entity_set import ServiceEntities
from connector.simulator.odata.schema import Service


def service_entities(service: Service, settings: EntitySettings | None = None) -> ServiceEntities:
    """
    Return the entity sets and function imports of *service* in its release.

    A service without entities of its own gives none: its sets are then empty.
    """
    chosen = settings or EntitySettings()
    if service.name in SERVICES:
        return ServiceEntities(sales_sets(service, SERVICES[service.name], chosen, {}))
    if service.name == "API_OUTBOUND_DELIVERY_SRV":
        return ServiceEntities(delivery_sets(service, chosen, {}))
    if service.name == "API_BILLING_DOCUMENT_SRV":
        return ServiceEntities(billing_sets(service, chosen))
    return ServiceEntities({})
