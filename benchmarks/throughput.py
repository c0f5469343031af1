"""Orders per second against the bare calls, with an ERP that takes its time, per kind of system."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import purposes
from benchmarks.bare import Caller, make_again
from benchmarks.chain import run_to_paid
from benchmarks.metering import Meter, Unit
from benchmarks.served import Served, served_erp
from benchmarks.workload import (
    CHANNEL,
    MadeUpChannel,
    plenty_of_stock,
    settings_values,
    write_settings,
)
from connector.bootstrap.application import Application
from connector.clock import SystemClock
from connector.settings import Settings, load_settings

LATENCY_MS = 20
SESSIONS = 8
AIM = 0.9
PROFILES = ("ecc", "s4", "s4-mixed")

#: What the protocols ask for at the least, per order of the plan `standard`: one order and one
#: payment. Over RFC each is a call and a commit of its own, over OData and SOAP one request.
_LEAST = {
    "ecc": {purposes.PRICE: 1, purposes.WRITE: 2, purposes.COMMIT: 2},
    "s4": {purposes.PRICE: 1, purposes.WRITE: 2},
    "s4-mixed": {purposes.PRICE: 1, purposes.WRITE: 2},
}
_BECAUSE = {
    purposes.PRICE: "totals are compared with the channel's before anything is posted",
    purposes.PREPARE: "tokens and versions that a write must carry",
    purposes.READ_BACK: "an answer is no document: what was posted is read once, many together",
    purposes.READ: "what changed, and chains in batches over all flows",
}


@dataclass(frozen=True, slots=True)
class _Run:
    wall_s: float
    cpu_s: float
    by_purpose: Counter[str]
    by_name: Counter[str]
    phases: Sequence[Sequence[Unit]]


def measure(orders: int, profiles: Sequence[str] = PROFILES) -> None:
    """
    Print the connector's throughput and that of the same round trips without a connector.

    The simulated ERP runs in a process of its own and takes 20 ms per call. The floor makes the
    recorded round trips again, each unit of work as it was, over the same number of sessions.
    """
    for profile in profiles:
        _measure(orders, profile)


def _measure(orders: int, profile: str) -> None:
    release = "ecc" if profile == "ecc" else "s4"
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        workspace = Path(folder)
        stock = plenty_of_stock(workspace)
        with served_erp(stock, LATENCY_MS, release) as served:
            run = _with_connector(_settings(workspace, profile, served), orders)
        with served_erp(stock, LATENCY_MS, release) as served:
            floor_s, refused = _bare_calls(_settings(workspace, profile, served), served, run)
    calls = sum(run.by_purpose.values())
    least = _LEAST[profile]
    print(
        f"throughput, {profile}, {orders:,} orders to paid, {LATENCY_MS} ms latency, "
        f"{SESSIONS} sessions"
    )
    print(f"  connector           {orders / run.wall_s:8.1f} orders per second")
    print(
        f"  bare calls          {orders / floor_s:8.1f} orders per second"
        f" ({refused / calls:.1%} answered with a refusal)"
    )
    print(f"  ratio               {floor_s / run.wall_s:8.2f} (aim: at least {AIM})")
    print(f"  own processor time  {run.cpu_s * 1000 / orders:8.2f} ms per order")
    print(
        f"  round trips         {calls / orders:8.2f} per order, {sum(least.values())} at the least"
    )
    for purpose in purposes.ALL:
        made = run.by_purpose[purpose] / orders
        because = _BECAUSE.get(purpose, "")
        print(f"    {purpose:<24}{made:8.2f}{least.get(purpose, 0):6}   {because}".rstrip())
    for name, count in run.by_name.most_common(8):
        print(f"      {name:<52}{count / orders:8.2f}")


def _settings(workspace: Path, profile: str, served: Served) -> Settings:
    values = settings_values(workspace, served.rfc, served.http, profile, sessions=SESSIONS)
    return load_settings(write_settings(workspace, values))


def _with_connector(settings: Settings, orders: int) -> _Run:
    phases: list[list[Unit]] = []
    meter = Meter(record=True)
    with Application(settings, SystemClock(), tap=meter) as application:
        channel = MadeUpChannel(application.channels[CHANNEL].profile, 1, orders)
        context = meter.watching(application.context)
        started, cpu = time.perf_counter(), time.process_time()
        jobs = run_to_paid(
            application,
            channel,
            orders,
            context=context,
            after_pass=lambda: phases.append(meter.take_units()),
        )
        wall_s = time.perf_counter() - started - jobs.wall_s
        cpu_s = time.process_time() - cpu
    return _Run(wall_s, cpu_s, meter.by_purpose, meter.by_name, phases)


def _bare_calls(settings: Settings, served: Served, run: _Run) -> tuple[float, int]:
    with Application(settings, SystemClock(), read_only=True) as application:
        simulator = application.simulator
        assert simulator is not None
        callers = [Caller(simulator.driver(settings), served.http) for _ in range(SESSIONS)]
        seconds = make_again(callers, run.phases, simulator.run_jobs)
        for caller in callers:
            caller.close()
    return seconds, sum(caller.refused for caller in callers)
