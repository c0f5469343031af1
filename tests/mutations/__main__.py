"""
Plants faults in a reconciled year and shows how reconciliation tells them: `make recon-mutations`.

The year is lived and read once. Each round works on a copy of it (a forked process): one fault of
every kind is planted, each in a victim of its own, and reconciled. Ends with 1 when anything but
the diagonal of the matrix is filled.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import pickle
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import structlog

from connector.resources import shipped
from connector.simulator.engine.master_data import MasterData
from tests.mutations.matrix import Matrix
from tests.mutations.mutations import MUTATIONS
from tests.mutations.planting import Mutation
from tests.mutations.rounds import WAY, Result, Round
from tests.mutations.snapshot import read_all
from tests.mutations.world import World
from tests.mutations.year import live_a_year
from tests.reconciliation.company import a_way
from tests.simulator.engine.support import new_erp


def complete_year(orders: int, seed: int) -> Round:
    """Live a year and read it; what is pending in it becomes what is agreed."""
    master = MasterData.load(shipped("fixtures/erp"), shipped("fixtures/erp-cases"))
    world = World(new_erp(master, active_jobs=frozenset(), live_documents=100 * orders))
    live_a_year(world, orders, seed)
    with a_way(world.erp, WAY) as transport:
        base = read_all(world, transport)
    world.touched.clear()
    return Round(world, base)


def in_copy(year: Round, seed: int, mutations: Sequence[Mutation]) -> tuple[int, int]:
    """Begin a round in a forked process; return its id and where its result can be read."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    status = 1
    try:
        result = year.run(seed, mutations)
        with os.fdopen(writing, "wb") as file:
            pickle.dump(result, file)
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(status)


def result_of(child: int, reading: int) -> Result:
    """Wait for a round; one that died is a result, too."""
    with os.fdopen(reading, "rb") as file:
        content = file.read()
    os.waitpid(child, 0)
    if not content:
        return Result(problems=("the round died; its reason stands above",))
    found: Result = pickle.loads(content)
    return found


def rounds(
    year: Round, seeds: Sequence[int], mutations: Sequence[Mutation], workers: int
) -> Iterator[tuple[int, Result]]:
    """Yield the results in the order of *seeds*, *workers* of them at a time."""
    running: list[tuple[int, tuple[int, int]]] = []
    for seed in seeds:
        if len(running) == workers:
            first, begun = running.pop(0)
            yield first, result_of(*begun)
        running.append((seed, in_copy(year, seed, mutations)))
    for first, begun in running:
        yield first, result_of(*begun)


def main() -> int:
    """Run it as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000, help="orders of the year")
    parser.add_argument("--rounds", type=int, default=100, help="rounds; each plants every fault")
    parser.add_argument("--seed", type=int, default=1, help="of the year, and of the first round")
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--workers", type=int, default=2, help="rounds at a time")
    parser.add_argument("--only", default="", help="plant faults whose name contains this")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    mutations = [each for each in MUTATIONS if given.only in each.name]
    began = time.monotonic()
    # Nothing of a year is ever thrown away, and copies share what nobody walks through.
    gc.disable()
    year = complete_year(given.orders, given.seed)
    gc.freeze()
    extract = year.base.extract
    _tell(
        f"a year of {given.orders:,} orders (seed {given.seed}): "
        f"{len(extract.billing_documents):,} billing documents, {len(extract.items):,} customer "
        f"items, {len(extract.open_items):,} open; {time.monotonic() - began:.0f} s"
    )
    ((_, clean),) = rounds(year, [0], [], 1)
    year = replace(year, agreed=clean.pending)
    found = [Result(cells=clean.cells, problems=clean.problems)]
    _tell(f"without faults: {len(clean.cells)} breaks, {len(clean.pending)} pending by agreement")
    if clean.cells or clean.problems:
        _tell("\n".join(clean.problems[:20]))
        return 1
    matrix, problems = Matrix(), Counter[str]()
    seeds = [given.seed * 10_000 + n for n in range(given.first, given.first + given.rounds)]
    for seed, result in rounds(year, seeds, mutations, given.workers):
        matrix.add(result.cells)
        wrong = [cell for cell in result.cells if not cell.is_right]
        _tell(
            f"round {seed % 10_000}: {len(result.cells) - len(wrong)} right, {len(wrong)} wrong; "
            f"{time.monotonic() - began:.0f} s"
        )
        for problem in result.problems:
            _tell(f"  {problem}")
        problems.update(result.problems)
        found.append(result)
    _tell(f"\n{given.rounds} rounds, {len(mutations)} faults in each:\n")
    _tell("\n".join(matrix.lines()))
    return 0 if matrix.is_clean and not problems else 1


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
