"""The simulated ERP behind its faces: the trading company, with nothing going on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connector.resources import shipped
from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings


@pytest.fixture(scope="session")
def master() -> MasterData:
    """The trading company with the worked cases on top; read-only, so shared."""
    return MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))


@pytest.fixture
def erp(master: MasterData) -> Iterator[SimulatedErp]:
    """A fresh ERP on 2026-01-02, 8 o'clock, without jobs of its own."""
    clock = SimulatedClock(datetime(2026, 1, 2, 8, tzinfo=UTC))
    with SimulatedErp(master, clock, EngineSettings(active_jobs=frozenset())) as erp:
        yield erp
