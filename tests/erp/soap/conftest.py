"""
The SOAP transport on the simulated ERP, in this process and over a socket.

What SOAP cannot be asked for is read over RFC, from the same ERP.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pydantic import SecretStr
from requests.adapters import BaseAdapter

from connector.clock import ManualClock
from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.wire import WatchedAdapter
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.erp.soap.options import SoapOptions
from connector.erp.soap.transport import SoapTransport, soap_transport
from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.finance_records import AccountingDocument
from connector.simulator.engine.master_data import MasterData
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.http.server import HttpErpServer
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.settings import SoapSettings
from tests.contract.observing import Observer

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
LOGON: dict[str, Any] = {
    "ashost": "erp.test",
    "client": "100",
    "user": "CONNECTOR",
    "passwd": "x",
    "lang": "EN",
}
DEFAULTS: dict[str, Any] = {"cash_discount_account": "880000", "bank_charges_account": "659000"}


@dataclass
class System:
    """A simulated ERP, its faces and the ways to them."""

    engine: SimulatedErp
    front: HttpFront
    settings: SoapSettings
    url: str
    adapter: type[WatchedAdapter] | None
    stack: ExitStack
    rfc: RfcErp
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))

    def transport(self, *, http: Mapping[str, Any] | None = None, **options: Any) -> SoapTransport:
        """Return a transport with *options*; it is closed with the ERP."""
        basics: dict[str, Any] = {
            "base_url": self.url,
            "logon": BasicLogon(user="CONNECTOR", password=SecretStr("secret")),
            "client": "100",
            "allow_plain_http": True,
        }
        made = soap_transport(
            HttpOptions(**{**basics, **(http or {})}),
            SoapOptions(**{**DEFAULTS, **options}),
            self.clock,
            self.rfc.payments.find,
            others=self.rfc.sales_documents,
            adapter=self.adapter or self._local,
        )
        self.stack.callback(made.close)
        return made

    def advance(self, by: timedelta) -> None:
        """Move the clocks of the ERP and of the connector."""
        self.engine.advance(by)
        self.clock.advance(by)

    def payments(self, reference: str = "PAY-1") -> tuple[AccountingDocument, ...]:
        """Return the documents in the ERP that carry the reference."""
        return self.engine.accounting_documents_by_reference(reference)

    def _local(self) -> BaseAdapter:
        return LocalAdapter(self.front)


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the worked cases on top."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


def open_system(master: MasterData, stack: ExitStack, *, over_a_socket: bool) -> System:
    """Open a fresh ERP at noon of 2026-01-05."""
    engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON)))
    settings = SoapSettings()
    front = HttpFront(engine)
    stack.callback(front.close)
    for path, face in soap_faces(engine, settings).items():
        front.mount(path, face)
    url, adapter = LOCAL_URL, None
    if over_a_socket:
        server = HttpErpServer(front)
        stack.enter_context(server)
        host, port = server.address
        url, adapter = f"http://{host}:{port}", WatchedAdapter
    rfc_face = RfcFace(engine)
    stack.callback(rfc_face.close)
    rfc = RfcErp(_driver(rfc_face), RfcOptions(), ManualClock(NOON))
    stack.callback(rfc.close)
    return System(engine, front, settings, url, adapter, stack, rfc)


def _driver(face: RfcFace) -> RfcDriver:
    def connect(on_sent: OnSent) -> RfcConnection:
        del on_sent
        return cast(RfcConnection, face.connect(**LOGON))

    return RfcDriver(connect, RFCError)


@pytest.fixture(params=["in process", "over a socket"])
def system(request: pytest.FixtureRequest, master: MasterData) -> Iterator[System]:
    """An ERP, reached in the way that the parameter names."""
    with ExitStack() as stack:
        yield open_system(master, stack, over_a_socket=request.param == "over a socket")


@pytest.fixture
def observer() -> Observer:
    """Remembers what a write reports."""
    return Observer()
