"""Orders per second against the bare calls, with an ERP that takes its time."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.chain import run_to_paid
from benchmarks.metering import Call, Meter, MeteredApplication
from benchmarks.served import served_erp
from benchmarks.workload import (
    CHANNEL,
    MadeUpChannel,
    plenty_of_stock,
    settings_values,
    write_settings,
)
from connector.clock import SystemClock
from connector.erp.rfc.driver import RfcConnection
from connector.settings import load_settings

LATENCY_MS = 20
SESSIONS = 8
AIM = 0.9


def measure(orders: int) -> None:
    """
    Print the connector's throughput and that of the same calls without a connector.

    The simulated ERP runs in a process of its own and takes 20 ms per call. The floor replays the
    recorded calls, each unit of work as it was, over the same number of sessions.
    """
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        workspace = Path(folder)
        stock = plenty_of_stock(workspace)
        with served_erp(stock, LATENCY_MS) as address:
            connector_s, phases = _with_connector(workspace, address, orders)
        with served_erp(stock, LATENCY_MS) as address:
            floor_s = _bare_calls(workspace, address, phases)
    calls = sum(len(unit) for phase in phases for unit in phase)
    print(f"throughput, {orders:,} orders to paid, {LATENCY_MS} ms latency, {SESSIONS} sessions")
    print(f"  connector           {orders / connector_s:8.1f} orders per second")
    print(f"  bare calls          {orders / floor_s:8.1f} orders per second")
    print(f"  ratio               {floor_s / connector_s:8.2f} (aim: at least {AIM})")
    print(f"  calls to the ERP    {calls / orders:8.2f} per order")


def _application(workspace: Path, address: str) -> MeteredApplication:
    settings = load_settings(write_settings(workspace, settings_values(workspace, address)))
    application = MeteredApplication(settings, SystemClock(), read_only=False)
    application.meter = Meter(record=True)
    return application


def _with_connector(
    workspace: Path, address: str, orders: int
) -> tuple[float, list[list[list[Call]]]]:
    phases: list[list[list[Call]]] = []
    with _application(workspace, address) as application:
        channel = MadeUpChannel(application.channels[CHANNEL].profile, 1, orders)
        _ = application.context
        started = time.perf_counter()
        jobs = run_to_paid(
            application,
            channel,
            orders,
            after_pass=lambda: phases.append(application.meter.take_units()),
        )
        return time.perf_counter() - started - jobs.wall_s, phases


def _bare_calls(workspace: Path, address: str, phases: list[list[list[Call]]]) -> float:
    with _application(workspace, address) as application:
        driver = application.simulator_driver()
        simulator = application.simulator
        assert simulator is not None
        connections = [driver.connect(lambda _: None) for _ in range(SESSIONS)]
        total = 0.0
        for phase in phases:
            waiting = deque(phase)
            with ThreadPoolExecutor(SESSIONS) as pool:
                started = time.perf_counter()
                working = [pool.submit(_work, connection, waiting) for connection in connections]
                for each in working:
                    each.result()
                total += time.perf_counter() - started
            simulator.run_jobs()
        for connection in connections:
            connection.close()
        return total


def _work(connection: RfcConnection, waiting: deque[list[Call]]) -> None:
    while True:
        try:
            unit = waiting.popleft()
        except IndexError:
            return
        for function, params in unit:
            connection.call(function, **params)
