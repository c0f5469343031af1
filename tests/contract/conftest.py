"""
The ERP port's suite: every test runs on every way to the ERP.

A way that cannot do something has to refuse it (`capable.py`); then the reference does it, so that
no test is left out anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from tests.contract.capable import CapableErp
from tests.contract.observing import Observer
from tests.contract.walking import Walk
from tests.contract.ways import WAYS, Way, open_way


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the worked cases on top."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@pytest.fixture(params=WAYS, ids=str)
def way(request: pytest.FixtureRequest, master: MasterData) -> Iterator[Way]:
    """A fresh ERP at noon of 2026-01-05, reached in the way that the parameter names."""
    with ExitStack() as stack:
        yield open_way(request.param, master, stack)


@pytest.fixture
def erp(way: Way) -> CapableErp:
    """The way, with the reference where it cannot go."""
    return way.helped


@pytest.fixture
def observer() -> Observer:
    """Remembers what a write reports."""
    return Observer()


@pytest.fixture
def walk(erp: CapableErp) -> Walk:
    """Makes the documents that a test starts from."""
    return Walk(erp)
