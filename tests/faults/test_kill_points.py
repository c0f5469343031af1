"""
Kill -9 at every point of a write leaves neither a lost nor a doubled document.

Real processes on both sides, over RFC, OData and SOAP. What matters most is proved in every run of
the tests; every point of every story belongs to ``make kill-proof``, and prints as a table with
``python -m tests.faults.kill_matrix``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from tests.faults.connector_process import Mark
from tests.faults.erp_process import be_quiet
from tests.faults.kill_matrix import PROFILES, a_stage
from tests.faults.kill_points import (
    AROUND_THE_COMMIT,
    Case,
    Stage,
    Undisturbed,
    cases,
    prove,
    undisturbed,
)
from tests.faults.kill_stories import STORIES, Story

PAID, CHANGED = STORIES[:2]
ORDER = Operation.CREATE_SALES_ORDER
PAYMENT = Operation.POST_PAYMENT
#: Operation, profile, point, whether the commit is late.
SHORT = [
    *((ORDER, "ecc", point, False) for point in Point if point is not Point.COMMIT_REFUSED),
    *((ORDER, "ecc", point, True) for point in AROUND_THE_COMMIT),
    (ORDER, "s4", Point.AFTER_FENCE_CHECK, False),
    (ORDER, "s4", Point.COMMIT_SENT, True),
    (ORDER, "s4", Point.COMMIT_REFUSED, False),
    (ORDER, "s4", Point.READ_BACK, True),
    (PAYMENT, "s4", Point.COMMIT_SENT, True),
    (PAYMENT, "s4", Point.COMMIT_ANSWERED, False),
    (PAYMENT, "s4", Point.COMMIT_REFUSED, False),
]


class Stages:
    """Each kind of system and the undisturbed story, made when they are first asked for."""

    def __init__(self, open_: ExitStack) -> None:
        self._open = open_
        self._stages: dict[str, Stage] = {}
        self._told: dict[tuple[str, str], Undisturbed] = {}

    def of(self, profile: str, told: Story = PAID) -> tuple[Stage, Undisturbed]:
        """Return the stage of *profile*, and *told* as it ends without trouble."""
        if profile not in self._stages:
            self._stages[profile] = self._open.enter_context(a_stage(profile))
        stage, key = self._stages[profile], (profile, told.name)
        if key not in self._told:
            self._told[key] = undisturbed(stage, told)
        return stage, self._told[key]


@pytest.fixture(scope="module")
def stages() -> Iterator[Stages]:
    be_quiet()
    with ExitStack() as open_:
        yield Stages(open_)


@pytest.mark.kill_proof
@pytest.mark.parametrize(("operation", "profile", "point", "late"), SHORT)
def test_a_killed_connector_leaves_exactly_one_document(
    operation: Operation, profile: str, point: Point, late: bool, stages: Stages
) -> None:
    stage, told = stages.of(profile)
    verdict = prove(Case(told, Mark(operation, 1, point), late), stage)
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")


@pytest.mark.kill_proof
@pytest.mark.parametrize("profile", ["ecc", "s4"])
def test_the_proof_can_fail_sending_again_doubles_the_order(profile: str, stages: Stages) -> None:
    """The same kill, with the resolution of doubts replaced by a naive resend."""
    stage, told = stages.of(profile, CHANGED)
    verdict = prove(Case(told, Mark(ORDER, 1, Point.COMMIT_ANSWERED)), stage, naive=True)
    assert verdict.outcome.documents == {"C": 2}
    assert (verdict.doubled, verdict.problem != "") == (1, True)


@pytest.mark.kill_proof
def test_the_proof_can_fail_sending_again_doubles_the_payment(stages: Stages) -> None:
    stage, told = stages.of("s4")
    verdict = prove(Case(told, Mark(PAYMENT, 1, Point.COMMIT_ANSWERED)), stage, naive=True)
    assert verdict.outcome.documents["payment"] == 2


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("told", STORIES, ids=lambda told: told.name)
@pytest.mark.parametrize("profile", PROFILES)
def test_wherever_it_is_killed_a_story_ends_as_if_nothing_had_happened(
    told: Story, profile: str
) -> None:
    be_quiet()
    with a_stage(profile) as stage:
        quiet = undisturbed(stage, told)
        verdicts = [prove(case, stage) for case in cases(quiet)]
    assert [f"{v.case}: {v.problem}" for v in verdicts if v.problem] == []
    assert sum(verdict.lost + verdict.doubled for verdict in verdicts) == 0
