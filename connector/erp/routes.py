"""Which transport does what: the routes, what they can do, and the part that each leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from connector.errors import ConfigurationError
from connector.ports.capabilities import Access, Capabilities, ErpOperation, Transport
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
from connector.sd_documents.values import DocumentCategory

PartT = TypeVar("PartT")

Routes = Mapping[ErpOperation, Transport]

#: How far a transport goes, from nothing to all.
_REACH: Final = (Access.NONE, Access.READ, Access.CHANGE, Access.CREATE)

#: What cannot be observed: the connector itself has to do it, or leave it out.
_LEAST: Final[Mapping[ErpOperation, Access]] = {
    ErpOperation.GOODS_ISSUE: Access.CHANGE,
    ErpOperation.PAYMENT: Access.CREATE,
}

#: The operation that a sales document belongs to.
SALES_OPERATIONS: Final[Mapping[DocumentCategory, ErpOperation]] = {
    DocumentCategory.INQUIRY: ErpOperation.INQUIRY,
    DocumentCategory.QUOTATION: ErpOperation.QUOTATION,
    DocumentCategory.SALES_ORDER: ErpOperation.SALES_ORDER,
    DocumentCategory.RETURNS_ORDER: ErpOperation.RETURNS_ORDER,
    DocumentCategory.CREDIT_MEMO_REQUEST: ErpOperation.CREDIT_MEMO_REQUEST,
    DocumentCategory.DEBIT_MEMO_REQUEST: ErpOperation.DEBIT_MEMO_REQUEST,
}


@dataclass(frozen=True, slots=True)
class TransportParts:
    """
    What one transport brings: all of the port, or the parts that it has.

    ``close`` may be called twice; ``ping`` logs on and asks who answers. ``probe`` makes sure of
    what an operation's reads need besides what they call, such as tables that may be read.
    """

    ping: Callable[[], ErpSystem]
    close: Callable[[], None]
    sales_documents: SalesDocuments | None = None
    deliveries: Deliveries | None = None
    billing_documents: BillingDocuments | None = None
    payments: Payments | None = None
    open_items: OpenItems | None = None
    chains: DocumentChains | None = None
    probe: Callable[[ErpOperation], None] | None = None
    master_data: MasterDataReader | None = None


def parts_of(
    erp: Erp,
    probe: Callable[[ErpOperation], None] | None = None,
    master_data: MasterDataReader | None = None,
) -> TransportParts:
    """Return all parts of a transport that has the whole port."""
    return TransportParts(
        ping=erp.ping,
        close=erp.close,
        sales_documents=erp.sales_documents,
        deliveries=erp.deliveries,
        billing_documents=erp.billing_documents,
        payments=erp.payments,
        open_items=erp.open_items,
        chains=erp.chains,
        probe=probe,
        master_data=master_data,
    )


def reaches(access: Access, needed: Access) -> bool:
    """Whether *access* is as much as *needed*, or more."""
    return _REACH.index(access) >= _REACH.index(needed)


def transports_that(
    operation: ErpOperation, needed: Access, capabilities: Mapping[Transport, Capabilities]
) -> tuple[Transport, ...]:
    """Return the transports that go as far as *needed*."""
    return tuple(
        transport
        for transport, each in capabilities.items()
        if operation in each and reaches(each[operation].access, needed)
    )


def access_of(
    operation: ErpOperation, routes: Routes, capabilities: Mapping[Transport, Capabilities]
) -> Access:
    """Return how far the route of *operation* goes; without a route it goes nowhere."""
    transport = routes.get(operation)
    known = capabilities.get(transport, {}) if transport is not None else {}
    return known[operation].access if operation in known else Access.NONE


def require_possible(
    routes: Routes, capabilities: Mapping[Transport, Capabilities], where: str = "erp.routes"
) -> None:
    """
    Raise ConfigurationError for routes to what their transport cannot do.

    The error names each such operation, and the transports that can.
    """
    problems: list[str] = []
    for operation, transport in routes.items():
        needed = _LEAST.get(operation, Access.READ)
        if reaches(access_of(operation, routes, capabilities), needed):
            continue
        verb = "done" if needed is not Access.READ else "read"
        problems.append(
            f"{operation.value}: {transport.value} is impossible, it cannot be {verb} over "
            f"{transport.value}; {_alternatives(transports_that(operation, needed, capabilities))}"
        )
    if len(problems) == 1:
        operation_name, _, problem = problems[0].partition(": ")
        raise ConfigurationError(f"{where}.{operation_name}", problem)
    if problems:
        lines = "".join(f"\n  {each}" for each in problems)
        raise ConfigurationError(where, f"{len(problems)} routes are impossible:{lines}")


def _alternatives(transports: Iterable[Transport]) -> str:
    names = ", ".join(each.value for each in transports)
    return f"possible: {names}" if names else "no transport can"


@dataclass(frozen=True, slots=True)
class Router:
    """Finds the part of the transport that an operation goes to."""

    routes: Routes
    parts: Mapping[Transport, TransportParts]
    capabilities: Mapping[Transport, Capabilities]

    def transport(self, operation: ErpOperation, needed: Access = Access.READ) -> TransportParts:
        """
        Return the transport that *operation* goes to.

        Raises:
            ConfigurationError: it has no route, or the route does not go as far as *needed*.
        """
        transport = self.routes.get(operation)
        able = _alternatives(transports_that(operation, needed, self.capabilities))
        if transport is None:
            raise ConfigurationError(
                f"erp.routes.{operation.value}", "no transport is chosen for it", able.capitalize()
            )
        if not reaches(access_of(operation, self.routes, self.capabilities), needed):
            verb = {Access.CREATE: "created", Access.CHANGE: "changed"}.get(needed, "read")
            raise ConfigurationError(
                f"erp.routes.{operation.value}",
                f"over {transport.value} it cannot be {verb}",
                able.capitalize(),
            )
        return self.parts[transport]

    def used(self) -> tuple[Transport, ...]:
        """Return the transports that anything goes to, each once, in a fixed order."""
        return tuple(each for each in Transport if each in self.routes.values())

    def part(
        self,
        operation: ErpOperation,
        choose: Callable[[TransportParts], PartT | None],
        needed: Access = Access.READ,
    ) -> PartT:
        """Return what *choose* picks of the transport; see :meth:`transport` for errors."""
        found = choose(self.transport(operation, needed))
        if found is None:
            raise ConfigurationError(
                f"erp.routes.{operation.value}",
                f"{self.routes[operation].value} has nothing for it",
                "Choose another transport",
            )
        return found

    def sales_transports(self) -> Sequence[Transport]:
        """Return the transports of all sales documents, each once, that of orders first."""
        first = self.routes.get(ErpOperation.SALES_ORDER)
        others = (self.routes.get(each) for each in SALES_OPERATIONS.values())
        return tuple(dict.fromkeys(each for each in (first, *others) if each is not None))
