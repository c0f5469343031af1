"""What reconciliation costs, against a bare join of the same records."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from benchmarks.ledger import Ledger
from benchmarks.reconciliation_part import extract_of
from connector.kept_extract.file import remove
from connector.store.sqlite import sqlite_url

#: What changes between the first run and the second.
CHANGED = 1_000


def measure(items: int) -> None:
    """
    Print seconds and memory for *items* customer lines, a tenth of them open: of a bare join of
    tables, of reading the same records as a run and joining them, and of a first run and a re-run
    of the connector on both databases.

    Each part is a process of its own; made-up records are made while they are read, which counts as
    reading.
    """
    ledger = Ledger(items, items // 10)
    later = replace(ledger, paid_since=min(CHANGED, ledger.open_items))
    print(
        f"reconciliation, {items:,} customer lines, {ledger.open_items:,} of them open, "
        f"{ledger.sales:,} orders; {later.paid_since:,} of the invoices are paid before the re-run"
    )
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as name:
        part("tables", ledger, name)
        bare = part("floor", ledger, name)
        _tell("bare join of files", bare)
    for database, url in chain(_sqlite(), _postgresql()):
        extract = extract_of(url)
        remove(extract)
        part("store", ledger, url)
        floor = part("reading", ledger, url)
        _tell(f"{database}, reading, bare join", floor)
        first = part("run", ledger, url)
        _tell(f"{database}, first run", first, floor, bare)
        part("changes", later, url)
        second = part("run", later, url)
        _tell(f"{database}, re-run", second, floor, bare)
        speed = _total(first, "processor") / _total(second, "processor")
        print(
            f"    first run / re-run {speed:.1f}; "
            f"kept extract {extract.stat().st_size / 2**20:,.0f} MiB",
            flush=True,
        )
        remove(extract)


def part(name: str, ledger: Ledger, where: str) -> dict[str, Any]:
    """Run one part in a process of its own, and return what it came to."""
    figures = (ledger.items, ledger.open_items, ledger.paid_since)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reconciliation_part", name, *map(str, figures), where],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _server() -> Iterator[str]:
    from tests.postgresql_server import PostgresqlServer

    server = PostgresqlServer()
    try:
        yield server.new_database(empty=True)
    finally:
        server.close()


def _sqlite() -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory(prefix="sd-connector-bench-") as name:
        yield "SQLite", sqlite_url(Path(name) / "store.sqlite3")


def _postgresql() -> Iterator[tuple[str, str]]:
    with _server() as url:
        yield "PostgreSQL", url


def _total(found: dict[str, Any], what: str = "seconds") -> float:
    figures: dict[str, float] = found[what]
    return sum(figures.values())


def _tell(title: str, found: dict[str, Any], *floors: dict[str, Any]) -> None:
    print(
        f"  {title:<30}{_total(found):>8.2f} s{_total(found, 'processor'):>8.2f} s of the processor"
        f"{found['peak_mib']:>8.0f} MiB"
    )
    phases = found["processor"].items()
    print(f"    {'  '.join(f'{name} {seconds:.2f}' for name, seconds in phases)}", flush=True)
    if floors:
        ratios = [_total(found, "processor") / _total(floor, "processor") for floor in floors]
        print(
            f"    {found['verdict']}; of reading the same and the bare join {ratios[0]:.2f} times, "
            f"of files and the bare join {ratios[1]:.0f} times",
            flush=True,
        )
