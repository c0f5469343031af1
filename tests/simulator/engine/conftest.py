"""A simulated ERP with the trading company and the worked cases' master data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from tests.simulator.engine.support import new_erp


@pytest.fixture
def erp(master: MasterData) -> Iterator[SimulatedErp]:
    """A fresh ERP on 2026-01-02, 8 o'clock."""
    with new_erp(master) as made:
        yield made
