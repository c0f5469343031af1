"""What a status pull costs: it must follow what changed, not what is open."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.open_orders import OpenOrders, open_orders
from connector.sync.status import pull

LATENCY_S = 0.020
PROFILES = ("ecc", "s4")
CHANGED = (0, 10, 100, 1_000, 0)


def measure(orders: int, profiles: Sequence[str] = PROFILES) -> None:
    """
    Print calls and seconds of pulls with more and more changes: for a tenth of *orders*, for all.

    The changes are deliveries that a clerk creates in the ERP, a day after the orders; the last
    pull shows that what was pulled once is not pulled again.
    """
    for profile in profiles:
        print(f"status pull, {profile}, {LATENCY_S * 1000:.0f} ms latency, one session at a time")
        print("      open   changed     calls   flows read   seconds   in the ERP's processor")
        for count in (orders // 10, orders):
            with (
                tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder,
                open_orders(Path(folder), profile, count) as company,
            ):
                _first_pull(company)
                for changed in CHANGED:
                    _measure(company, count, changed)


def _first_pull(company: OpenOrders) -> None:
    """Take everything up to now for known, as after the pulls of the day before."""
    company.wait(timedelta(hours=3))
    pull(company.context)
    company.slow_down(LATENCY_S)


def _measure(company: OpenOrders, count: int, changed: int) -> None:
    company.wait(timedelta(hours=3))
    company.deliver(changed)
    company.wait(timedelta(minutes=1))
    calls, cpu, started = company.meter.calls, company.meter.cpu_s, time.perf_counter()
    pulled = pull(company.context)
    seconds = time.perf_counter() - started
    print(
        f"  {count:>8,}{changed:>10,}{company.meter.calls - calls:>10,}{pulled.flows_read:>13,}"
        f"{seconds:>10.2f}{company.meter.cpu_s - cpu:>10.2f}",
        flush=True,
    )
