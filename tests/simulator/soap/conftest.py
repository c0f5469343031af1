"""The simulated ERP behind its SOAP faces."""

from __future__ import annotations

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.soap.face import soap_faces
from connector.simulator.soap.settings import SoapSettings
from tests.simulator.soap.support import Client


@pytest.fixture
def settings() -> SoapSettings:
    """Settings of the faces, to be changed before `soap` is asked for."""
    return SoapSettings()


@pytest.fixture
def soap(erp: SimulatedErp, settings: SoapSettings) -> Client:
    """A client of the faces."""
    return Client(soap_faces(erp, settings))
