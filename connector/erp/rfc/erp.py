"""The ERP over RFC: the port's `Erp`, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.clock import Clock, SystemClock
from connector.erp.messages import table_with
from connector.erp.rfc import probing, release
from connector.erp.rfc.billing_document import RfcBillingDocuments
from connector.erp.rfc.delivery import RfcDeliveries
from connector.erp.rfc.document_flow import RfcDocumentChains
from connector.erp.rfc.driver import RfcDriver
from connector.erp.rfc.master_data import RfcMasterData
from connector.erp.rfc.open_items import RfcOpenItems
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.payment import RfcPayments
from connector.erp.rfc.posting import Poster
from connector.erp.rfc.read_back import ReadBacks
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.sales_documents import RfcSalesDocuments
from connector.erp.rfc.session import SessionPool
from connector.ports.erp import ErpSystem

if TYPE_CHECKING:
    from types import TracebackType

    from connector.ports.capabilities import ErpOperation
    from connector.ports.erp import (
        BillingDocuments,
        Deliveries,
        DocumentChains,
        Erp,
        OpenItems,
        Payments,
        SalesDocuments,
    )
    from connector.ports.master_data import MasterDataReader


class RfcErp:
    """
    An ERP reached by *driver*. All methods may be called from any thread; close it when done.

    Nothing is opened before the first call.

    Raises:
        ConfigurationError: the message table named in *options* is not readable.
    """

    def __init__(
        self, driver: RfcDriver, options: RfcOptions | None = None, clock: Clock | None = None
    ) -> None:
        options, clock = options or RfcOptions(), clock or SystemClock()
        table = table_with(options.messages)
        self._clock = clock
        self._pool = SessionPool(
            driver, table, clock, options.sessions, options.session_wait_s, options.rested_s
        )
        self._reads = Reads(self._pool, table, clock)
        poster, read_backs = Poster(self._pool, table), ReadBacks(self._pool, options)
        self._options = options
        self._release = kind = Release(self._reads, options)
        self._sales_documents = RfcSalesDocuments(poster, self._reads, read_backs, options, clock)
        self._deliveries = RfcDeliveries(poster, self._reads, options, kind)
        self._billing_documents = RfcBillingDocuments(poster, self._reads, options)
        self._payments = RfcPayments(poster, self._reads, read_backs, options)
        self._open_items = RfcOpenItems(self._reads, options)
        self._chains = RfcDocumentChains(self._reads, options, kind, clock)
        self._master_data = RfcMasterData(self._reads, options)

    @property
    def sales_documents(self) -> SalesDocuments:
        """Inquiries, quotations, orders, returns orders, memo requests."""
        return self._sales_documents

    @property
    def deliveries(self) -> Deliveries:
        """Outbound and returns deliveries."""
        return self._deliveries

    @property
    def billing_documents(self) -> BillingDocuments:
        """Invoices, memos, cancellations."""
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

    @property
    def open_sessions(self) -> int:
        """How many sessions are open, in use or resting."""
        return self._pool.open_sessions

    def ping(self) -> ErpSystem:
        """Log on and ask who answers."""
        return release.ask(self._reads, self._clock)

    def probe(self, operation: ErpOperation) -> None:
        """
        Make sure that the tables of *operation* may be read.

        Raises:
            NotAuthorizedError: the user may not read one of them; the error names it.
        """
        probing.probe(self._reads, self._options, self._release, operation)

    def close(self) -> None:
        """Give back every session; calling it twice is harmless."""
        self._pool.close()

    def __enter__(self) -> RfcErp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


if TYPE_CHECKING:

    def _implements_the_port(erp: RfcErp) -> Erp:
        return erp
