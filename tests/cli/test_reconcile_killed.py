"""A reconciliation that is killed with its process: refused while it runs, closed afterwards."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connector.bootstrap import build
from connector.cli.app import app
from connector.ports.reconciliation import EntryKind, ReconciliationRunningError
from connector.settings import load_settings

#: Reconciles, and stays in the reading for as long as it is let.
READS_FOR_EVER = """
import sys, time
from connector.cli.app import app
from connector.kept_extract.keeping import KeptRun

def work(self, moment):
    print("reading", flush=True)
    time.sleep(600)

KeptRun.work = work
app(["--config", sys.argv[1], "reconcile", "run"])
"""


def test_a_killed_reconciliation_is_told_from_one_that_runs(tmp_path: Path) -> None:
    config = tmp_path / "workspace" / "connector.yaml"
    made = CliRunner().invoke(app, ["demo", "--workspace", str(config.parent)])
    assert made.exit_code == 0, made.output
    reconcile = ["--config", str(config), "reconcile", "run", "--key-date", "2026-11-17"]

    with subprocess.Popen(
        [sys.executable, "-c", READS_FOR_EVER, str(config)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "reading" in line:
                break
        with (
            build(load_settings(config), beside=True) as application,
            pytest.raises(ReconciliationRunningError, match=f"process {process.pid} "),
            application.reconciliation_log.exclusively("the test"),
        ):
            pass
        process.send_signal(signal.SIGKILL)
    repeated = CliRunner().invoke(app, reconcile)

    assert repeated.exit_code == 0, repeated.output
    with build(load_settings(config), read_only=True) as application:
        log = application.reconciliation_log
        (closed,) = log.entries([EntryKind.RUN_INTERRUPTED])
        finished = [entry.subject for entry in log.entries([EntryKind.RUN_FINISHED])]
    assert closed.subject not in finished
    assert closed.content["closed_by"] == finished[-1]
