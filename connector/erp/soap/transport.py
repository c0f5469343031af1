"""The SOAP transport, put together: its services, its sessions and who it logs on as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from connector.clock import Clock
from connector.erp.http.errors import refusal_of
from connector.erp.http.exchange import Answer, Call
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.http.session import AdapterFactory
from connector.erp.messages import table_with
from connector.erp.soap.bapi_service import SoapSalesDocuments
from connector.erp.soap.options import ORDER_WRAPPER, SoapOptions, WrapperOptions
from connector.erp.soap.payment import OPERATION, FindPayments, SoapPayments
from connector.erp.soap.web_service import WebService
from connector.erp.soap.wsdl import ServiceDescription, shipped_wsdl
from connector.errors import ConfigurationError, ConnectorError, LogonRefusedError
from connector.ports.capabilities import ErpOperation
from connector.ports.erp import ErpSystem
from connector.sd_documents.values import DocumentCategory

if TYPE_CHECKING:
    from pathlib import Path

    from connector.ports.erp import SalesDocuments

#: A service that is there may still not describe itself.
_UNDESCRIBED: Final = frozenset({405, 500})
_PING: Final = "/sap/bc/ping"
_RFC_STYLE: Final = "/sap/bc/srt/rfc/sap/"


@dataclass(frozen=True, slots=True)
class SoapTransport:
    """Payments, and sales documents where *others* read them. Close it when done."""

    pool: HttpPool
    payments: SoapPayments
    sales_documents: SoapSalesDocuments | None
    clock: Clock

    def ping(self) -> ErpSystem:
        """Log on and measure one round trip; the ERP does not say who it is."""
        started = self.clock.now()
        answer, refusal = self._ask(_PING, "SOAP logon")
        # The ping service answers with a page of its own, which is no logon form.
        if refusal is not None and not (
            answer.is_success and not isinstance(refusal, LogonRefusedError)
        ):
            raise refusal
        now = self.clock.now()
        options = self.pool.options
        return ErpSystem(
            system_id="",
            client=options.client,
            user=_user(options),
            host=urlsplit(options.base_url).hostname or "",
            release="",
            latency_s=(now - started) / timedelta(seconds=1),
            answered_at=now,
        )

    def probe(self, operation: ErpOperation) -> None:
        """
        Ask whether the services of *operation* are there, without posting anything.

        Raises:
            ConfigurationError: one is not active, or not for this user.
        """
        for service in self._services(operation):
            answer, refusal = self._ask(f"{service.path}?wsdl", service.description.operation)
            if refusal is not None and answer.status not in _UNDESCRIBED:
                raise refusal

    def close(self) -> None:
        """Give back every session; calling it twice is harmless."""
        self.pool.close()

    def _services(self, operation: ErpOperation) -> tuple[WebService, ...]:
        if operation is ErpOperation.PAYMENT:
            return (self.payments.service,)
        category = DocumentCategory.__members__.get(operation.name)
        services = self.sales_documents.services if self.sales_documents else {}
        found = services.get(category) if category is not None else None
        return (found,) if found is not None else ()

    def _ask(self, path: str, action: str) -> tuple[Answer, ConnectorError | None]:
        """Send a GET, and return the answer with what it stands for."""
        call = Call("GET", path, action)
        with self.pool.session() as session:
            answer = session.exchange(call)
        return answer, refusal_of(answer, call, self.clock.now())


def soap_transport(
    http: HttpOptions,
    options: SoapOptions,
    clock: Clock,
    finder: FindPayments,
    *,
    others: SalesDocuments | None = None,
    adapter: AdapterFactory | None = None,
) -> SoapTransport:
    """
    Return the transport; nothing is sent yet.

    Args:
        finder: finds payments by reference, company code and payer over another transport.
        others: sales documents over another transport; without them none are created here.
        adapter: makes what sends requests; None: the usual.

    Raises:
        ConfigurationError: a WSDL is missing, is none, or lacks the operation.
    """
    pool = HttpPool(http, clock, adapter)
    table = table_with(options.messages)
    wsdl = options.wsdl or shipped_wsdl(OPERATION)
    make = _Services(http, options, clock)
    payments = SoapPayments(
        pool,
        make.service(wsdl, OPERATION, options.path),
        options,
        table,
        clock,
        finder,
        _user(http),
    )
    documents = None
    if others is not None:
        documents = SoapSalesDocuments(pool, make.wrappers(), options, table, others)
    return SoapTransport(pool, payments, documents, clock)


@dataclass(frozen=True, slots=True)
class _Services:
    """Makes services of one ERP."""

    http: HttpOptions
    options: SoapOptions
    clock: Clock

    def service(self, wsdl: Path, operation: str, path: str) -> WebService:
        address = f"{self.http.base_url}{path}"
        version = self.options.soap_version
        description = ServiceDescription.load(wsdl, operation, version, address)
        return WebService(description, path, self.clock)

    def wrappers(self) -> Mapping[DocumentCategory, WebService]:
        """Return the services of the wrappers that the options name, by what they create."""
        found: dict[DocumentCategory, WebService] = {}
        for name, wrapper in self.options.wrappers.items():
            path = wrapper.path or f"{_RFC_STYLE}{wrapper.function.lower()}"
            wsdl = _wrapper_wsdl(name, wrapper)
            found[DocumentCategory[name.upper()]] = self.service(wsdl, wrapper.function, path)
        return found


def _wrapper_wsdl(name: str, wrapper: WrapperOptions) -> Path:
    if wrapper.wsdl is not None:
        return wrapper.wsdl
    if wrapper.function != ORDER_WRAPPER:
        raise ConfigurationError(
            f"erp.soap.options.wrappers.{name}.wsdl",
            f"is not set, and none is shipped for {wrapper.function}",
            "Name the file with the WSDL of its service",
        )
    return shipped_wsdl(ORDER_WRAPPER)


def _user(http: HttpOptions) -> str:
    return http.logon.user if isinstance(http.logon, BasicLogon) else ""
