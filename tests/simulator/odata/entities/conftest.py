"""The OData face over a fresh ERP with the shipped company, its sample area, and an RFC line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.http.front import HttpFront
from connector.simulator.http.settings import HttpSettings
from connector.simulator.odata.entities.registry import service_entities
from connector.simulator.odata.entities.settings import EntitySettings
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.simulator.odata.entities.support import Service

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The shipped company; read-only, so shared."""
    return MasterData.load(shipped("fixtures/erp"))


@pytest.fixture
def erp(master: MasterData) -> Iterator[SimulatedErp]:
    """A fresh ERP on Monday 2026-01-05, without jobs of its own."""
    settings = EngineSettings(active_jobs=frozenset())
    with SimulatedErp(master, SimulatedClock(START), settings) as made:
        yield made


@pytest.fixture
def serve(erp: SimulatedErp) -> Iterator[Callable[..., Service]]:
    """Return a service by name: `serve(name, release="", entities=EntitySettings())`."""
    fronts: list[HttpFront] = []

    def make(name: str, release: str = "", entities: EntitySettings | None = None) -> Service:
        front = HttpFront(erp, HttpSettings(users={"TESTER": SecretStr("secret")}))
        fronts.append(front)
        releases = {name: release} if release else {}
        ODataFace(
            erp,
            front,
            ODataFaceSettings(csrf=False, releases=releases),
            lambda service: service_entities(service, entities),
        )
        return Service(front, name)

    yield make
    for front in fronts:
        front.close()


@pytest.fixture
def orders(serve: Callable[..., Service]) -> Service:
    """Sales orders in the newest release."""
    return serve("API_SALES_ORDER_SRV")


@pytest.fixture
def quotations(serve: Callable[..., Service]) -> Service:
    """Quotations."""
    return serve("API_SALES_QUOTATION_SRV")


@pytest.fixture
def deliveries(serve: Callable[..., Service]) -> Service:
    """Outbound deliveries."""
    return serve("API_OUTBOUND_DELIVERY_SRV")


@pytest.fixture
def billing(serve: Callable[..., Service]) -> Service:
    """Billing documents."""
    return serve("API_BILLING_DOCUMENT_SRV")


@pytest.fixture
def sap(erp: SimulatedErp) -> Iterator[Connection]:
    """An RFC connection to the same ERP, with the tables of S/4HANA."""
    face = RfcFace(erp, FaceSettings(profile="s4"))
    logon: dict[str, Any] = {
        "ashost": "erp.test", "sysnr": "00", "client": "100", "user": "tester", "passwd": "x",
    }  # fmt: skip
    with face.connect(**logon) as connection:
        yield connection
    face.close()
