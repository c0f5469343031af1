"""
The OData transport on the simulated ERP in this process, in both releases of the sales order.

What OData cannot do (bill, pay) is done over RFC in the same ERP, as its own jobs would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import unquote

import pytest

from connector.clock import ManualClock
from connector.erp.http.options import HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.odata.erp import ODataErp
from connector.erp.odata.options import ODataOptions
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.http.messages import HttpRequest, HttpResponse
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.contract.observing import Observer

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
RELEASES = ("2020", "2026")


@dataclass
class Requests:
    """The requests that reached the ERP: method and path with query, readable."""

    seen: list[str] = field(default_factory=list)

    def clear(self) -> None:
        self.seen.clear()

    def __len__(self) -> int:
        return len(self.seen)


@dataclass(frozen=True, slots=True)
class System:
    """A simulated ERP with its OData face, and the ways to it."""

    engine: SimulatedErp
    front: HttpFront
    release: str
    requests: Requests
    rfc_driver: RfcDriver
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))

    def advance(self, by: timedelta) -> None:
        """Move the clocks of the ERP and of the connector."""
        self.engine.advance(by)
        self.clock.advance(by)

    def erp(self, **options: Any) -> ODataErp:
        """Return a transport with *options*; close it."""
        http = HttpOptions.model_validate(
            {
                "base_url": LOCAL_URL,
                "logon": {"kind": "basic", "user": "CONNECTOR", "password": "x"},
                "client": "100",
                "allow_plain_http": True,
            }
        )
        pool = HttpPool(http, self.clock, lambda: LocalAdapter(self.front))
        return ODataErp(pool, ODataOptions(**options), self.clock)

    def others(self, **options: Any) -> RfcErp:
        """Return the transport that does what OData cannot; close it."""
        defaults = {"cash_discount_account": "880000", "tax_accounts": {"A1": "175000"}}
        return RfcErp(self.rfc_driver, RfcOptions(**{**defaults, **options}), self.clock)


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the worked cases on top."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@pytest.fixture(params=RELEASES)
def system(request: pytest.FixtureRequest, master: MasterData) -> Iterator[System]:
    """A fresh ERP at noon of 2026-01-05, with the sales order's service of that release."""
    release = str(request.param)
    with ExitStack() as stack:
        engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON)))
        front = HttpFront(engine)
        stack.callback(front.close)
        ODataFace(engine, front, ODataFaceSettings(releases={"API_SALES_ORDER_SRV": release}))
        face = RfcFace(engine, FaceSettings(profile="s4"))
        stack.callback(face.close)
        yield System(engine, front, release, _noted(front), _driver(face))


def _noted(front: HttpFront) -> Requests:
    noted, answer = Requests(), front.answer

    def noting(request: HttpRequest) -> HttpResponse:
        path = request.path.removeprefix("/sap/opu/odata/sap/")
        noted.seen.append(unquote(f"{request.method} {path}?{request.query}".rstrip("?")))
        return answer(request)

    front.answer = noting  # type: ignore[method-assign]
    return noted


def _driver(face: RfcFace) -> RfcDriver:
    def connect(on_sent: OnSent) -> RfcConnection:
        del on_sent
        connection = face.connect(
            ashost="erp.test", client="100", user="BATCH", passwd="x", lang="EN"
        )
        return cast(RfcConnection, connection)

    return RfcDriver(connect, RFCError)


@pytest.fixture
def erp(system: System) -> Iterator[ODataErp]:
    """The transport."""
    with system.erp() as made:
        yield made


@pytest.fixture
def others(system: System) -> Iterator[RfcErp]:
    """What does the steps that OData cannot do."""
    with system.others() as made:
        yield made


@pytest.fixture
def observer() -> Observer:
    """Remembers what a write reports."""
    return Observer()
