"""
The daemon's sign of life: a small file, replaced as a whole.

A file and not a row, so that asking for health needs no right to write to the store, and tells a
daemon that hangs on its store from one that runs.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connector.errors import ConfigurationError

#: So many signs may be missing before the daemon counts as dead.
_MISSED_SIGNS = 3


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    When the daemon was last alive, in which process, and how its jobs ended last.

    ``every_s`` is how often it gives a sign; ``jobs`` is ``ok`` or what went wrong, by job.
    """

    at: datetime
    process: int
    every_s: float
    jobs: dict[str, str]

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the next sign is not overdue."""
        return now - self.at <= timedelta(seconds=self.every_s * _MISSED_SIGNS)

    @property
    def failed_jobs(self) -> dict[str, str]:
        """The jobs whose last run failed, and why."""
        return {name: outcome for name, outcome in self.jobs.items() if outcome != "ok"}


def write_heartbeat(path: Path, heartbeat: Heartbeat) -> None:
    """
    Replace the file at *path*.

    Raises:
        ConfigurationError: it cannot be written.
    """
    content = {
        "at": heartbeat.at.isoformat(),
        "process": heartbeat.process,
        "every_s": heartbeat.every_s,
        "jobs": heartbeat.jobs,
    }
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content), "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"daemon.heartbeat: {path}",
            f"the file cannot be written: {error.strerror}",
            "Name a file in a folder that this user may write to",
        ) from error


def read_heartbeat(path: Path) -> Heartbeat | None:
    """Return the last sign of life, None when there is none (or no longer a readable one)."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return Heartbeat(
            at=datetime.fromisoformat(content["at"]),
            process=int(content["process"]),
            every_s=float(content["every_s"]),
            jobs=dict(content["jobs"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
