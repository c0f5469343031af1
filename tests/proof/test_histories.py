"""
Whatever happens, in whatever order: at rest every invariant holds.

Hypothesis makes the histories up. A short form runs always; the long one belongs to
``make torture``, which shows the seed of each run; ``SD_CONNECTOR_SEEDS="17 18"`` runs others.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.histories import Histories, MixedHistories

SHORT = settings(
    max_examples=10,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


#: Each makes other histories; a failing one is run again alone by its number.
SEEDS = [int(each) for each in os.environ.get("SD_CONNECTOR_SEEDS", "1 2 3 4").split()]


def test_a_few_histories_end_well() -> None:
    run_state_machine_as_test(Histories, settings=SHORT)
    assert Histories.tally["histories"] >= SHORT.max_examples


def test_a_few_histories_end_well_over_odata_and_soap() -> None:
    few = settings(SHORT, max_examples=4)
    run_state_machine_as_test(MixedHistories, settings=few)
    assert MixedHistories.tally["histories"] >= few.max_examples


@pytest.mark.torture
@pytest.mark.parametrize("number", SEEDS, ids="seed {}".format)
@pytest.mark.parametrize("machine", [Histories, MixedHistories])
def test_many_histories_end_well(machine: type[Histories], number: int) -> None:
    many = settings(SHORT, max_examples=125, stateful_step_count=30, derandomize=False)
    run_state_machine_as_test(seed(number)(type(machine.__name__, (machine,), {})), settings=many)
