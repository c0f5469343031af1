"""
The RFC transport on the simulated ERP: in this process and over a socket, as ECC and as S/4HANA.

Every test of this folder runs on each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connector.clock import ManualClock
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.remote import RemoteConnection
from connector.simulator.rfc.server import RfcServer
from connector.simulator.rfc.settings import CLEARING_FUNCTION, FaceSettings
from tests.contract.observing import Observer
from tests.contract.walking import Walk

NOON = datetime(2026, 1, 5, 11, tzinfo=UTC)
LOGON: dict[str, Any] = {"client": "100", "user": "CONNECTOR", "passwd": "x", "lang": "EN"}
LINES = ("in process, ecc", "in process, s4", "over a socket, ecc", "over a socket, s4")


@dataclass(frozen=True, slots=True)
class System:
    """A simulated ERP and the way to it."""

    engine: SimulatedErp
    face: RfcFace
    driver: RfcDriver
    tells_when_sent: bool
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))

    def advance(self, by: timedelta) -> None:
        """Move the clocks of the ERP and of the connector."""
        self.engine.advance(by)
        self.clock.advance(by)

    def erp(self, **options: Any) -> RfcErp:
        """Return a transport with *options*; close it."""
        defaults = {"cash_discount_account": "880000", "tax_accounts": {"A1": "175000"}}
        return RfcErp(self.driver, RfcOptions(**{**defaults, **options}), self.clock)


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the worked cases on top."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@pytest.fixture(params=LINES)
def system(request: pytest.FixtureRequest, master: MasterData) -> Iterator[System]:
    """A fresh ERP at noon of 2026-01-05, reached in the way that the parameter names."""
    line, _, profile = str(request.param).partition(", ")
    with ExitStack() as stack:
        engine = stack.enter_context(SimulatedErp(master, SimulatedClock(NOON)))
        face = RfcFace(engine, FaceSettings(profile=profile))
        stack.callback(face.close)
        if line == "in process":
            yield System(engine, face, _local(face), tells_when_sent=False)
        else:
            server = stack.enter_context(RfcServer(face))
            yield System(engine, face, _remote(server), tells_when_sent=True)


def _local(face: RfcFace) -> RfcDriver:
    def connect(on_sent: OnSent) -> RfcConnection:
        del on_sent
        return cast(RfcConnection, face.connect(ashost="erp.test", **LOGON))

    return RfcDriver(connect, RFCError)


def _remote(server: RfcServer) -> RfcDriver:
    host, port = server.address

    def connect(on_sent: OnSent) -> RfcConnection:
        connection = RemoteConnection(host, port, on_sent=on_sent, ashost=host, **LOGON)
        return cast(RfcConnection, connection)

    return RfcDriver(connect, RFCError)


@pytest.fixture
def erp(system: System) -> Iterator[RfcErp]:
    """The transport, with payments posted and cleared by the ERP's own run."""
    with system.erp() as made:
        yield made


@pytest.fixture
def clearing_erp(system: System) -> Iterator[RfcErp]:
    """The transport, with payments cleared at once by the customer's function."""
    with system.erp(clearing_function=CLEARING_FUNCTION) as made:
        yield made


@pytest.fixture
def observer() -> Observer:
    """Remembers what a write reports."""
    return Observer()


@pytest.fixture
def walk(erp: RfcErp) -> Walk:
    """Makes the documents that a test starts from."""
    return Walk(erp)
