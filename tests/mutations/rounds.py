"""One round: plant one fault of every kind in the year, reconcile, and judge what is told."""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from connector.reconciliation.differences import Difference
from connector.reconciliation.report import ReconciliationRun, Verdict
from connector.reconciliation.run import Assignment, run_reconciliation, verdict_of
from tests.mutations.diary import Diary
from tests.mutations.judging import Cell, judge_all
from tests.mutations.market import COMPANY_CODES
from tests.mutations.planting import FIRST_FAULT, Expected, Mutation, Planting
from tests.mutations.snapshot import RULES, Snapshot, read_again
from tests.mutations.world import World, noon
from tests.mutations.year import KEY_DATE
from tests.reconciliation.company import a_way

#: What a reading of the ERP is made over: the transport that tells most.
WAY = "ecc"


@dataclass(frozen=True)
class Result:
    """What a round came to: cells of the matrix, and in words what is not as it should be."""

    cells: tuple[Cell, ...] = ()
    problems: tuple[str, ...] = ()
    pending: frozenset[str] = frozenset()


@dataclass
class Round:
    """
    A year that is complete, as read once, and what in it waits by agreement.

    ``agreed`` holds ids of differences; None agrees to all that is pending.
    """

    world: World
    base: Snapshot
    agreed: frozenset[str] | None = None
    planted: list[tuple[Mutation, Expected]] = field(default_factory=list)

    def run(self, seed: int, mutations: Sequence[Mutation]) -> Result:
        """Plant *mutations* and judge; the year is changed for good, so work on a copy."""
        chance = random.Random(seed)
        planting = Planting(self.world, chance)
        diary = Diary(self.world.go_to)
        for mutation in chance.sample(mutations, len(mutations)):
            day = FIRST_FAULT + timedelta(days=chance.randint(0, 1))
            diary.enter(self._plant(mutation, planting), day)
        diary.live(KEY_DATE)
        with a_way(self.world.erp, WAY) as transport:
            snapshot = read_again(self.base, self.world, transport)
        for _, expected in self.planted:
            if expected.tamper is not None:
                snapshot = expected.tamper(snapshot)
        return self._judge(reconcile(snapshot))

    def _plant(self, mutation: Mutation, planting: Planting) -> Generator[date, None, None]:
        expected = yield from mutation.plant(planting)
        self.planted.append((mutation, expected))

    def _judge(self, run: ReconciliationRun) -> Result:
        told: list[Difference] = [*run.breaks]
        if self.agreed is not None:
            told += [each for each in run.pending if each.id not in self.agreed]
        pending = frozenset(each.id for each in run.pending)
        cells, problems = judge_all(self.planted, told, pending)
        return Result(cells, (*problems, *self._of_the_run(run)), pending)

    def _of_the_run(self, run: ReconciliationRun) -> list[str]:
        """Say what is wrong with sources, identities and verdict."""
        sources = {each.source for _, each in self.planted if each.source}
        named = {each.name for each in run.sources if each.problems}
        stale = {"channel payments"} if "external orders" in sources else set()
        found = []
        if named != sources | stale:
            found.append(f"sources called short or stale: {sorted(named)}, not {sorted(sources)}")
        has_told = any(expected.told for _, expected in self.planted)
        expected = Verdict.BREAKS if has_told else Verdict.WITH_PENDING
        for of, verdict, right in (
            ("run", run.verdict, Verdict.INCOMPLETE if sources else expected),
            (
                "run without its short sources",
                verdict_of((), run.identities, run.pending, run.breaks),
                expected,
            ),
        ):
            if verdict is not right and not (
                right is Verdict.WITH_PENDING and verdict is Verdict.RECONCILED
            ):
                found.append(f"verdict of the {of}: {verdict}, not {right}")
        return found


def reconcile(snapshot: Snapshot) -> ReconciliationRun:
    """Run the comparisons over *snapshot* on the evening of the key date."""
    return run_reconciliation(
        Assignment(KEY_DATE, COMPANY_CODES, "Europe/Berlin", RULES),
        snapshot.orders,
        snapshot.extract,
        now=noon(KEY_DATE + timedelta(days=1)),
        intake_complete_until=snapshot.intake_until,
        movements=snapshot.movements,
    )
