"""
Whatever happens, in whatever order: at rest every invariant holds.

Hypothesis makes the histories up. A short form runs always; the long one belongs to
``make torture`` and prints what it ran.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.histories import Histories

SHORT = settings(
    max_examples=10,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_few_histories_end_well() -> None:
    run_state_machine_as_test(Histories, settings=SHORT)
    assert Histories.tally["histories"] >= SHORT.max_examples


@pytest.mark.torture
def test_many_histories_end_well() -> None:
    many = settings(SHORT, max_examples=500, stateful_step_count=30, derandomize=False)
    run_state_machine_as_test(Histories, settings=many)
