"""What the tests of reconciliation share: an empty store, and a company on a fresh ERP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.resources import shipped
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.store.sql_store import SqlStore, open_store
from connector.store.sqlite import sqlite_url
from tests.reconciliation.company import WAYS, Company, a_way
from tests.reconciliation.divided import compare_every_run
from tests.simulator.engine.support import new_erp


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store in a file."""
    found = open_store(sqlite_url(tmp_path / "store.db"), upgrade=True)
    yield found
    found.close()


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the customers and materials of the worked cases."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@pytest.fixture
def simulated(master: MasterData) -> Iterator[SimulatedErp]:
    """A fresh ERP in which nothing happens by itself."""
    with new_erp(master, active_jobs=frozenset()) as erp:
        yield erp


@pytest.fixture(params=WAYS)
def company(request: pytest.FixtureRequest, simulated: SimulatedErp) -> Iterator[Company]:
    """The company, read over RFC from ECC and over OData from S/4HANA."""
    with a_way(simulated, request.param) as transport:
        yield Company(simulated, transport)


@pytest.fixture(autouse=True)
def _every_run_is_made_in_parts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test reconciles comes to the same when it is evaluated part by part."""
    compare_every_run(monkeypatch)
