"""
Dry runs over many orders, as the command line does them: orders per second, and memory.

`python -m benchmarks.dry_run --orders 100000 [--history FOLDER] [--processes N] [--html] [--xlsx]`
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.mapping import ten_line_messages
from connector.resources import shipped

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
SAMPLE_S = 0.5
#: 0 and 1 are what a dry run that went through ends with.
WENT_THROUGH = (0, 1)


class Measured(NamedTuple):
    """
    What one dry run took.

    ``processor_s`` is the processor time of all its processes, ``mib`` their resident memory over
    time.
    """

    seconds: float
    processor_s: float
    mib: tuple[float, ...]

    def part(self, begin: float, end: float) -> float:
        """Return the highest memory in a part of the time, such as 0.9 to 1.0."""
        count = len(self.mib)
        return max(self.mib[int(begin * count) : max(int(end * count), int(begin * count) + 1)])


def measure(orders: int) -> None:
    """Print how long *orders* ten-line orders take with one process and one for each core."""
    for processes in (1, os.cpu_count() or 1):
        run(orders, None, processes, [])


def run(orders: int, history: Path | None, processes: int, reports: list[str]) -> None:
    """Write *orders* orders to a file, try them, and print what that took."""
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as folder:
        workspace = Path(folder)
        path = workspace / ("orders.tsv" if history else "orders.jsonl")
        with path.open("w", encoding="utf-8") as file:
            for text in _multiplied(history, orders) if history else ten_line_messages(orders):
                file.write(text)
        settings = _settings(workspace, history)
        command = [
            sys.executable, "-m", "connector", "--config", str(settings), "dry-run", str(path),
            "--channel", "globalbike" if history else "shopify", "--processes", str(processes),
        ]  # fmt: skip
        for kind in reports:
            command += [f"--{kind}", str(workspace / f"report.{kind}")]
        found = _measured(command, workspace)
        sizes = ", ".join(
            f"{kind} {(workspace / f'report.{kind}').stat().st_size / (1 << 20):,.0f} MiB"
            for kind in reports
        )
        print(
            f"dry run, {orders:,} {'orders of a history' if history else 'ten-line orders'} "
            f"({path.stat().st_size / (1 << 20):,.0f} MiB), {processes} processes"
            + (f", with {sizes}" if sizes else "")
        )
        print(
            f"  {found.seconds:.1f} s, {orders / found.seconds:,.0f} orders per second; processor "
            f"time {found.processor_s:.1f} s, {found.processor_s * 1000 / orders:.2f} ms per order"
        )
        early, late = found.part(0.2, 0.3), found.part(0.8, 0.9)
        print(
            f"  memory of all processes: {early:.0f} MiB in the third tenth, {late:.0f} in the "
            f"ninth ({late / early:.2f} times), {found.part(0, 1):.0f} at most",
            flush=True,
        )


def _measured(command: list[str], workspace: Path) -> Measured:
    with (workspace / "out.txt").open("w") as out, (workspace / "err.txt").open("w") as errors:
        started, before = time.perf_counter(), _processor_s()
        process = subprocess.Popen(command, stdout=out, stderr=errors)
        samples: list[float] = []
        done = threading.Event()

        def sample() -> None:
            while not done.wait(SAMPLE_S):
                samples.append(_tree_mib(process.pid))

        sampler = threading.Thread(target=sample)
        sampler.start()
        code = process.wait()
        seconds = time.perf_counter() - started
        done.set()
        sampler.join()
    if code not in WENT_THROUGH:
        raise RuntimeError((workspace / "err.txt").read_text(encoding="utf-8")[-2000:])
    print((workspace / "out.txt").read_text(encoding="utf-8").splitlines()[-1])
    return Measured(seconds, _processor_s() - before, tuple(samples))


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tree_mib(pid: int) -> float:
    """Return the resident memory of a process and of those that it started, each counted whole."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return pages * PAGE_MIB + sum(_tree_mib(int(child)) for child in children)


def _multiplied(history: Path, orders: int) -> Iterator[str]:
    """Yield the lines of *orders* orders: those of the history, again and again under new names."""
    (file,) = sorted(history.glob("orders_*.tsv"))[-1:]
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t"))
    past = [
        "".join("\t".join(row) + "\n" for row in order)
        for _, order in groupby(rows, lambda row: row[0])
    ]
    for number in range(orders):
        round_, which = divmod(number, len(past))
        yield "".join(f"{round_:03d}-{line}" for line in past[which].splitlines(keepends=True))


def _settings(workspace: Path, history: Path | None) -> Path:
    name = "globalbike" if history else "shopify"
    channel = {
        "path": str(workspace),
        "profile": str(shipped(f"config/channels/{name}.yaml")),
        "rules": str(shipped(f"config/mappings/{name}.yaml")),
    }
    if history:
        channel["tables"] = str(history)
    file = workspace / "connector.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "store": {"url": f"sqlite:///{workspace / 'connector.sqlite3'}"},
                "erp": {"driver": "simulator"},
                "plans": str(shipped("config/plans")),
                "channels": {name: channel},
            }
        ),
        encoding="utf-8",
    )
    return file


def main() -> None:
    """Run what the arguments say."""
    parser = argparse.ArgumentParser(prog="benchmarks.dry_run", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--history", type=Path, help="folder with orders_YEAR.tsv and tables")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--html", action="append_const", dest="reports", const="html")
    parser.add_argument("--xlsx", action="append_const", dest="reports", const="xlsx")
    arguments = parser.parse_args()
    run(arguments.orders, arguments.history, arguments.processes, arguments.reports or [])


if __name__ == "__main__":
    main()
