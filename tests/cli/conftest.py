"""The command line as tests run it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from typer.testing import CliRunner, Result

from connector.cli.app import app
from connector.clock import SystemClock
from connector.resources import shipped
from tests.cli.mappings import OwnMapping

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the machine, and logging as it was before."""
    for name in os.environ:
        if name.startswith("SD_CONNECTOR__") or name == "SD_CONNECTOR_CONFIG":
            monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def day_after_the_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands in this process run on the day after the shipped orders, whatever day it is."""
    start, began = datetime(2026, 11, 17, 9, tzinfo=UTC), time.monotonic()

    def now(clock: SystemClock) -> datetime:
        return start + timedelta(seconds=time.monotonic() - began)

    monkeypatch.setattr(SystemClock, "now", now)


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def _run(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(app, [str(each) for each in arguments], **options)

    return _run


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start a command as a process of its own, with text on both outputs."""
    return subprocess.Popen(
        [sys.executable, "-m", "connector", *(str(each) for each in arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve a simulated ERP in a process of its own; ends it after the test."""
    processes: list[subprocess.Popen[str]] = []

    def _serve(*arguments: object) -> dict[str, Any]:
        process = start("simulator", "serve", *arguments)
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        return {**json.loads(line), "process": process}

    yield _serve
    for process in processes:
        process.terminate()
        process.communicate(timeout=20)


@dataclass(frozen=True)
class Shop:
    """A web shop's connector: settings, a drop folder, and orders to drop into it."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "connector.yaml"

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    def set(self, **sections: Any) -> None:
        """Change sections of the settings; nested tables are merged."""
        content = yaml.safe_load(self.config.read_text("utf-8"))
        self.config.write_text(yaml.safe_dump(_merged(content, sections)), "utf-8")

    def order(self, case: str = "one-line", **changes: Any) -> dict[str, Any]:
        """Return one of the shipped orders, with fields of the order or its first line changed."""
        text = (shipped(f"fixtures/orders/shopify/{case}") / "order.json").read_text("utf-8")
        message: dict[str, Any] = json.loads(text)
        for name, value in changes.items():
            order = message["order"]
            target = order if name in order else order["line_items"][0]
            assert name in target
            target[name] = value
        return message

    def drop(self, message: object, name: str = "order.json") -> Path:
        """Drop a message (as JSON, unless it is bytes) and return the file."""
        content = message if isinstance(message, bytes) else json.dumps(message).encode()
        file = self.inbox / name
        file.write_bytes(content)
        return file


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}
    return new


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop whose ERP is simulated in the process, with a state file of its own."""
    shop = Shop(tmp_path / "shop")
    shop.inbox.mkdir(parents=True)
    config = shipped("config")
    content = {
        "store": {"url": "sqlite:///store.sqlite3"},
        "erp": {
            "simulator": {"state": "erp.sqlite3"},
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
        "daemon": {"heartbeat": "heartbeat.json"},
        "log": {"level": "error"},
    }
    shop.config.write_text(yaml.safe_dump(content), "utf-8")
    return shop


@pytest.fixture
def connector(shop: Shop, run: Run) -> Run:
    """Run a command with the settings of the shop."""

    def _connector(*arguments: object, **options: Any) -> Result:
        return run("--config", shop.config, *arguments, **options)

    return _connector


@pytest.fixture
def own(shop: Shop) -> OwnMapping:
    """A copy of the mapping that the shop goes by, to be changed."""
    own = OwnMapping.copy(shop.folder / "own")
    shop.set(channels={"shopify": {"profile": str(own.profile), "rules": str(own.rules)}})
    return own
