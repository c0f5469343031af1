"""What is behind each OData service."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.odata.entities.billing_functions import BillingFunctions
from connector.simulator.odata.entities.billing_sets import billing_sets
from connector.simulator.odata.entities.delivery_functions import DeliveryFunctions
from connector.simulator.odata.entities.delivery_sets import delivery_sets
from connector.simulator.odata.entities.delivery_writer import DeliveryWriter
from connector.simulator.odata.entities.journal_sets import cube_sets, journal_sets
from connector.simulator.odata.entities.sales_sets import SERVICES, sales_sets
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.entities.simulation import SimulationSet
from connector.simulator.odata.entity_set import EntitySet, FunctionImport, ServiceEntities
from connector.simulator.odata.schema import Service


def service_entities(service: Service, settings: EntitySettings | None = None) -> ServiceEntities:
    """
    Return the entity sets and function imports of *service* in its release.

    A service without entities of its own gives none: its sets are then empty.
    """
    chosen = settings or EntitySettings()
    sets: Mapping[str, EntitySet] = {}
    functions: Mapping[str, FunctionImport] = {}
    if service.name in SERVICES:
        sets = sales_sets(service, SERVICES[service.name], chosen)
    elif service.name == "API_OUTBOUND_DELIVERY_SRV":
        sets = delivery_sets(service, chosen, DeliveryWriter(chosen).writers())
        functions = DeliveryFunctions(chosen).imports()
    elif service.name == "API_BILLING_DOCUMENT_SRV":
        sets = billing_sets(service, chosen)
        functions = BillingFunctions(chosen).imports()
    elif service.name == "API_SALES_ORDER_SIMULATION_SRV":
        sets = {"A_SalesOrderSimulation": SimulationSet(service, chosen)}
    elif service.name == "API_OPLACCTGDOCITEMCUBE_SRV":
        sets = cube_sets(service, chosen)
    elif service.name == "API_JOURNALENTRYITEMBASIC_SRV":
        sets = journal_sets(service, chosen)
    return ServiceEntities(sets, functions)
