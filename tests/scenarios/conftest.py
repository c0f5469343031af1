from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kept_extract.comparing import compare_every_reading
from tests.quiet_log import quiet_log
from tests.reconciliation.conftest import company, master, simulated
from tests.reconciliation.divided import compare_every_run
from tests.scenarios.bookkeeping import books

__all__ = ["books", "company", "master", "simulated"]

#: The systems on which every story happens alike.
PROFILES = ("ecc", "s4 over rfc")


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    with quiet_log():
        yield


@pytest.fixture(params=PROFILES)
def profile(request: pytest.FixtureRequest) -> str:
    """The system profile of a scenario: its release and how it is reached."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _every_run_is_made_in_parts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Whatever a scenario reconciles comes to the same when it is evaluated part by part, and when
    only what changed is read.
    """
    compare_every_run(monkeypatch)
    compare_every_reading(monkeypatch)
