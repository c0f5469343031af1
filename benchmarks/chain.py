"""Take orders from intake to paid, as the daemon would, phase by phase."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.workload import MadeUpChannel
from connector.bootstrap.application import Application
from connector.sync.context import SyncContext
from connector.sync.passes import run_pass

#: Rounds after which an order that is not paid is a failure of the benchmark.
MOST_ROUNDS = 12


@dataclass(slots=True)
class Cost:
    """Seconds by the wall and of the processor, spent in the ERP's own jobs."""

    wall_s: float = 0.0
    cpu_s: float = 0.0


def run_to_paid(
    application: Application,
    channel: MadeUpChannel,
    expected: int,
    *,
    context: SyncContext | None = None,
    after_pass: Callable[[], object] = lambda: None,
) -> Cost:
    """
    Run passes and the ERP's jobs until *expected* flows are complete; returns the jobs' cost.

    *context* stands in for the application's. *after_pass* is called after each pass, before the
    ERP's jobs. Raises RuntimeError when orders are held or not complete after many rounds.
    """
    simulator = application.simulator
    assert simulator is not None
    jobs = Cost()
    for _ in range(MOST_ROUNDS):
        summary = run_pass(context or application.context, [channel])
        if not summary.is_erp_reachable:
            raise RuntimeError(summary.erp_problem)
        if summary.tally.failures:
            raise RuntimeError(f"steps failed: {summary.tally.failures[:3]}")
        after_pass()
        counts = application.store.flows.count()
        if counts.get("held"):
            raise RuntimeError(f"orders are held: {counts}")
        if counts.get("completed", 0) >= expected:
            return jobs
        channel = MadeUpChannel(application.channels[channel.name].profile, 0, 0)
        wall, cpu = time.perf_counter(), time.thread_time()
        simulator.run_jobs()
        jobs.wall_s += time.perf_counter() - wall
        jobs.cpu_s += time.thread_time() - cpu
    raise RuntimeError(f"not complete after {MOST_ROUNDS} rounds: {counts}")
