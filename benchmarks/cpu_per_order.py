"""The connector's own processor time per order, from intake to paid."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.chain import run_to_paid
from benchmarks.metering import Meter
from benchmarks.workload import CHANNEL, MadeUpChannel, settings_values, write_settings
from connector.bootstrap.application import Application
from connector.clock import SystemClock
from connector.settings import load_settings

#: What an order may cost us, in milliseconds of processor time.
AIM_MS = 15


def measure(orders: int) -> None:
    """
    Print own time per order and its ratio to the ERP's.

    The ERP is in this process and answers at once; what its calls and jobs take is measured and
    taken off.
    """
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        workspace = Path(folder)
        settings = load_settings(write_settings(workspace, settings_values(workspace)))
        meter = Meter()
        with Application(settings, SystemClock(), tap=meter) as application:
            channel = MadeUpChannel(application.channels[CHANNEL].profile, 1, orders)
            _ = application.erp, application.context
            started = time.process_time()
            jobs = run_to_paid(application, channel, orders)
            total = time.process_time() - started
    erp = meter.cpu_s + jobs.cpu_s
    own_ms = (total - erp) * 1000 / orders
    calls = meter.calls
    print(f"processor time, {orders:,} orders from intake to paid, an ERP that answers at once")
    print(f"  own                 {own_ms:8.2f} ms per order (aim: at most {AIM_MS})")
    print(f"  simulated ERP       {erp * 1000 / orders:8.2f} ms per order")
    print(f"  own / ERP           {(total - erp) / erp:8.2f}")
    print(f"  calls to the ERP    {calls / orders:8.2f} per order")
    for function, count in meter.by_name.most_common():
        print(f"    {function:<34}{count / orders:8.2f}")
