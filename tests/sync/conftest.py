from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.world import World, a_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A connector with the standard plan and an in-memory ERP."""
    with a_world(tmp_path) as found:
        yield found


@pytest.fixture
def presales(tmp_path: Path) -> Iterator[World]:
    """A connector that makes every document itself."""
    with a_world(tmp_path, plan="presales") as found:
        yield found
