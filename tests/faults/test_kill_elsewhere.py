"""Kill -9 between writes, and of the ERP: what was received and confirmed is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from tests.faults.connector_process import Mark
from tests.faults.erp_process import be_quiet
from tests.faults.kill_elsewhere import (
    ErpCase,
    MomentCase,
    erp_cases,
    moment_cases,
    prove_erp,
    prove_moment,
)
from tests.faults.kill_matrix import a_stage
from tests.faults.kill_moments import DOUBT, ERP, INTAKE, STATUS, STORE, SWEEPER, Moment
from tests.faults.kill_points import undisturbed
from tests.faults.kill_stories import A_BATCH, STORIES, Story

PAID = STORIES[0]
PROFILES = ("ecc", "s4-mixed")
IN_DOUBT = Mark(Operation.CREATE_SALES_ORDER, 1, Point.READ_BACK)
#: One of each kind.
SHORT: tuple[tuple[Story, Moment, Mark | None], ...] = (
    (A_BATCH, STORE[2], None),
    (A_BATCH, INTAKE[4], None),
    (PAID, STATUS[3], None),
    (PAID, SWEEPER[1], IN_DOUBT),
    (PAID, DOUBT[2], IN_DOUBT),
)


@pytest.mark.kill_proof
def test_wherever_the_connector_is_killed_between_writes_it_goes_on(tmp_path: Path) -> None:
    be_quiet()
    with a_stage("ecc") as stage:
        quiet = {told.name: undisturbed(stage, told) for told in (A_BATCH, PAID)}
        for told, moment, first in SHORT:
            verdict = prove_moment(MomentCase(quiet[told.name], moment, first), stage)
            assert verdict.problem == "", str(verdict.case)


@pytest.mark.kill_proof
def test_a_killed_erp_has_what_it_confirmed_and_the_order_goes_on(tmp_path: Path) -> None:
    be_quiet()
    with a_stage("s4-mixed") as stage:
        quiet = undisturbed(stage, PAID)
    sent = Mark(Operation.CREATE_SALES_ORDER, 1, Point.COMMIT_SENT)
    for number, case in enumerate((ErpCase(quiet, sent), ErpCase(quiet, moment=ERP[3]))):
        verdict = prove_erp(case, "s4-mixed", tmp_path / str(number))
        assert verdict.problem == "", str(case)


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("told", [PAID, A_BATCH], ids=lambda told: told.name)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_moment_between_writes(told: Story, profile: str) -> None:
    be_quiet()
    with a_stage(profile) as stage:
        verdicts = [prove_moment(c, stage) for c in moment_cases(undisturbed(stage, told))]
    assert [f"{v.case}: {v.problem}" for v in verdicts if v.problem] == []


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("profile", PROFILES)
def test_every_moment_of_the_erp(profile: str, tmp_path: Path) -> None:
    be_quiet()
    with a_stage(profile) as stage:
        quiet = undisturbed(stage, PAID)
    verdicts = [
        prove_erp(case, profile, tmp_path / str(number))
        for number, case in enumerate(erp_cases(quiet))
    ]
    assert [f"{v.case}: {v.problem}" for v in verdicts if v.problem] == []
