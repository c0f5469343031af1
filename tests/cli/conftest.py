"""The command line as tests run it: in this process, or as a process of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner, Result

from connector.cli.app import app

Run = Callable[..., Result]
Serve = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No settings of the machine, and logging as it was before."""
    for name in os.environ:
        if name.upper().startswith("SD_CONNECTOR"):
            monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


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
