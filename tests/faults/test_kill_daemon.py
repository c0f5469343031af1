"""
Kill -9 of `sd-connector run`: at a tick of its scheduler, in each of its jobs, while it shuts down.

The daemon is a real process on the machine's clock, and five orders wait for it in one file.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.__main__ import main
from connector.ports.step_state import Operation, StepState
from tests.faults.connector_process import prepare
from tests.faults.erp_process import ErpProcess, be_quiet, processes
from tests.faults.kill_moments import Moment
from tests.faults.kill_points import numbers_that_differ, views_of
from tests.faults.kill_stories import A_BATCH, BATCH

PATIENCE_S = 60
_SCHEDULE = "connector.daemon.schedule:Schedule"
_JOBS = "connector.daemon.jobs:Jobs"
_SUBMIT = "connector.sync.submit"

#: What happens to the daemon, in order; the last of it kills.
DEATHS: dict[str, tuple[Moment, ...]] = {
    "at the first tick": (Moment("a job begins", f"{_SCHEDULE}._run"),),
    "at a later tick": (Moment("a job has ended", f"{_SCHEDULE}._run", True, 9),),
    "after intake": (Moment("intake has ended", f"{_JOBS}.intake", True),),
    "before it advances": (Moment("it is to advance", f"{_JOBS}.advance", call=2),),
    "after it advanced": (Moment("it has advanced", f"{_JOBS}.advance", True, 2),),
    "in the status pull": (
        Moment("a chain is read", "connector.store.mirror:SqlMirror.store", call=2),
    ),
    "writing its sign of life": (
        Moment("the heartbeat is due", "connector.daemon.service:write_heartbeat", call=3),
    ),
    "writing its log": (
        Moment("events are logged", "connector.daemon.event_log:EventLog.write", True, 3),
    ),
    "stopping, in a write": (
        Moment("it is told to stop", f"{_SUBMIT}:perform", signal=signal.SIGTERM),
        Moment("the write is done", f"{_SUBMIT}:perform", True),
    ),
    "stopping, before the write is noted": (
        Moment("it is told to stop", f"{_SUBMIT}:perform", signal=signal.SIGTERM, call=2),
        Moment("it is to be noted", f"{_SUBMIT}:finish", call=2),
    ),
    "stopping, with all work at its end": (
        Moment("it is told to stop", f"{_SUBMIT}:perform", signal=signal.SIGTERM),
        Moment("all jobs have ended", f"{_SCHEDULE}.run", True),
    ),
}


def run_daemon(folder: Path, moments: tuple[Moment, ...]) -> None:
    """Run `sd-connector run`; the process's main function."""
    be_quiet()
    os.chdir(folder)
    with (folder / "daemon.log").open("a") as log:
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    for moment in moments:
        moment.arm()
    sys.argv = ["sd-connector", "--config", str(folder / "connector.yaml"), "run"]
    main()


def start(folder: Path, moments: tuple[Moment, ...] = ()) -> Any:
    """Start a daemon and return its process."""
    process = processes.Process(target=run_daemon, args=(folder, moments), daemon=True)
    process.start()
    return process


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ErpProcess]:
    be_quiet()
    with ErpProcess("s4-mixed", tmp_path_factory.mktemp("erp"), is_live=True) as found:
        yield found


def orders(reference: str) -> dict[str, Any]:
    """Return a message with orders for some later day."""
    now = datetime.now(UTC)
    day = f"{(now + timedelta(days=14)).date()}"
    order = {
        "ordered_at": now.isoformat(),
        "currency": "EUR",
        "customer": "1001",
        "requested_delivery_date": day,
        "lines": [
            {"id": "10", "product": "M-01", "quantity": "1", "unit": "PC", "price": "100.00"}
        ],
    }
    names = [reference, *(f"{reference}/{number}" for number in range(1, BATCH))]
    return {"orders": [{**order, "id": name} for name in names]}


def prepared(folder: Path, erp: ErpProcess, reference: str) -> Path:
    """Write settings with short intervals, and let the orders arrive."""
    prepare(folder, A_BATCH, erp.profile, erp.addresses)
    file = folder / "connector.yaml"
    intervals = dict.fromkeys(("intake_s", "advance_s", "status_s", "heartbeat_s"), 0.2)
    content = yaml.safe_load(file.read_text("utf-8"))
    daemon = {**intervals, "payments_s": 3600, "reconcile_s": 3600, "heartbeat": "alive.json"}
    file.write_text(yaml.safe_dump({**content, "daemon": daemon}), "utf-8")
    (folder / "inbox" / "orders.json").write_text(json.dumps(orders(reference)), "utf-8")
    return folder


def is_at_work(folder: Path) -> bool:
    """Tell whether the daemon's jobs run, so that it knows what SIGTERM means."""
    try:
        return bool(json.loads((folder / "alive.json").read_text("utf-8"))["jobs"])
    except FileNotFoundError:
        return False


def all_done(folder: Path) -> bool:
    """Tell whether each order has its sales order, and is read back."""
    views = views_of(folder)
    return len(views) == BATCH and all(
        (step := view.step(Operation.CREATE_SALES_ORDER)) is not None
        and step.state is StepState.DONE
        and view.flow.is_mirrored
        for view in views
    )


@pytest.mark.kill_proof
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(how, marks=() if how == "stopping, in a write" else pytest.mark.torture)
        for how in DEATHS
    ],
)
def test_a_killed_daemon_goes_on_where_it_was(how: str, erp: ErpProcess, tmp_path: Path) -> None:
    reference = f"EXT-{7001 + list(DEATHS).index(how)}"
    folder = prepared(tmp_path / "daemon", erp, reference)
    killed = start(folder, DEATHS[how])
    killed.join(PATIENCE_S)
    assert killed.exitcode == -signal.SIGKILL, (folder / "daemon.log").read_text("utf-8")

    (folder / "alive.json").unlink(missing_ok=True)
    again = start(folder)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not (is_at_work(folder) and all_done(folder)):
            assert time.monotonic() < deadline, (folder / "daemon.log").read_text("utf-8")
            assert again.is_alive(), (folder / "daemon.log").read_text("utf-8")
            time.sleep(0.1)
    finally:
        os.kill(again.pid, signal.SIGTERM)
        again.join(PATIENCE_S)
    assert again.exitcode == 0
    found = erp.found(reference)
    assert {kind: len(numbers) for kind, numbers in found.items()} == {"C": BATCH}
    assert numbers_that_differ(found, views_of(folder)) == ""
    assert not [path for path in (folder / "inbox").iterdir() if path.is_file()]
