"""
Several transports as one ERP: each operation goes the way that the settings choose for it.

A route to something that its transport cannot do is refused when the parts are put together, before
anything is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.erp.routed_parts import (
    RoutedBillingDocuments,
    RoutedDeliveries,
    RoutedDocumentChains,
    RoutedMasterData,
    RoutedOpenItems,
    RoutedPayments,
    RoutedSalesDocuments,
)
from connector.erp.routes import Router, Routes, TransportParts, require_possible
from connector.errors import ConfigurationError
from connector.ports.capabilities import Capabilities, ErpOperation, Transport
from connector.ports.erp import (
    BillingDocuments,
    Deliveries,
    DocumentChains,
    Erp,
    ErpSystem,
    OpenItems,
    Payments,
    SalesDocuments,
)
from connector.ports.master_data import MasterDataReader

if TYPE_CHECKING:
    from types import TracebackType


class RoutedErp:
    """
    The port's `Erp` over several transports. Close it when done: it closes all of them.

    Raises:
        ConfigurationError: a route is impossible, see :func:`require_possible`.
    """

    def __init__(
        self,
        routes: Routes,
        parts: Mapping[Transport, TransportParts],
        capabilities: Mapping[Transport, Capabilities],
    ) -> None:
        require_possible(routes, capabilities)
        missing = [
            each.value for each in Transport if each in routes.values() and each not in parts
        ]
        if missing:
            raise ConfigurationError("erp.routes", f"{missing[0]} is chosen and not set up")
        self.router = router = Router(dict(routes), dict(parts), dict(capabilities))
        self._sales_documents = RoutedSalesDocuments(router)
        self._deliveries = RoutedDeliveries(router)
        self._billing_documents = RoutedBillingDocuments(router)
        self._payments = RoutedPayments(router)
        self._open_items = RoutedOpenItems(router)
        self._chains = RoutedDocumentChains(router)
        self._master_data = RoutedMasterData(router)

    @property
    def sales_documents(self) -> SalesDocuments:
        """Sales documents, each over the route of its category."""
        return self._sales_documents

    @property
    def deliveries(self) -> Deliveries:
        """Deliveries; goods movements have a route of their own."""
        return self._deliveries

    @property
    def billing_documents(self) -> BillingDocuments:
        """Billing documents; their print has a route of its own."""
        return self._billing_documents

    @property
    def payments(self) -> Payments:
        """Incoming payments."""
        return self._payments

    @property
    def open_items(self) -> OpenItems:
        """Customer items and G/L balances."""
        return self._open_items

    @property
    def chains(self) -> DocumentChains:
        """The document flow."""
        return self._chains

    @property
    def master_data(self) -> MasterDataReader:
        """Customers, materials and the like, for reading."""
        return self._master_data

    def systems(self) -> Mapping[Transport, ErpSystem]:
        """Log on over each transport that is used, once, and say who answers."""
        return {each: self.router.parts[each].ping() for each in self.router.used()}

    def ping(self) -> ErpSystem:
        """Log on over each transport; says who answers where orders go to, and the longest trip."""
        systems = self.systems()
        first = self.router.routes.get(ErpOperation.SALES_ORDER)
        found = systems[first] if first is not None else next(iter(systems.values()))
        slowest = max(each.latency_s for each in systems.values())
        return replace(found, latency_s=slowest)

    def close(self) -> None:
        """Close every transport; calling it twice is harmless."""
        with ExitStack() as closing:
            for each in self.router.parts.values():
                closing.callback(each.close)

    def __enter__(self) -> RoutedErp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


if TYPE_CHECKING:

    def _implements_the_port(erp: RoutedErp) -> Erp:
        return erp
