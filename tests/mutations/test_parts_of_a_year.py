"""A year with every fault in it comes to the same however its records are divided."""

from __future__ import annotations

import pytest

from tests.mutations.__main__ import complete_year
from tests.mutations.mutations import MUTATIONS
from tests.quiet_log import quiet_log
from tests.reconciliation.divided import compare_every_run

#: Orders of the small year: enough victims of every kind.
ORDERS = 250


def test_a_year_with_every_fault_is_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = compare_every_run(monkeypatch)
    with quiet_log():
        year = complete_year(ORDERS, seed=1)

        year.run(10_001, MUTATIONS)

    assert len(compared) == 1
