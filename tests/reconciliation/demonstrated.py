"""The demonstration, run until nothing is left to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.bootstrap import build
from connector.bootstrap.application import Application
from connector.bootstrap.demonstration import Wish, prepare, run_days


@contextmanager
def demonstrated(folder: Path, wish: Wish | None = None) -> Iterator[Application]:
    """Yield the application on the evening of the last day."""
    workspace = prepare(folder, wish or Wish(), fresh=True)
    with build(workspace.settings, clock=workspace.clock) as application:
        for _ in run_days(application):
            pass
        yield application
