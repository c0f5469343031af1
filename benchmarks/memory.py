"""Memory over many orders: it must not grow with what has passed."""

from __future__ import annotations

import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.chain import run_to_paid
from benchmarks.served import served_erp
from benchmarks.workload import (
    CHANNEL,
    MadeUpChannel,
    plenty_of_stock,
    settings_values,
    write_settings,
)
from connector.bootstrap.application import Application
from connector.bootstrap.clocks import SimulationClock
from connector.clock import SystemClock
from connector.settings import load_settings

BATCHES = 10
PAGE_KIB = resource.getpagesize() // 1024


def measure(orders: int) -> None:
    """
    Print resident memory after each tenth of *orders*, and the last against the second tenth.

    The simulated ERP keeps all documents and therefore runs in a process of its own.
    """
    print(f"memory, {orders:,} orders to paid in {BATCHES} batches")
    batch = orders // BATCHES
    samples = []
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        workspace = Path(folder)
        with served_erp(plenty_of_stock(workspace), 0) as served:
            values = settings_values(workspace, served.rfc)
            settings = load_settings(write_settings(workspace, values))
            clock = SimulationClock(SystemClock())
            with Application(settings, clock) as application:
                profile = application.channels[CHANNEL].profile
                for number in range(BATCHES):
                    started = time.perf_counter()
                    channel = MadeUpChannel(profile, 1 + number * batch, batch)
                    run_to_paid(application, channel, (number + 1) * batch)
                    samples.append(_resident_mib())
                    _next_day(application, clock)
                    rate = batch / (time.perf_counter() - started)
                    print(
                        f"  after {(number + 1) * batch:>7,} orders {samples[-1]:8.1f} MiB"
                        f" {rate:8.1f} orders per second",
                        flush=True,
                    )
    print(f"  last / second tenth {samples[-1] / samples[1]:8.2f} (flat is 1.0)")


def _next_day(application: Application, clock: SimulationClock) -> None:
    """Each tenth is a day of its own, as it would be in a company of that size."""
    assert application.simulator is not None
    application.simulator.advance(timedelta(days=1))
    clock.advance(timedelta(days=1))


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE_KIB / 1024
