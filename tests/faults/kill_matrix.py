"""
The kill matrix, from the command line: every kill of every kind, on every kind of system.

``python -m tests.faults.kill_matrix`` prints a table and the totals; ``--naive`` shows what a
connector makes of it that sends again instead of looking. ``--only TEXT`` runs what has it in its
name, and ``--sample N`` takes so many at random, by ``--seed``, which is printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from connector.simulator.rfc.exceptions import RFCLibError
from tests.faults.erp_process import ErpProcess, be_quiet
from tests.faults.kill_elsewhere import erp_cases, moment_cases, prove_erp, prove_moment
from tests.faults.kill_points import (
    AROUND_THE_COMMIT,
    Case,
    Stage,
    Undisturbed,
    Verdict,
    cases,
    prove,
    undisturbed,
)
from tests.faults.kill_stories import A_BATCH, STORIES, Story
from tests.faults.kill_zombies import prove_zombie, zombie_cases

PROFILES: Final = ("ecc", "s4", "s4-mixed")
#: Tellings after which an ERP is replaced by a fresh one: what it has makes it no slower.
_PER_ERP: Final = 40


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of kill: how it is called, its cases, and how one is proved."""

    name: str
    stories: tuple[Story, ...]
    profiles: tuple[str, ...]
    cases: Callable[[Undisturbed], Iterator[Any]]
    prove: Callable[[Any, Stage], Verdict]


def _prove_erp(case: Any, stage: Stage) -> Verdict:
    _, folder = stage.next_order()
    return prove_erp(case, stage.profile, folder)


def _prove_naive(case: Any, stage: Stage) -> Verdict:
    return prove(case, stage, naive=True)


def _doubtful(told: Undisturbed) -> Iterator[Case]:
    return (case for case in cases(told) if case.at.point in AROUND_THE_COMMIT)


GROUPS: Final = (
    Group("points of writes", STORIES, PROFILES, cases, prove),
    Group("elsewhere", (STORIES[0], A_BATCH), ("ecc", "s4-mixed"), moment_cases, prove_moment),
    Group("the ERP itself", (STORIES[0],), ("ecc", "s4-mixed"), erp_cases, _prove_erp),
    Group("zombies", (STORIES[0],), ("ecc", "s4-mixed"), zombie_cases, prove_zombie),
)
NAIVE: Final = Group("naive resend", STORIES, PROFILES, _doubtful, _prove_naive)


@contextmanager
def a_stage(profile: str) -> Iterator[Stage]:
    """Yield a fresh ERP of *profile*, and room for connectors."""
    with tempfile.TemporaryDirectory() as name, ErpProcess(profile, Path(name)) as erp:
        yield Stage(profile, Path(name), erp)


def run_story(
    group: Group, profile: str, told: Story, wanted: Callable[[Sequence[Any]], Sequence[Any]]
) -> Iterator[tuple[Any, Verdict | None, str]]:
    """Yield each case of a story with its verdict; without one, with what went wrong."""
    with a_stage(profile) as stage:
        known = undisturbed(stage, told)
    chosen = list(wanted(list(group.cases(known))))
    while chosen:
        with a_stage(profile) as stage:
            for _ in range(min(_PER_ERP, len(chosen))):
                case = chosen.pop(0)
                try:
                    verdict = group.prove(case, stage)
                except (RuntimeError, OSError, RFCLibError) as error:
                    yield case, None, str(error)
                    break
                yield case, verdict, verdict.problem
                if verdict.problem:
                    break


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one story of a group, on one kind of system."""

    group: str
    profile: str
    story: str
    kills: int
    places: int
    lost: int
    doubled: int
    problems: tuple[str, ...]


def _row(
    group: Group,
    profile: str,
    told: Story,
    wanted: Callable[[Sequence[Any]], Sequence[Any]],
    say: Callable[[str], None],
) -> Row:
    numbers: Counter[str] = Counter()
    problems: list[str] = []
    places: set[Any] = set()
    for case, verdict, problem in run_story(group, profile, told, wanted):
        numbers["kills"] += 1
        places.add(getattr(case, "at", None) or getattr(case, "moment", None))
        if verdict is not None:
            numbers["lost"] += verdict.lost
            numbers["doubled"] += verdict.doubled
        if problem:
            problems.append(f"{case}: {problem}")
            say(problems[-1])
    return Row(
        group.name,
        profile,
        told.name,
        numbers["kills"],
        len(places),
        numbers["lost"],
        numbers["doubled"],
        tuple(problems),
    )


def table_of(rows: Sequence[Row], title: str) -> Table:
    """Return the summary: a row per group, kind of system and story, and the totals."""
    table = Table(title=title)
    table.add_column("Killed")
    table.add_column("System")
    table.add_column("Story")
    for column in ("Places", "Kills", "Lost", "Doubled", "Problems"):
        table.add_column(column, justify="right")
    for row in rows:
        counts = (row.places, row.kills, row.lost, row.doubled, len(row.problems))
        table.add_row(row.group, row.profile, row.story, *map(str, counts))
    sums = [
        sum(row.places for row in rows),
        sum(row.kills for row in rows),
        sum(row.lost for row in rows),
        sum(row.doubled for row in rows),
        sum(len(row.problems) for row in rows),
    ]
    table.add_section()
    table.add_row("all", "", "", *map(str, sums))
    return table


def main(arguments: Sequence[str]) -> int:
    """Run the matrix; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill_matrix")
    parser.add_argument("--naive", action="store_true", help="resend instead of looking")
    parser.add_argument("--only", default="", help="cases that have this in their name")
    parser.add_argument("--group", default="", help="kills of this group alone")
    parser.add_argument("--profile", default="", choices=("", *PROFILES))
    parser.add_argument("--sample", type=int, default=0, help="so many of each story, at random")
    parser.add_argument("--seed", type=int, default=None, help="of the sample")
    parser.add_argument("--workers", type=int, default=2, help="stories told at a time")
    chosen = parser.parse_args(arguments)
    be_quiet()
    console = Console()
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    if chosen.sample:
        console.print(f"seed {seed}")

    def wanted(found: Sequence[Any]) -> Sequence[Any]:
        named = [case for case in found if chosen.only in str(case)]
        if not chosen.sample or chosen.sample >= len(named):
            return named
        return random.Random(f"{seed}/{named[0]}").sample(named, chosen.sample)

    lock = threading.Lock()

    def say(text: str) -> None:
        with lock:
            console.print(text, markup=False, soft_wrap=True)

    def run(work: tuple[Group, str, Story]) -> Row:
        row = _row(*work, wanted, say)
        say(
            f"{row.group}, {row.profile}, {row.story}: {row.places} places, {row.kills} kills, "
            f"{row.lost} lost, {row.doubled} doubled, {len(row.problems)} problems"
        )
        return row

    groups = [NAIVE] if chosen.naive else [g for g in GROUPS if chosen.group in g.name]
    works = [
        (group, profile, told)
        for group in groups
        for profile in group.profiles
        for told in group.stories
        if chosen.profile in ("", profile)
    ]
    with ThreadPoolExecutor(chosen.workers) as pool:
        rows = [row for row in pool.map(run, works) if row.kills]
    console.print(table_of(rows, "naive resend" if chosen.naive else "kill matrix"))
    return 1 if any(row.problems for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
