"""The ways to one and the same ERP: without any transport, and over each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from connector.clock import ManualClock
from connector.erp.http.options import HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.http.session import AdapterFactory
from connector.erp.odata.capabilities import CAPABILITIES as ODATA
from connector.erp.odata.erp import ODataErp
from connector.erp.odata.options import ODataOptions
from connector.erp.rfc.capabilities import CAPABILITIES as RFC
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.erp.routes import Routes, TransportParts, access_of, parts_of, reaches
from connector.erp.routing import RoutedErp
from connector.erp.soap.capabilities import CAPABILITIES as SOAP
from connector.erp.soap.options import SoapOptions
from connector.erp.soap.transport import soap_transport
from connector.ports.capabilities import Access, Capabilities, ErpOperation, Transport
from connector.ports.erp import Erp
from connector.settings.system_profile import system_profile
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.http.server import HttpErpServer
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.remote import RemoteConnection
from connector.simulator.rfc.server import RfcServer
from connector.simulator.rfc.settings import (
    CLEARING_FUNCTION,
    GOODS_ISSUE_REVERSAL_FUNCTION,
    FaceSettings,
)
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.settings import SoapSettings
from tests.contract.capable import CapableErp
from tests.contract.engine.erp import EngineErp

NOON: Final = datetime(2026, 1, 5, 11, tzinfo=UTC)
LOGON: Final[dict[str, Any]] = {"client": "100", "user": "CONNECTOR", "passwd": "x", "lang": "EN"}
#: How long a client waits for an answer over a socket.
_PATIENCE_S: Final = 3.0
CAPABILITIES: Final[Mapping[Transport, Capabilities]] = {
    Transport.RFC: RFC,
    Transport.ODATA: ODATA,
    Transport.SOAP: SOAP,
}


@dataclass(frozen=True, slots=True)
class WayName:
    """
    One way: ``transport`` alone, or the routes of a system ``profile``; neither is the engine.

    ``release`` is that of the RFC face (ecc, s4) or of the sales order's service (2020, 2026).
    """

    transport: Transport | None = None
    profile: str = ""
    release: str = ""
    socket: bool = False
    clears_at_once: bool = False

    def __str__(self) -> str:
        name = self.profile or (self.transport.value if self.transport else "engine")
        where = "over a socket" if self.socket else ""
        return ", ".join(part for part in (name, self.release, where) if part)


WAYS: Final = (
    WayName(),
    WayName(Transport.RFC, release="ecc"),
    WayName(Transport.RFC, release="s4", clears_at_once=True),
    WayName(Transport.RFC, release="s4", socket=True),
    WayName(Transport.ODATA, release="2020"),
    WayName(Transport.ODATA, release="2026", socket=True),
    WayName(profile="s4", release="2026"),
    WayName(profile="s4-mixed", release="2026", socket=True),
)


@dataclass(frozen=True, slots=True)
class Way:
    """
    An ERP and a way to it.

    ``erp`` is the way as it is, ``helped`` the same with the reference where it cannot go, and
    ``reference`` the reference itself.
    """

    name: WayName
    engine: SimulatedErp
    clock: ManualClock
    erp: Erp
    reference: EngineErp
    routes: Routes
    rfc: RfcFace
    front: HttpFront

    @property
    def helped(self) -> CapableErp:
        """The way, and the reference where it cannot go."""
        shown = not self.uses(Transport.ODATA)
        return CapableErp(self.erp, self.reference, self.can, returns_deliveries=shown)

    def can(self, operation: ErpOperation, needed: Access) -> bool:
        """Whether the capabilities say that it can do that; the reference prints nothing."""
        if not self.routes:
            return operation is not ErpOperation.BILLING_PDF
        return reaches(access_of(operation, self.routes, CAPABILITIES), needed)

    def uses(self, transport: Transport) -> bool:
        """Whether documents go over *transport*."""
        return self.routes.get(ErpOperation.SALES_ORDER) is transport

    def advance(self, by: timedelta) -> None:
        """Move the clocks of the ERP and of the connector."""
        self.engine.advance(by)
        self.clock.advance(by)

    def inject(
        self, fault: str, *, on: Mapping[Transport, str] | None = None, times: int = 1
    ) -> None:
        """Let a fault of the line happen to the transport that creates orders."""
        transport = self.routes[ErpOperation.SALES_ORDER]
        where = (on or {}).get(transport, "*")
        if transport is Transport.RFC:
            self.rfc.inject(fault, on="" if where == "*" else where, times=times)
        else:
            self.front.inject(fault, where, times)

    def clear(self) -> None:
        """Let the ERP's own run clear payments and invoices, where that is left to do."""
        self.engine.run_job("automatic clearing")


def open_way(name: WayName, master: MasterData, stack: ExitStack) -> Way:
    """Open a fresh ERP at noon of 2026-01-05, and a way to it; *stack* closes both."""
    engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON)))
    clock = ManualClock(NOON)
    profile = system_profile(name.profile, Path("none")) if name.profile else None
    release = name.release if name.release in ("ecc", "s4") else "s4"
    face = RfcFace(engine, FaceSettings(profile=release))
    stack.callback(face.close)
    front = HttpFront(engine)
    stack.callback(front.close)
    services = {"API_SALES_ORDER_SRV": name.release} if name.release.isdigit() else {}
    ODataFace(engine, front, ODataFaceSettings(releases=services))
    for path, web_service in soap_faces(engine, SoapSettings()).items():
        front.mount(path, web_service)
    reference = EngineErp(engine, "CLERK", clearing=name.clears_at_once)
    stack.callback(reference.close)
    lines = _Lines(name, face, front, clock, stack)
    erp: Erp
    if profile is not None:
        routes = profile.with_routes({})
        erp = lines.routed(routes)
    elif name.transport is not None:
        able = CAPABILITIES[name.transport]
        routes = {each: name.transport for each in able if able[each].access is not Access.NONE}
        erp = lines.rfc() if name.transport is Transport.RFC else lines.odata()
    else:
        routes = {}
        erp = EngineErp(engine, clearing=name.clears_at_once)
    stack.callback(erp.close)
    return Way(name, engine, clock, erp, reference, routes, face, front)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Opens transports to the faces, in this process or over sockets."""

    name: WayName
    face: RfcFace
    front: HttpFront
    clock: ManualClock
    stack: ExitStack

    def rfc(self) -> RfcErp:
        options: dict[str, Any] = {
            "cash_discount_account": "880000",
            "bank_charges_account": "659000",
            "small_difference_account": "881000",
            "tax_accounts": {"A1": "175000"},
            "goods_issue_reversal_function": GOODS_ISSUE_REVERSAL_FUNCTION,
            "clearing_function": CLEARING_FUNCTION if self.name.clears_at_once else "",
        }
        return RfcErp(RfcDriver(self._connect(), RFCError), RfcOptions(**options), self.clock)

    def odata(self) -> ODataErp:
        http, adapter = self._http()
        return ODataErp(HttpPool(http, self.clock, adapter), ODataOptions(), self.clock)

    def routed(self, routes: Routes) -> RoutedErp:
        odata = self.odata()
        parts = {Transport.ODATA: parts_of(odata)}
        if Transport.RFC in routes.values():
            parts[Transport.RFC] = parts_of(self.rfc())
        if Transport.SOAP in routes.values():
            http, adapter = self._http()
            soap = soap_transport(
                http,
                SoapOptions(
                    cash_discount_account="880000",
                    bank_charges_account="659000",
                    small_difference_account="881000",
                ),
                self.clock,
                odata.payments.find,
                others=odata.sales_documents,
                adapter=adapter,
            )
            parts[Transport.SOAP] = TransportParts(
                ping=soap.ping,
                close=soap.close,
                sales_documents=soap.sales_documents,
                payments=soap.payments,
            )
        return RoutedErp(routes, parts, CAPABILITIES)

    def _connect(self) -> Callable[[OnSent], RfcConnection]:
        if not self.name.socket:
            return lambda on_sent: cast(
                RfcConnection, self.face.connect(ashost="erp.test", **LOGON)
            )
        host, port = self.stack.enter_context(RfcServer(self.face)).address
        return lambda on_sent: cast(
            RfcConnection, RemoteConnection(host, port, on_sent=on_sent, ashost=host, **LOGON)
        )

    def _http(self) -> tuple[HttpOptions, AdapterFactory | None]:
        url = LOCAL_URL
        adapter: AdapterFactory | None = lambda: LocalAdapter(self.front)  # noqa: E731
        if self.name.socket:
            url, adapter = self.stack.enter_context(HttpErpServer(self.front)).url, None
        options = {
            "base_url": url,
            "logon": {"kind": "basic", "user": LOGON["user"], "password": LOGON["passwd"]},
            "client": LOGON["client"],
            "allow_plain_http": True,
            "read_timeout_s": _PATIENCE_S,
        }
        return HttpOptions.model_validate(options), adapter
