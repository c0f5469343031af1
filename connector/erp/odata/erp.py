"""The ERP over OData: the port's `Erp`, put together."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from connector.clock import Clock, SystemClock
from connector.erp.http.options import BasicLogon, HttpOptions, OAuthLogon
from connector.erp.http.pool import HttpPool
from connector.erp.messages import table_with
from connector.erp.odata import sales_order
from connector.erp.odata.billing_document import ODataBillingDocuments
from connector.erp.odata.changes import Changes
from connector.erp.odata.delivery import ODataDeliveries
from connector.erp.odata.document_flow import ODataDocumentChains
from connector.erp.odata.names import Names
from connector.erp.odata.open_items import ODataOpenItems
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.payment import ODataPayments
from connector.erp.odata.release import Shapes
from connector.erp.odata.sales_documents import ODataSalesDocuments
from connector.erp.odata.service import Query
from connector.erp.odata.system import ODataSystem
from connector.erp.odata.values import key
from connector.ports.erp import ErpSystem

if TYPE_CHECKING:
    from types import TracebackType

    from connector.ports.erp import (
        BillingDocuments,
        Deliveries,
        DocumentChains,
        Erp,
        OpenItems,
        Payments,
        SalesDocuments,
    )

#: A number that no document has: asking for it costs the ERP next to nothing.
_NO_DOCUMENT: Final = "9999999999"


class ODataErp:
    """
    An ERP reached over HTTP. All methods may be called from any thread; close it when done.

    Nothing is opened before the first call.

    Raises:
        ConfigurationError: the message table named in *options* is not readable.
    """

    def __init__(
        self, http: HttpPool, options: ODataOptions | None = None, clock: Clock | None = None
    ) -> None:
        options, clock = options or ODataOptions(), clock or SystemClock()
        table = table_with(options.messages)
        names = Names(options)
        self._http, self._clock = http.options, clock
        self._system = system = ODataSystem(http, options, table, clock)
        self._shapes = shapes = Shapes(system, options)
        self._sales_documents = ODataSalesDocuments(system, options, names, shapes, clock)
        self._deliveries = ODataDeliveries(system, options, names, table, clock)
        self._billing_documents = ODataBillingDocuments(system, options, names, table)
        self._payments = ODataPayments(system)
        self._open_items = ODataOpenItems(system, options)
        changes = Changes(system, shapes, self._sales_documents.kinds, options, clock)
        self._chains = ODataDocumentChains(system, self._sales_documents, options, changes)

    @property
    def sales_documents(self) -> SalesDocuments:
        """Inquiries (reading), quotations, orders, returns orders, credit memo requests."""
        return self._sales_documents

    @property
    def deliveries(self) -> Deliveries:
        """Outbound deliveries."""
        return self._deliveries

    @property
    def billing_documents(self) -> BillingDocuments:
        """Invoices, memos, cancellations."""
        return self._billing_documents

    @property
    def payments(self) -> Payments:
        """Incoming payments, for finding them."""
        return self._payments

    @property
    def open_items(self) -> OpenItems:
        """Customer items and G/L balances."""
        return self._open_items

    @property
    def chains(self) -> DocumentChains:
        """The document flow."""
        return self._chains

    def ping(self) -> ErpSystem:
        """
        Log on and ask for a document that does not exist, and measure how long that takes.

        OData does not tell the system's id; the release is that of the sales order's service.
        """
        release = self._shapes.release()
        service = self._system.service(sales_order.SERVICE)
        started = self._clock.now()
        service.entity(
            Query(key(sales_order.SHAPE_2020.header_set, _NO_DOCUMENT), {"$select": "SalesOrder"})
        )
        answered = self._clock.now()
        return ErpSystem(
            system_id="",
            client=self._http.client,
            user=_user(self._http),
            host=urlsplit(self._http.base_url).hostname or "",
            release=release,
            latency_s=(answered - started) / timedelta(seconds=1),
            answered_at=answered,
        )

    def close(self) -> None:
        """Give back every session; calling it twice is harmless."""
        self._system.close()

    def __enter__(self) -> ODataErp:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _user(http: HttpOptions) -> str:
    """Return who logs on, as far as the settings say it."""
    logon = http.logon
    if isinstance(logon, BasicLogon):
        return logon.user
    return logon.client_id if isinstance(logon, OAuthLogon) else logon.certificate.stem


if TYPE_CHECKING:

    def _implements_the_port(erp: ODataErp) -> Erp:
        return erp
