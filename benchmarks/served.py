"""The simulated ERP in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.resources import shipped


@contextmanager
def served_erp(more_master_data: Path, latency_ms: int) -> Iterator[str]:
    """Start `sd-connector simulator serve` and yield its address; stopped at the end."""
    command = [sys.executable, "-m", "connector", "simulator", "serve", "--rfc-port", "0"]
    command += ["--latency-ms", str(latency_ms)]
    for folder in (shipped("fixtures/erp"), more_master_data):
        command += ["--master-data", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        yield ready["rfc"]
    finally:
        process.terminate()
        process.wait(timeout=30)
        if process.stdout is not None:
            process.stdout.close()
