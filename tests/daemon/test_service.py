"""The daemon works on its intervals, waits for an ERP that is away, and ends cleanly."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connector.errors import ConfigurationError, LogonRefusedError
from connector.resources import shipped
from connector.store.sql_store import open_reader

#: Long enough for a loaded machine; no test waits that long unless it fails.
PATIENCE_S = 40.0

Start = Callable[..., subprocess.Popen[str]]


def eventually(condition: Callable[[], Any]) -> Any:
    """Return the first true value of *condition*."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command as a process of its own; what still runs is killed after the test."""
    processes: list[subprocess.Popen[str]] = []

    def _start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SD_CONNECTOR")}
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", *(str(each) for each in arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**clean, **environment},
        )
        processes.append(process)
        return process

    yield _start
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path


def settings(folder: Path, **changes: Any) -> Path:
    """Write settings with short intervals; returns the file."""
    config = shipped("config")
    content: dict[str, Any] = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "erp": {
            "simulator": {"state": "erp.sqlite3", "engine": {"job_interval": 0.2}},
            "transport": {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"},
        },
        "channels": {
            "shopify": {
                "path": "inbox",
                "settle_s": 0,
                "patterns": ["*.json"],
                "profile": str(config / "channels/shopify.yaml"),
                "rules": str(config / "mappings/shopify.yaml"),
            }
        },
        "plans": str(config / "plans"),
        "daemon": {
            "heartbeat": "heartbeat.json",
            "heartbeat_s": 0.2,
            "intake_s": 0.2,
            "advance_s": 0.2,
            "status_s": 0.3,
            "payments_s": 0.5,
            "reconcile_s": 0.5,
            "shutdown_s": 20,
        },
        **changes,
    }
    file = folder / "connector.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    return file


def drop(folder: Path) -> None:
    source = shipped("fixtures/orders/shopify/one-line") / "order.json"
    (folder / "inbox/order.json").write_bytes(source.read_bytes())


def flow(folder: Path) -> Any:
    """Return the one order as the store has it now, None while there is none."""
    try:
        store = open_reader(f"sqlite:///{folder}/store.sqlite3")
    except ConfigurationError:
        return None  # the daemon is still making it
    try:
        return next(store.all_views(), None)
    finally:
        store.close()


def heartbeat(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "heartbeat.json").read_text())
    except FileNotFoundError:
        return {}
    return found


def log_of(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    _, errors = process.communicate(timeout=PATIENCE_S)
    return [json.loads(line) for line in errors.splitlines()]


def test_an_order_becomes_paid_and_sigterm_ends_with_0(folder: Path, start: Start) -> None:
    drop(folder)
    daemon = start("--config", settings(folder), "run")

    eventually(lambda: (view := flow(folder)) and view.flow.closed_at)
    health = start("--config", folder / "connector.yaml", "health", "--json")
    healthy, _ = health.communicate(timeout=PATIENCE_S)
    daemon.send_signal(signal.SIGTERM)
    lines = log_of(daemon)

    assert daemon.returncode == 0
    assert health.returncode == 0, healthy
    assert json.loads(healthy)["orders"]["completed"] == 1
    told = [line["event"] for line in lines]
    assert told[-1] == "ended"
    assert told.count("order received") == told.count("flow completed") == 1
    created = [line for line in lines if line["event"] == "document created"]
    assert {line["external_id"] for line in created} == {"6100000001013"}
    assert created[0]["document"] == "1"
    assert created[0]["step"]
    assert lines[-1]["cut_short"] is False
    assert not (folder / "heartbeat.json").exists()


def test_logs_name_no_person(folder: Path, start: Start) -> None:
    drop(folder)
    file = settings(folder, log={"level": "debug"})
    daemon = start("--config", file, "run")

    eventually(lambda: (view := flow(folder)) and view.flow.closed_at)
    daemon.send_signal(signal.SIGINT)
    text = json.dumps(log_of(daemon))

    message = json.loads((folder / "inbox/done/order.json").read_text())["order"]
    address = message["shipping_address"] or message["billing_address"]
    assert daemon.returncode == 0
    assert "create sales order" in text or "BAPI_SALESORDER_CREATEFROMDAT2" in text
    for private in (address["last_name"], address["address1"], message["email"]):
        assert private
        assert private not in text


def test_an_erp_that_is_away_is_waited_for_and_nothing_is_parked(
    folder: Path, start: Start
) -> None:
    erp = start("simulator", "serve", "--option", "engine.job_interval=0.2")
    assert erp.stdout is not None
    address = json.loads(erp.stdout.readline())["rfc"]
    erp.terminate()
    erp.communicate(timeout=PATIENCE_S)
    drop(folder)
    transport = {"clearing_function": "Z_SD_CONNECTOR_POST_CLEAR"}
    file = settings(folder, erp={"simulator": {"address": address}, "transport": transport})
    daemon = start("--config", file, "run")

    eventually(lambda: heartbeat(folder).get("jobs", {}).get("status", "ok") != "ok")
    waiting = eventually(lambda: flow(folder))
    port = address.rpartition(":")[2]
    start("simulator", "serve", "--rfc-port", port, "--option", "engine.job_interval=0.2")
    done = eventually(lambda: (view := flow(folder)) and view.flow.closed_at and view)
    daemon.send_signal(signal.SIGTERM)
    events = [line["event"] for line in log_of(daemon)]

    assert waiting.holds == ()
    assert waiting.steps == ()
    assert all(step.attempt == 1 for step in done.steps)
    assert daemon.returncode == 0
    assert events.count("the ERP cannot be reached, waiting for it") == 1
    assert events.count("the ERP can be reached again") == 1


def test_a_refused_logon_ends_the_daemon_with_2_after_one_try(folder: Path, start: Start) -> None:
    erp = start("simulator", "serve", "--user", "SHOP", "--password", "right", "--log-calls", "-")
    assert erp.stdout is not None
    address = json.loads(erp.stdout.readline())["rfc"]
    file = settings(folder, erp={"simulator": {"address": address, "user": "SHOP"}})

    daemon = start("--config", file, "run", SD_CONNECTOR__ERP__SIMULATOR__PASSWORD="wrong")
    _, errors = daemon.communicate(timeout=PATIENCE_S)

    assert daemon.returncode == 2
    assert "password" in errors.splitlines()[-1].lower()
    assert "Traceback" not in errors
    assert errors.count("logon refused, the daemon stops") == 1


class RefusingErp:
    """Refuses every logon, slowly enough for the other jobs to begin, and counts the tries."""

    def __init__(self) -> None:
        self.tries: list[str] = []

    def close(self) -> None:
        """Nothing is open."""

    def ping(self) -> None:
        self._refuse("ping")

    def __getattr__(self, name: str) -> Any:
        self._refuse(name)

    def _refuse(self, name: str) -> None:
        self.tries.append(name)
        time.sleep(0.3)
        raise LogonRefusedError("ERP logon", "the password is wrong")


def test_all_jobs_together_try_a_wrong_password_once(folder: Path) -> None:
    from connector.bootstrap import build
    from connector.bootstrap.reconciliation import run_reconciliation
    from connector.daemon.service import Service
    from connector.settings import load_settings

    erp = RefusingErp()
    drop(folder)
    with build(load_settings(settings(folder))) as application:
        application.__dict__["erp"] = erp
        service = Service(
            application,
            lambda key_date=None: run_reconciliation(application, key_date).verdict.value,
        )
        with pytest.raises(LogonRefusedError):
            service.run()

    assert erp.tries == ["ping"]


def test_a_stop_is_bounded_when_the_erp_does_not_answer(folder: Path, start: Start) -> None:
    erp = start("simulator", "serve", "--latency-ms", 60_000)
    assert erp.stdout is not None
    address = json.loads(erp.stdout.readline())["rfc"]
    file = settings(folder, erp={"simulator": {"address": address}})
    content = yaml.safe_load(file.read_text())
    content["daemon"]["shutdown_s"] = 0.3
    file.write_text(yaml.safe_dump(content))
    daemon = start("--config", file, "run")

    eventually(lambda: "intake" in heartbeat(folder).get("jobs", {}))
    daemon.send_signal(signal.SIGTERM)
    lines = log_of(daemon)
    erp.kill()

    assert daemon.returncode == 0
    assert lines[-1]["event"] == "ended"
    assert lines[-1]["cut_short"] is True


def test_a_second_daemon_on_the_same_store_is_refused(folder: Path, start: Start) -> None:
    file = settings(folder)
    first = start("--config", file, "run")
    eventually(lambda: heartbeat(folder))

    second = start("--config", file, "run")
    _, errors = second.communicate(timeout=PATIENCE_S)
    first.send_signal(signal.SIGTERM)
    first.communicate(timeout=PATIENCE_S)

    assert second.returncode == 2
    assert f"process {first.pid}" in errors
    assert first.returncode == 0


def test_metrics_are_offered_where_they_are_wanted(folder: Path, start: Start) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = settings(folder)
    content = yaml.safe_load(file.read_text())
    content["daemon"]["metrics_port"] = port
    file.write_text(yaml.safe_dump(content))
    daemon = start("--config", file, "run")

    def scraped() -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError:
            return ""

    found = eventually(lambda: (text := scraped()) and 'job="status"' in text and text)
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=PATIENCE_S)

    assert 'sd_connector_orders{state="open"} 0.0' in found
    assert daemon.returncode == 0


def test_health_tells_a_dead_daemon(folder: Path, start: Start) -> None:
    drop(folder)
    file = settings(folder)
    daemon = start("--config", file, "run")
    eventually(lambda: heartbeat(folder))
    daemon.kill()
    daemon.communicate(timeout=PATIENCE_S)
    time.sleep(0.7)

    health = start("--config", file, "health")
    said, _ = health.communicate(timeout=PATIENCE_S)

    assert health.returncode == 1
    assert "the last sign of life" in said
