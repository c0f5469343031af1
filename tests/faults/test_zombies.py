"""A connector that stood still past its lease finds its work done, and does not do it again."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from connector.store.lock import StoreInUseError
from connector.store.sql_store import open_store
from connector.store.sqlite import sqlite_url
from tests.faults.connector_process import Blow, Mark, start
from tests.faults.erp_process import be_quiet
from tests.faults.kill_matrix import a_stage
from tests.faults.kill_points import undisturbed, wait_for
from tests.faults.kill_stories import STORIES
from tests.faults.kill_zombies import ZombieCase, prove_zombie, wait_until_stopped, zombie_cases

PAID = STORIES[0]
ORDER = Operation.CREATE_SALES_ORDER


@pytest.mark.kill_proof
@pytest.mark.parametrize(
    ("profile", "point"),
    [
        ("ecc", Point.AFTER_CLAIM),
        ("ecc", Point.CREATE_ANSWERED),
        ("s4-mixed", Point.CONNECTION_OPEN),
    ],
)
def test_with_a_shared_store_the_fence_stops_it(profile: str, point: Point) -> None:
    be_quiet()
    with a_stage(profile) as stage:
        verdict = prove_zombie(ZombieCase(undisturbed(stage, PAID), Mark(ORDER, 1, point)), stage)
    assert (verdict.lost, verdict.doubled, verdict.problem) == (0, 0, "")


@pytest.mark.kill_proof
def test_with_a_store_of_its_own_nobody_can_take_over_and_the_message_says_who_has_it() -> None:
    """The stopped process keeps its lock; once it goes on, it finishes its work itself."""
    be_quiet()
    with a_stage("ecc") as stage:
        quiet = undisturbed(stage, PAID)
        assignment = stage.assignment(PAID)
        stop = Blow(Mark(ORDER, 1, Point.CREATE_ANSWERED), signal=signal.SIGSTOP)
        stopped = start(replace(assignment, blow=stop))
        try:
            assert wait_until_stopped(stopped.pid)
            with pytest.raises(StoreInUseError, match=f"process {stopped.pid} already writes"):
                open_store(sqlite_url(assignment.folder / "store.sqlite3"))
        finally:
            os.kill(stopped.pid, signal.SIGCONT)
        wait_for(stopped)
        outcome, problem = stage.outcome(assignment)
    assert problem == ""
    assert quiet.outcome.difference(outcome) == ""


@pytest.mark.kill_proof
@pytest.mark.torture
@pytest.mark.parametrize("profile", ["ecc", "s4-mixed"])
def test_wherever_it_stood_still(profile: str) -> None:
    be_quiet()
    with a_stage(profile) as stage:
        verdicts = [prove_zombie(c, stage) for c in zombie_cases(undisturbed(stage, PAID))]
    assert [f"{v.case}: {v.problem}" for v in verdicts if v.problem] == []
