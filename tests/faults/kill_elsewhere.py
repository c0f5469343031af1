"""Kills outside of writes: the connector at other moments of its work, and the ERP itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from connector.ports.erp import Point
from connector.ports.step_state import Operation
from tests.faults.connector_process import Blow, Mark, start
from tests.faults.erp_process import ErpProcess
from tests.faults.kill_moments import (
    DOUBT,
    ERP,
    INTAKE,
    STATUS,
    STORE,
    SWEEPER,
    Moment,
)
from tests.faults.kill_points import (
    Stage,
    Undisturbed,
    Verdict,
    numbers_that_differ,
    views_of,
    wait_for,
)
from tests.faults.kill_stories import A_BATCH, payment_reference, story

#: Steps whose doubts are resolved in each their own way, and where to leave them in doubt: after
#: the commit, where there is something to be found, and before it, where there is nothing.
DOUBTS: Final = tuple(
    Mark(operation, 1, point)
    for operation in (
        Operation.CREATE_SALES_ORDER,
        Operation.CREATE_DELIVERY,
        Operation.POST_GOODS_ISSUE,
        Operation.POST_PAYMENT,
    )
    for point in (Point.AFTER_FENCE_CHECK, Point.READ_BACK)
)


@dataclass(frozen=True, slots=True)
class MomentCase:
    """The connector dies at *moment*, having died at *first* before where that is given."""

    told: Undisturbed
    moment: Moment
    first: Mark | None = None

    def __str__(self) -> str:
        after = f", after a kill at {self.first}" if self.first else ""
        return f"{self.told.profile}, {self.told.story}: {self.moment}{after}"


@dataclass(frozen=True, slots=True)
class ErpCase:
    """The ERP dies when the connector comes to *at*, or at a *moment* of its own."""

    told: Undisturbed
    at: Mark | None = None
    moment: Moment | None = None

    def __str__(self) -> str:
        return f"{self.told.profile}, {self.told.story}: the ERP, {self.at or self.moment}"


def moment_cases(told: Undisturbed) -> Iterator[MomentCase]:
    """Yield the kills elsewhere that *told* comes to."""
    if told.story == A_BATCH.name:
        yield from (MomentCase(told, moment) for moment in (*STORE, *INTAKE))
        return
    yield from (MomentCase(told, moment) for moment in STATUS)
    for mark in DOUBTS:
        is_done = mark.point is Point.READ_BACK
        for moment in (*SWEEPER, *DOUBT):
            # What is found at once is not looked for again.
            if moment.call == 1 or not is_done:
                yield MomentCase(told, moment, mark)


def erp_cases(told: Undisturbed) -> Iterator[ErpCase]:
    """Yield the kills of the ERP: at each place that the story passes, and in its own commits."""
    yield from (ErpCase(told, mark) for mark in told.marks)
    yield from (ErpCase(told, moment=moment) for moment in ERP)


def prove_moment(case: MomentCase, stage: Stage) -> Verdict:
    """Tell the story, kill the connector at the moment, restart it, compare."""
    told = story(case.told.story)
    assignment = stage.assignment(told, blow=Blow(case.first))
    was_killed = True
    if case.first is not None:
        was_killed = wait_for(start(assignment))
    again = replace(assignment, blow=Blow())
    was_killed = wait_for(start(replace(again, moment=case.moment))) and was_killed
    wait_for(start(again))
    outcome, problem = stage.outcome(assignment)
    if not was_killed:
        problem = "was not killed there"
    return Verdict(case, outcome, problem or case.told.outcome.difference(outcome))


def prove_erp(case: ErpCase, profile: str, folder: Path) -> Verdict:
    """
    Tell the story, kill the ERP, start it again with its file, tell on, compare.

    Whatever a step has noted as done must be there when the ERP is back.
    """
    told = story(case.told.story)
    folder.mkdir()
    with ErpProcess(profile, folder, keeps_state=True, moment=case.moment) as erp:
        stage = Stage(profile, folder, erp)
        assignment = stage.assignment(told)
        blow = Blow(case.at, victim=erp.pid)
        wait_for(start(replace(assignment, blow=blow, glance=True)))
        was_killed = not erp.is_alive
        erp.kill()
        erp.restart()
        reference = assignment.external_id
        found = erp.found(reference, payment_reference(reference))
        lost = numbers_that_differ(found, views_of(assignment.folder), "ABCHIJKLMNOPSTpayment")
        wait_for(start(assignment))
        outcome, problem = stage.outcome(assignment)
    if lost:
        problem = f"after the restart: {lost}"
    if not was_killed:
        problem = "the ERP was not killed there"
    return Verdict(case, outcome, problem or case.told.outcome.difference(outcome))
