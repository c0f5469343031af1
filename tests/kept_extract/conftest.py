from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.quiet_log import quiet_log


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_log():
        yield
