"""
Zombies: a connector that stands still past its lease, is taken over, and then goes on.

It is stopped with SIGSTOP before the fence check of a write, as a machine that sleeps or swaps
stops it. With the store of one machine nobody can take over: the stopped process holds the lock.
So these cases open the store as one that several workers share, where leases decide.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from connector.ports.erp import Point
from tests.faults.connector_process import Blow, Mark, start
from tests.faults.kill_points import Stage, Undisturbed, Verdict, wait_for
from tests.faults.kill_stories import story

#: Where a worker may stand still: from its claim to the last place before the fence check.
BEFORE_THE_FENCE: Final = (
    Point.AFTER_CLAIM,
    Point.AFTER_INTENT,
    Point.CONNECTION_OPEN,
    Point.CREATE_SENT,
    Point.CREATE_ANSWERED,
)
#: Longer than a lease.
_LEASE_S: Final = 301.0
_PATIENCE_S: Final = 60


@dataclass(frozen=True, slots=True)
class ZombieCase:
    """The connector stands still at *at*."""

    told: Undisturbed
    at: Mark

    def __str__(self) -> str:
        return f"{self.told.profile}, {self.told.story}: stopped at {self.at}"


def zombie_cases(told: Undisturbed) -> Iterator[ZombieCase]:
    """Yield a case for each place before a fence check that *told* passes."""
    for mark in told.marks:
        if mark.point in BEFORE_THE_FENCE:
            yield ZombieCase(told, mark)


def prove_zombie(case: ZombieCase, stage: Stage) -> Verdict:
    """
    Tell the story, stop the teller, let another one take over, let the first go on, compare.

    A session of RFC that has created something keeps what it refers to locked in the ERP until it
    ends: then the other one can do nothing but wait, or be refused, and finishes afterwards.
    """
    told = story(case.told.story)
    assignment = stage.assignment(told, shared=True)
    blow = Blow(case.at, signal=signal.SIGSTOP)
    zombie = start(replace(assignment, blow=blow))
    try:
        was_stopped = wait_until_stopped(zombie.pid)
        wait_for(start(replace(assignment, late_s=_LEASE_S)))
        meanwhile, _ = stage.outcome(assignment)
    finally:
        os.kill(zombie.pid, signal.SIGCONT)
    wait_for(zombie)
    is_locked_out = case.at.point in (Point.CREATE_SENT, Point.CREATE_ANSWERED)
    if is_locked_out:
        wait_for(start(replace(assignment, late_s=_LEASE_S, retries=True)))
    outcome, problem = stage.outcome(assignment)
    if not was_stopped:
        problem = "was not stopped there"
    elif not is_locked_out:
        problem = problem or case.told.outcome.difference(meanwhile)
    return Verdict(case, outcome, problem or case.told.outcome.difference(outcome))


def wait_until_stopped(pid: int) -> bool:
    """Wait until process *pid* stands still; False when it ended instead."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        state = _state(pid)
        if state in ("T", "t"):
            return True
        if state in ("", "Z", "X"):
            return False
        time.sleep(0.01)
    return False


def _state(pid: int) -> str:
    """Return the letter of a process's state, empty when it is gone."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return ""
    return status.rpartition(")")[2].split()[0]
