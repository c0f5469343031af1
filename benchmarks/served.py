"""The simulated ERP in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.resources import shipped


@dataclass(frozen=True, slots=True)
class Served:
    """Where it answers: `host:port` over RFC, an address over HTTP."""

    rfc: str
    http: str


@contextmanager
def served_erp(more_master_data: Path, latency_ms: int, release: str = "ecc") -> Iterator[Served]:
    """Start `sd-connector simulator serve` and yield its addresses; stopped at the end."""
    command = [sys.executable, "-m", "connector", "simulator", "serve", "--rfc-port", "0"]
    command += ["--http-port", "0", "--latency-ms", str(latency_ms)]
    command += ["--option", f"face.profile={release}"]
    for folder in (shipped("fixtures/erp"), more_master_data):
        command += ["--master-data", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield Served(ready["rfc"], ready["http"])
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()
